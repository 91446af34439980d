/** One tab leads: of several open tabs only the one that holds the lock takes snapshots by itself. */

const LOCK = "wellbeing-snapshots";
const WISH = "wellbeing-lead";

/**
 * Calls `onChange(true)` once this tab leads, and `onChange(false)` when it has given the lead to a tab that asked for
 * it and `mayYield()` agreed. Returns how to ask. Without Web Locks every tab leads.
 */
export function whenLeading(onChange, mayYield) {
  if (!navigator.locks || !("BroadcastChannel" in window)) {
    onChange(true);
    return () => {};
  }
  const wishes = new BroadcastChannel(WISH);
  let release = null;
  wishes.addEventListener("message", () => {
    if (release && mayYield()) release();
  });
  lead();
  return () => wishes.postMessage("");

  async function lead() {
    await navigator.locks.request(LOCK, () => {
      onChange(true);
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    release = null;
    onChange(false);
    lead();
  }
}

/** Tells the other tabs, and hears from them, that the schedule changed. */
export function scheduleChannel(onChange) {
  if (!("BroadcastChannel" in window)) return () => {};
  const channel = new BroadcastChannel(LOCK);
  channel.addEventListener("message", onChange);
  return () => channel.postMessage("changed");
}
