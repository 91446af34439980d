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

export const WHY_NONE = {
  off: "Off. Snapshots happen only when you press the button.",
  no_days: "No day is chosen, so there is no next one.",
  no_hours: "The hours leave no time open, so there is no next one.",
  no_times: "No time lies within your hours, so there is no next one.",
  vault_required: "Waiting for your vault: make it first.",
  consent_required: "Waiting for your consent.",
};

export const WHY_WAIT = {
  day_off: "Today is not one of your days.",
  outside_hours: "Outside your hours just now.",
  quiet: "A quiet time just now.",
  done: "Done for today.",
};

export function isPaused(plan, now) {
  return plan.paused_until !== null && Date.parse(plan.paused_until) > now;
}

/** Minutes or a moment for the API's pause, by the name of the button. */
export function pauseBody(kind, now, dayStart) {
  const days = { today: 1, tomorrow: 2, week: 7 }[kind];
  if (kind === "hour") return { minutes: 60 };
  return { until: days ? dayStart(now, days).toISOString() : null };
}
