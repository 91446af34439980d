/** Time without surprises: everything is measured against the wall clock, so a sleeping laptop wakes up right. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", fail, { once: true });
    function finish() {
      signal?.removeEventListener("abort", fail);
      resolve();
    }
    function fail() {
      clearTimeout(timer);
      reject(signal.reason);
    }
  });
}

/** Calls `show` with seconds, seconds - 1, ... 1, one second apart. */
export async function countDown(seconds, show, signal) {
  for (let left = seconds; left > 0; left -= 1) {
    show(left);
    await sleep(SECOND, signal);
  }
}

/** "in 12 s", "in 4 min 05 s", "in 2 h 03 min": for a live countdown. */
export function inWords(ms) {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  if (seconds < 60) return `in ${seconds} s`;
  if (seconds < 3600) return `in ${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  return `in ${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** "14:30" today, "Tue 09:00" within a week, "Tue 3 Mar 09:00" later. */
export function clockWords(date, now = new Date()) {
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const weekday = date.toLocaleDateString("en", { weekday: "short" });
  if (Math.abs(date - now) < 6 * 24 * 60 * MINUTE) return `${weekday} ${time}`;
  return `${weekday} ${date.getDate()} ${date.toLocaleDateString("en", { month: "short" })} ${time}`;
}

/** The start of the local day that lies `days` ahead. */
export function startOfDay(now, days) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

function two(number) {
  return String(number).padStart(2, "0");
}
