/** What one tab tells the person's other tabs. Only that something happened: the server knows the rest. */

export function tell(what) {
  if ("BroadcastChannel" in window) new BroadcastChannel(what).postMessage("");
}

export function hear(what, onTold) {
  if ("BroadcastChannel" in window) new BroadcastChannel(what).addEventListener("message", onTold);
}
