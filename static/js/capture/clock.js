/** Time without surprises: everything is measured against the wall clock, so a sleeping laptop wakes up right. */

import { word } from "../words.js";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** No busy browser lets a visible page wait for so long: the computer was asleep. */
const SLEPT = 5 * SECOND;

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = Date.now() + ms;
    const timer = setTimeout(finish, ms);
    // Timers stand still while the computer sleeps, and would go on for what was left.
    const watch = setInterval(() => Date.now() >= end && finish(), SECOND);
    signal?.addEventListener("abort", fail, { once: true });
    function finish() {
      clear();
      resolve();
    }
    function fail() {
      clear();
      reject(signal.reason);
    }
    function clear() {
      clearTimeout(timer);
      clearInterval(watch);
      signal?.removeEventListener("abort", fail);
    }
  });
}

/** Whether what should have happened at `moment` comes so late that the computer must have slept. */
export const isSleptPast = (moment) => Date.now() - moment > SLEPT;

/** Calls `show` with seconds, seconds - 1, ... 1; resolves to whether the computer was awake all the time. */
export async function countDown(seconds, show, signal) {
  const end = Date.now() + seconds * SECOND;
  for (let left = seconds; left > 0; left = Math.min(left - 1, Math.ceil((end - Date.now()) / SECOND))) {
    const next = end - (left - 1) * SECOND;
    show(left);
    await sleep(Math.min(SECOND, next - Date.now()), signal);
    if (isSleptPast(next)) return false;
  }
  return true;
}

/** "in 12 s", "in 4 min 05 s", "in 2 h 03 min": for a live countdown. */
export function inWords(ms) {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  if (seconds < 60) return word("in-seconds", { seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return word("in-minutes", { minutes, seconds: two(seconds % 60) });
  return word("in-hours", { hours: Math.floor(minutes / 60), minutes: two(minutes % 60) });
}

/** "14:30" today, "Tue 09:00" within a week, "Tue 3 Mar 09:00" later. */
export function clockWords(date, now = new Date()) {
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const name = (part) => date.toLocaleDateString(document.documentElement.lang, { [part]: "short" });
  const weekday = name("weekday");
  if (Math.abs(date - now) < 6 * 24 * 60 * MINUTE) return word("weekday-time", { weekday, time });
  return word("date-time", { weekday, day: date.getDate(), month: name("month"), time });
}

/** The start of the local day that lies `days` ahead. */
export function startOfDay(now, days) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

function two(number) {
  return String(number).padStart(2, "0");
}
