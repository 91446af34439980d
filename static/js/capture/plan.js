/** What a tick of the clock means for the next scheduled snapshot. Pure. */

import { MINUTE } from "./clock.js";

/** The notice before the camera is opened. */
export const NOTICE_SECONDS = 10;
/** "Not now" asks again after this long, if the moment has not expired by then. */
export const SNOOZE = 10 * MINUTE;
/** A still nobody answers is thrown away. */
export const ANSWER_TIME = 45_000;
export const REFRESH = 10 * MINUTE;

/** "none" | "wait" | "due" | "missed", for a moment {at, expiresAt} in ms (or null) at the time `now` in ms. */
export function judge(moment, now) {
  if (moment === null) return "none";
  if (now < moment.at) return "wait";
  return now < moment.expiresAt ? "due" : "missed";
}

/** The moment of a schedule: in ms, and under the `name` by which the API knows it again. */
export function momentOf(plan) {
  if (!plan?.next_at) return null;
  return { name: plan.next_at, at: Date.parse(plan.next_at), expiresAt: Date.parse(plan.expires_at) };
}

export function isPaused(plan, now) {
  return plan.paused_until !== null && Date.parse(plan.paused_until) > now;
}

/** Minutes or a moment for the API's pause, by the name of the button. */
export function pauseBody(kind, now, dayStart) {
  const days = { today: 1, tomorrow: 2, week: 7 }[kind];
  if (kind === "hour") return { minutes: 60 };
  return { until: days ? dayStart(now, days).toISOString() : null };
}
