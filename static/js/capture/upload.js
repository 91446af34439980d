/** Sends one picture, again with the same id while the network or the server is away, for at most a minute. */

import { SECOND, sleep } from "./clock.js";

export const KEEP_TRYING = 60 * SECOND;
const TRY_LIMIT = 20 * SECOND;
const AWAY = new Set([500, 502, 503, 504]);
const SIGNED_OUT = new Set(["not_authenticated", "authentication_failed"]);

/**
 * {kind: "accepted" | "too_often" | "signed_out" | "refused" | "lost", state?, code?, detail?, retryAfter?}.
 * Aborting the signal rejects; the caller then forgets the picture.
 */
export async function upload({ url, token, frame, signal, onWait = () => {}, patience = KEEP_TRYING }) {
  const started = Date.now();
  for (let attempt = 0; ; attempt += 1) {
    const response = await trySend(url, token, frame, signal);
    if (response && !AWAY.has(response.status)) return await readAnswer(response);
    const pause = Math.max(retryAfter(response, 0), Math.min(2 ** attempt, 8)) * SECOND;
    if (Date.now() - started + pause > patience) return { kind: "lost" };
    onWait();
    await sleep(pause, signal);
  }
}

async function trySend(url, token, frame, signal) {
  try {
    return await fetch(url, {
      method: "POST",
      body: frame,
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token },
      credentials: "same-origin",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_LIMIT)]),
    });
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function readAnswer(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return { kind: "accepted", state: answer.state };
  const { code = "", detail = "" } = answer;
  if (response.status === 429) return { kind: "too_often", code, detail, retryAfter: retryAfter(response, 60) };
  if (response.status === 401 || SIGNED_OUT.has(code)) return { kind: "signed_out", code, detail };
  return { kind: "refused", code, detail };
}

function retryAfter(response, otherwise) {
  const seconds = Number.parseInt(response?.headers.get("Retry-After") ?? "", 10);
  return Number.isFinite(seconds) ? seconds : otherwise;
}
