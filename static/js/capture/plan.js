/** What a tick of the clock means for the next scheduled snapshot. Pure. */

import { MINUTE, SECOND } from "./clock.js";

/** A snapshot may begin this late, no later: the server allows two minutes for notice, countdown and sending. */
export const GRACE = 45 * SECOND;
/** The notice before the camera is opened. */
export const NOTICE_SECONDS = 10;
/** A still nobody answers is thrown away. */
export const ANSWER_TIME = 45 * SECOND;

/** "none" | "wait" | "due" | "missed", for a moment in ms (or null) at the time `now` in ms. */
export function judge(nextAt, now) {
  if (nextAt === null) return "none";
  if (now < nextAt) return "wait";
  return now - nextAt <= GRACE ? "due" : "missed";
}

export const WHY_NONE = {
  off: "Off. Snapshots happen only when you press the button.",
  no_days: "No day is chosen, so there is no next one.",
  no_hours: "The hours begin and end at the same time, so there is no next one.",
  vault_required: "Waiting for your vault: make it first.",
  consent_required: "Waiting for your consent.",
};

export function isPaused(plan, now) {
  return plan.paused_until !== null && Date.parse(plan.paused_until) > now;
}

/** Minutes or a moment for the API's pause, by the name of the button. */
export function pauseBody(kind, now, dayStart) {
  if (kind === "hour") return { minutes: 60 };
  if (kind === "today") return { until: dayStart(now, 1).toISOString() };
  if (kind === "tomorrow") return { until: dayStart(now, 2).toISOString() };
  return { until: null };
}

export const REFRESH = 10 * MINUTE;
