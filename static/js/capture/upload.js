/** Sends one snapshot, again with the same id while network, server or session are away, for at most a minute. */

import { SECOND, sleep } from "./clock.js";
import { isSignedOut, renewSession } from "./session.js";

export const KEEP_TRYING = 60 * SECOND;
const TRY_LIMIT = 20 * SECOND;
const LOOK_AGAIN = 3 * SECOND;
const AWAY = new Set([500, 502, 503, 504]);

/**
 * {kind: "accepted" | "too_often" | "signed_out" | "other_person" | "refused" | "lost", code?, detail?, retryAfter?}.
 * `onWait` hears "away" or "signed_out" while it waits. Aborting the signal rejects; the caller then forgets the frames.
 */
export async function upload({ data, id, trigger, frames, signal, onWait = () => {}, patience = KEEP_TRYING }) {
  const started = Date.now();
  const isOver = (pause) => Date.now() - started + pause > patience;
  let renewed = false;
  for (let attempt = 0; ; attempt += 1) {
    const response = await trySend(data, toForm(id, trigger, frames), signal);
    const answer = response && !AWAY.has(response.status) ? await readAnswer(response) : null;
    if (answer && answer.kind !== "signed_out") return answer;
    const pause = answer ? LOOK_AGAIN : Math.max(retryAfter(response, 0), Math.min(2 ** attempt, 8)) * SECOND;
    const session = answer ? await renewSession(data) : "away";
    if (session === "other") return { kind: "other_person" };
    if (session === "same" && !renewed) {
      renewed = true;
      continue;
    }
    if (isOver(pause)) return answer ?? { kind: "lost" };
    onWait(answer ? "signed_out" : "away");
    await sleep(pause, signal);
  }
}

function toForm(id, trigger, frames) {
  const form = new FormData();
  form.set("id", id);
  form.set("trigger", trigger);
  for (const frame of frames) form.append("frames", frame, "frame.jpg");
  return form;
}

async function trySend(data, body, signal) {
  try {
    return await fetch(`${data.api}captures/`, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": data.token },
      credentials: "same-origin",
      signal: within(TRY_LIMIT, signal),
    });
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** Aborted with `signal` or after that time, as the newest browsers could say in one line. */
function within(ms, signal) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  setTimeout(stop, ms);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  return controller.signal;
}

async function readAnswer(response) {
  const { state, code = "", detail = "" } = await response.json().catch(() => ({}));
  if (response.ok) return { kind: "accepted", state };
  if (response.status === 429) return { kind: "too_often", code, detail, retryAfter: retryAfter(response, 60) };
  return { kind: isSignedOut(response.status, code) ? "signed_out" : "refused", code, detail };
}

function retryAfter(response, otherwise) {
  const seconds = Number.parseInt(response?.headers.get("Retry-After") ?? "", 10);
  return Number.isFinite(seconds) ? seconds : otherwise;
}
