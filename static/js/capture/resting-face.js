/** Three stills of the face at rest, by choice: what they show is taken off later readings. */

import { word } from "../words.js";
import { call } from "./api.js";
import { SECOND, sleep } from "./clock.js";

const TRIES = 30;

export class RestingFace {
  #root;
  #data;
  #taking;

  constructor(root, data, taking) {
    this.#root = root;
    this.#data = data;
    this.#taking = taking;
    root.addEventListener("click", (event) => {
      const wish = event.target.closest("[data-rest]")?.dataset.rest;
      if (wish === "learn") this.#learn();
      else if (wish === "forget") this.#forget();
    });
  }

  async #learn() {
    const needed = Number(this.#root.dataset.needed);
    for (let still = 1; still <= needed; still += 1) {
      this.#say(word("rest-still", { still, needed }));
      if ((await this.#taking.take({ trigger: "neutral" })) !== "sent") {
        this.#say(word("rest-stopped"));
        return;
      }
    }
    await this.#finish(needed);
  }

  /** The stills are read like any snapshot; then the vault's own pages learn from them. */
  async #finish(needed) {
    this.#say(word("rest-reading"));
    try {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const { data } = await call(`${this.#data.api}resting-face/`);
        if (data.stills >= needed) return await this.#keep();
        await sleep(SECOND);
      }
      this.#say(word("rest-unread"));
    } catch (error) {
      this.#explain(error);
    }
  }

  async #keep() {
    const { data } = await call(`${this.#data.api}resting-face/`, { method: "POST", token: this.#data.token });
    this.#show(data.learnt_on);
    this.#say(word("rest-learnt"));
  }

  async #forget() {
    try {
      await call(`${this.#data.api}resting-face/`, { method: "DELETE", token: this.#data.token });
      this.#show(null);
      this.#say(word("rest-forgotten"));
    } catch (error) {
      this.#explain(error);
    }
  }

  #explain(error) {
    const isLocked = error.code === "vault_locked";
    this.#say(isLocked ? word("rest-locked") : word("rest-failed", { why: error.message }));
  }

  #show(learntOn) {
    this.#part("learnt").hidden = !learntOn;
    this.#part("outdated")?.remove();
    this.#root.querySelector('[data-rest="forget"]').hidden = !learntOn;
  }

  #say(text) {
    const line = this.#part("rest-say");
    line.textContent = text;
    line.hidden = !text;
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }
}
