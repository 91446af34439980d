/** A page that stays open all day outlives its session: who is signed in now, and with which token? */

import { ApiError, call } from "./api.js";

const SIGNED_OUT = new Set(["not_authenticated", "authentication_failed", "permission_denied"]);

/** Whether the server refused because of the session, also when the token is from before another sign-in. */
export const isSignedOut = (status, code) => status === 401 || (status === 403 && SIGNED_OUT.has(code));

/** "same" (with a fresh `data.token`), "other": somebody else is signed in, "out", or "away": no answer. */
export async function renewSession(data) {
  try {
    const answer = await call(`${data.api}session/`);
    if (answer.data.person !== data.person) return "other";
    data.token = answer.data.token;
    return "same";
  } catch (error) {
    return error instanceof ApiError && isSignedOut(error.status, error.code) ? "out" : "away";
  }
}
