/** One tab leads: of several open tabs only the one that holds the lock takes snapshots by itself. */

const LOCK = "wellbeing-snapshots";

/** Calls `onLead` once this tab leads, now or when the others are closed. Without Web Locks every tab leads. */
export function whenLeading(onLead) {
  if (!navigator.locks) {
    onLead();
    return;
  }
  navigator.locks.request(LOCK, () => {
    onLead();
    return new Promise(() => {});
  });
}

/** Tells the other tabs, and hears from them, that the schedule changed. */
export function scheduleChannel(onChange) {
  if (!("BroadcastChannel" in window)) return () => {};
  const channel = new BroadcastChannel(LOCK);
  channel.addEventListener("message", onChange);
  return () => channel.postMessage("changed");
}
