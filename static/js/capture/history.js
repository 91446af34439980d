/** What became of today's snapshots, asked again while one is on its way. */

import { call } from "./api.js";
import { clockWords, SECOND } from "./clock.js";
import { isSignedOut } from "./session.js";
import { describe, isWaiting } from "./states.js";

const QUICK = SECOND;
const SLOW = 5 * SECOND;
const QUICK_TIMES = 15;

export class History {
  #root;
  #data;
  #timer = 0;
  #asked = 0;

  constructor(root, data) {
    this.#root = root;
    this.#data = data;
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** Asks now and goes on asking until nothing waits. */
  async refresh() {
    this.#asked = 0;
    await this.#ask();
  }

  /** Takes away what it shows, then asks what may be shown now. */
  async clear() {
    this.#empty();
    await this.refresh();
  }

  async #ask() {
    clearTimeout(this.#timer);
    let waits = true;
    try {
      const { data } = await call(`${this.#data.api}captures/`);
      this.#render(data);
      waits = data.some(isWaiting);
      this.#trouble("");
    } catch (error) {
      this.#explain(error);
    }
    this.#asked += 1;
    if (waits && !document.hidden)
      this.#timer = setTimeout(() => this.#ask(), this.#asked < QUICK_TIMES ? QUICK : SLOW);
  }

  #render(captures) {
    const today = new Date().toDateString();
    const list = captures.filter((capture) => new Date(capture.queued_at).toDateString() === today);
    this.#part("ask-first").hidden = !list.some((capture) => capture.ask_first);
    this.#part("list").replaceChildren(...list.map((capture) => this.#line(capture)));
    this.#part("empty").hidden = list.length > 0;
  }

  #line(capture) {
    const words = describe(capture, this.#data);
    const line = this.#part("line").content.firstElementChild.cloneNode(true);
    line.dataset.capture = capture.id;
    line.dataset.state = capture.state;
    const at = new Date(capture.queued_at);
    line.querySelector("time").textContent = clockWords(at);
    line.querySelector("time").dateTime = at.toISOString();
    line.querySelector("[data-text]").textContent = words.text;
    const badge = line.querySelector(".badge");
    badge.textContent = words.label;
    if (words.tone) badge.classList.add(`badge-${words.tone}`);
    if (words.link) line.querySelector("[data-text]").append(" ", this.#link(words.link));
    return line;
  }

  #link(text) {
    const link = document.createElement("a");
    link.href = this.#data.openVault;
    link.textContent = text;
    return link;
  }

  #explain(error) {
    const isOut = isSignedOut(error.status, error.code);
    if (isOut) this.#empty();
    this.#trouble(isOut ? "signed-out" : "away");
  }

  #empty() {
    this.#part("ask-first").hidden = true;
    this.#part("list").replaceChildren();
  }

  /** "" | "away" | "signed-out" */
  #trouble(kind) {
    for (const name of ["away", "signed-out"]) this.#part(name).hidden = name !== kind;
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }
}
