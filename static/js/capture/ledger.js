/** The camera's ledger: every use is noted in the person's own journal, the discarded and refused ones too. */

import { ApiError, call } from "./api.js";
import { MINUTE, SECOND, sleep } from "./clock.js";
import { isSignedOut, renewSession } from "./session.js";

const KEEP_TRYING = 60 * MINUTE;
const FIRST_PAUSE = 5 * SECOND;

export class Ledger {
  #data;

  constructor(data) {
    this.#data = data;
  }

  /** Notes {use, trigger, ended}; while the network is away it tries again, and the server notes each use once. */
  async note(use) {
    const ended = Date.now();
    for (let pause = FIRST_PAUSE; Date.now() - ended < KEEP_TRYING; pause = Math.min(2 * pause, 5 * MINUTE)) {
      if (await this.#send({ ...use, seconds_ago: Math.round((Date.now() - ended) / SECOND) })) return;
      await sleep(pause);
    }
  }

  /** True once there is nothing more to try. */
  async #send(body) {
    try {
      await call(`${this.#data.api}camera-uses/`, { method: "POST", body, token: this.#data.token, keepalive: true });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) return false;
      if (isSignedOut(error.status, error.code)) return (await renewSession(this.#data)) === "other";
      return error.status < 500 && error.status !== 429;
    }
  }
}
