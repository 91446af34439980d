/**
 * Locks the screen when nobody is there: the server forgets an idle vault, this clears what it showed.
 *
 * While somebody moves in the page the server is told, at most once a minute. When the time is over, or the server knows
 * of no open vault any more, the page goes to where the vault is opened and returns here afterwards. A page that must
 * stay (the camera runs on it) listens for `vault:lapsed` on document, prevents the default and hides what is private
 * by itself.
 */

const chip = document.querySelector("[data-vault-idle]");
const idleMs = Number(chip?.dataset.vaultIdle) * 1000;
const tellEveryMs = Math.min(60_000, idleMs / 4);
// Named after the person: the tabs of whoever else signs in here have no say.
const tabs = new BroadcastChannel(`vault-${chip?.dataset.vaultPerson}`);
let lastMove = Date.now();
let lastTold = Date.now();
let lastHeard = Date.now();
let lapsed = false;

function noteMove() {
  look();
  if (lapsed) return;
  lastMove = Date.now();
  if (lastMove - lastTold >= tellEveryMs) stayAwake();
}

async function stayAwake() {
  lastTold = Date.now();
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const asked = { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" };
  try {
    hear(await fetch(chip.dataset.vaultAwake, asked));
  } catch {
    // Offline: the clock of this page still runs.
  }
}

/** Anything but a plain yes means that no vault is open here, or not this person's; a server in trouble said nothing. */
function hear(answer) {
  if (answer.ok) {
    lastHeard = Date.now();
    tabs.postMessage("awake");
  } else if (answer.status < 500) {
    // A 403 may mean no more than that this page is from before another sign-in.
    if (answer.status !== 403) tabs.postMessage("locked");
    lapse({ away: answer.status === 423 });
  }
}

function lapse({ away }) {
  if (lapsed) return;
  lapsed = true;
  const query = new URLSearchParams({ next: location.pathname });
  if (away) query.set("away", "1");
  const wayBack = `${chip.dataset.vaultOpen}?${query}`;
  if (document.dispatchEvent(new CustomEvent("vault:lapsed", { cancelable: true }))) location.replace(wayBack);
  else showLocked(wayBack);
}

function showLocked(wayBack) {
  const link = document.createElement("a");
  link.className = "vault-chip";
  link.href = wayBack;
  link.textContent = chip.dataset.vaultOpenWords;
  chip.replaceWith(link);
}

/** Nobody moved for too long, or the server was out of reach for so long that it has forgotten the vault. */
function look() {
  const now = Date.now();
  if (now - lastMove >= idleMs || now - lastHeard >= idleMs + tellEveryMs) lapse({ away: true });
}

/** Locking the vault, or signing out. */
function tellLocking({ target }) {
  const locks = target.action === new URL(chip.action, location.href).href || target.matches("[data-locks-vault]");
  if (!locks) return;
  tabs.postMessage("locked");
  // Once more when the server has answered: a quick tab may have found the vault still open.
  window.addEventListener("pagehide", () => tabs.postMessage("locked"));
}

if (chip) {
  tabs.postMessage("awake");
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    document.addEventListener(kind, noteMove, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000);
  tabs.addEventListener("message", ({ data }) => {
    if (data === "awake") lastMove = lastTold = lastHeard = Date.now();
    // The other tab's request needs a moment to arrive, or the page to open the vault would find it open.
    if (data === "locked") setTimeout(() => lapse({ away: false }), 1000);
  });
  document.addEventListener("submit", tellLocking);
}
