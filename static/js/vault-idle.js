/**
 * Locks the screen when nobody is there: the server forgets an idle vault, this clears what it showed.
 *
 * While somebody moves in the page the server is told, at most once a minute. When the time is over, the page goes to
 * where the vault is opened and returns here afterwards. A page that must stay (the camera runs on it) listens for
 * `vault:lapsed` on document, prevents the default and hides what is private by itself.
 */

const chip = document.querySelector("[data-vault-idle]");
const idleMs = Number(chip?.dataset.vaultIdle) * 1000;
const tellEveryMs = Math.min(60_000, idleMs / 4);
const tabs = new BroadcastChannel("vault");
let lastMove = Date.now();
let lastTold = Date.now();
let lapsed = false;

function noteMove() {
  lastMove = Date.now();
  if (!lapsed && lastMove - lastTold >= tellEveryMs) stayAwake();
}

async function stayAwake() {
  lastTold = Date.now();
  tabs.postMessage("awake");
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  try {
    const answer = await fetch(chip.dataset.vaultAwake, { method: "POST", headers: { "X-CSRFToken": token } });
    if (answer.status === 423) lapse({ away: true });
  } catch {
    // Offline: the clock of this page still runs.
  }
}

function lapse({ away }) {
  if (lapsed) return;
  lapsed = true;
  const query = new URLSearchParams({ next: location.pathname + location.search });
  if (away) query.set("away", "1");
  const wayBack = `${chip.dataset.vaultOpen}?${query}`;
  if (document.dispatchEvent(new CustomEvent("vault:lapsed", { cancelable: true }))) location.replace(wayBack);
  else showLocked(wayBack);
}

function showLocked(wayBack) {
  const link = document.createElement("a");
  link.className = "vault-chip";
  link.href = wayBack;
  link.textContent = "Open vault";
  chip.replaceWith(link);
}

function look() {
  if (Date.now() - lastMove >= idleMs) lapse({ away: true });
}

if (chip) {
  tabs.postMessage("awake");
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    document.addEventListener(kind, noteMove, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000);
  tabs.addEventListener("message", ({ data }) => {
    if (data === "awake") lastMove = lastTold = Date.now();
    // The other tab's request needs a moment to arrive, or the page to open the vault would find it open.
    if (data === "locked") setTimeout(() => lapse({ away: false }), 1000);
  });
  document.addEventListener("submit", ({ target }) => {
    if (target.action === new URL(chip.action, location.href).href) tabs.postMessage("locked");
  });
}
