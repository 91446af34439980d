/** The gentle notice before a scheduled snapshot, with its countdown; and one outside the page, where that is allowed. */

import { word } from "../words.js";
import { countDown, isSleptPast, sleep } from "./clock.js";
import { NOTICE_SECONDS } from "./plan.js";

const WISH = "notify";
const TAG = "snapshot-due";

export class Notice {
  #root;
  #decide = () => {};

  constructor(root) {
    this.#root = root;
    root.addEventListener("click", (event) => {
      const answer = event.target.closest("[data-answer]")?.dataset.answer;
      if (answer) this.#decide(answer);
    });
    document.addEventListener("visibilitychange", () => document.hidden && this.#decide("hidden"));
  }

  /**
   * "now" | "skip" | "snooze" | "late" | "slept" | "hidden". With `mayOpen` silence means "now" after the countdown;
   * without a standing permission the browser would ask, so silence means "late" after `patience` ms. A computer that
   * slept meanwhile answers "slept".
   */
  async ask({ mayOpen, patience }) {
    const decision = new Promise((resolve) => {
      this.#decide = resolve;
    });
    const controller = new AbortController();
    this.#root.hidden = false;
    const silence = mayOpen ? this.#countDown(controller.signal) : this.#wait(patience, controller.signal);
    silence.catch(() => {});
    const answer = await Promise.race([decision, silence]);
    controller.abort();
    this.#root.hidden = true;
    closeNotification();
    return document.hidden ? "hidden" : answer;
  }

  async #countDown(signal) {
    const wasAwake = await countDown(
      NOTICE_SECONDS,
      (left) => this.#say(word("notice-seconds", { seconds: left })),
      signal,
    );
    return wasAwake ? "now" : "slept";
  }

  async #wait(patience, signal) {
    this.#say(word("notice-question"));
    const end = Date.now() + patience;
    await sleep(Math.max(0, patience), signal);
    return isSleptPast(end) ? "slept" : "late";
  }

  #say(text) {
    this.#root.querySelector('[data-part="notice-text"]').textContent = text;
  }
}

/** Notices outside the page. They are off until the person and the browser agree. */
export class Notifications {
  #memory;
  #icon;

  constructor(memory, icon) {
    this.#memory = memory;
    this.#icon = icon;
  }

  /** Wires their switch. */
  wire(box, line) {
    if (!("Notification" in window) || !("serviceWorker" in navigator)) return;
    line.hidden = false;
    box.checked = this.#mayShow();
    box.addEventListener("change", async () => {
      if (box.checked && (await Notification.requestPermission()) !== "granted") box.checked = false;
      this.#memory.remember(WISH, box.checked ? "yes" : null);
    });
  }

  /** Says that a snapshot waits. A hidden page never opens the camera: the person comes to it first. */
  async show() {
    if (!this.#mayShow()) return;
    const registration = await navigator.serviceWorker.ready;
    await registration.showNotification(word("notification-title"), {
      body: word("notification-text"),
      tag: TAG,
      icon: this.#icon,
    });
  }

  #mayShow() {
    return this.#memory.recall(WISH) === "yes" && "Notification" in window && Notification.permission === "granted";
  }
}

async function closeNotification() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const shown = (await registration?.getNotifications({ tag: TAG })) ?? [];
  for (const notification of shown) notification.close();
}
