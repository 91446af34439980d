/** Snapshots by themselves: shows the next one, gives notice, and lets it be skipped. Only the leading tab acts. */

import { recall, remember } from "../storage.js";
import { call } from "./api.js";
import { permission } from "./camera.js";
import { clockWords, countDown, inWords, MINUTE, SECOND, sleep, startOfDay } from "./clock.js";
import { scheduleChannel, whenLeading } from "./leader.js";
import { GRACE, isPaused, judge, NOTICE_SECONDS, pauseBody, REFRESH, WHY_NONE } from "./plan.js";

const SEND_WITHOUT_ASKING = "send-without-asking";
const RETRY = 30 * SECOND;
const TITLE = document.title;

export class Planner {
  #root;
  #notice;
  #data;
  #taking;
  #plan = null;
  #skew = 0;
  #loadedAt = 0;
  #changes = 0;
  #isLeading = false;
  #isActing = false;
  #doneWith = null;
  #decide = () => {};
  #tellOthers;

  constructor(root, notice, data, taking) {
    this.#root = root;
    this.#notice = notice;
    this.#data = data;
    this.#taking = taking;
    this.#tellOthers = scheduleChannel(() => this.load());
    this.#listen();
    whenLeading(() => {
      this.#isLeading = true;
      this.load();
    });
  }

  async start() {
    await this.load();
    setInterval(() => this.#tick(), SECOND);
  }

  async load() {
    this.#loadedAt = Date.now();
    const changes = this.#changes;
    try {
      const { data, skew } = await call(`${this.#data.api}schedule/`);
      // An answer from before a change must not undo what the change has shown since.
      if (changes === this.#changes) this.#take(data, skew);
    } catch {
      this.#write("next", this.#plan ? "" : "The server is out of reach. I look again shortly.");
      this.#loadedAt = Date.now() - REFRESH + RETRY;
    }
  }

  #take(plan, skew) {
    this.#plan = plan;
    this.#skew = skew;
    this.#fill();
    this.#tick();
  }

  get #now() {
    return Date.now() + this.#skew;
  }

  #tick() {
    if (Date.now() - this.#loadedAt > REFRESH) this.load();
    if (!this.#plan || this.#isActing) return;
    const nextAt = this.#plan.next_at ? Date.parse(this.#plan.next_at) : null;
    this.#tell(nextAt);
    if (!this.#isLeading || nextAt === null || nextAt === this.#doneWith) return;
    const verdict = judge(nextAt, this.#now);
    document.title = verdict === "due" ? `● Snapshot? · ${TITLE}` : TITLE;
    if (verdict === "missed") this.#miss(nextAt);
    else if (verdict === "due" && !document.hidden && !this.#taking.isBusy) this.#act(nextAt);
  }

  #miss(nextAt) {
    this.#doneWith = nextAt;
    this.#write("missed", `The one at ${clockWords(new Date(nextAt))} was missed. It is not made up for.`);
    this.load();
  }

  async #act(nextAt) {
    this.#isActing = true;
    this.#doneWith = nextAt;
    document.title = TITLE;
    this.#write("missed", "");
    try {
      const answer = await this.#ask(nextAt);
      if (answer === "now") await this.#taking.take({ trigger: "scheduled", sendAtOnce: this.#sendsAtOnce });
      else if (answer === "pause") await this.#pause("hour");
      else if (answer === "late") this.#write("missed", "Nobody answered, so this one was left out.");
      else this.#taking.say("Skipped. Nothing was taken.");
    } finally {
      this.#notice.hidden = true;
      this.#isActing = false;
      await this.load();
    }
  }

  /** "now" | "skip" | "pause" | "late". Without a standing permission the camera is asked for only after a click. */
  async #ask(nextAt) {
    const mayOpen = (await permission()) === "granted";
    const decision = new Promise((resolve) => {
      this.#decide = resolve;
    });
    const controller = new AbortController();
    this.#notice.hidden = false;
    const silence = mayOpen ? this.#countdown(controller.signal) : this.#patience(nextAt, controller.signal);
    const answer = await Promise.race([decision, silence]);
    controller.abort();
    silence.catch(() => {});
    this.#notice.hidden = true;
    return document.hidden && answer === "now" ? "late" : answer;
  }

  async #countdown(signal) {
    const show = (left) => this.#say(`A snapshot in ${left} s`);
    await countDown(NOTICE_SECONDS, show, signal);
    return "now";
  }

  async #patience(nextAt, signal) {
    this.#say("Time for a snapshot. May I?");
    await sleep(Math.max(0, nextAt + GRACE - this.#now), signal);
    return "late";
  }

  #say(text) {
    this.#notice.querySelector('[data-part="notice-text"]').textContent = text;
  }

  #tell(nextAt) {
    const paused = isPaused(this.#plan, this.#now);
    this.#part("resume").hidden = !paused;
    this.#part("pauses").hidden = !this.#plan.enabled || paused;
    this.#write("why", "");
    if (nextAt === null) {
      this.#write("next", "");
      this.#write("why", WHY_NONE[this.#plan.why_none] ?? "No moment fits these days and hours.");
      return;
    }
    const pause = paused ? `Paused until ${clockWords(new Date(this.#plan.paused_until))}. ` : "";
    const until = nextAt > this.#now ? `, ${inWords(nextAt - this.#now)}` : ", now";
    this.#write("next", `${pause}Next at ${clockWords(new Date(nextAt))}${until}.`);
    this.#write("why", this.#isLeading ? "" : "Another tab is taking care of this.");
  }

  /** Live regions are written only when their text changes. */
  #write(name, text) {
    const part = this.#part(name);
    if (part.textContent !== text) part.textContent = text;
    part.hidden = !text;
  }

  #fill() {
    const form = this.#form;
    if (form.contains(document.activeElement) || form.dataset.touched) return;
    const { enabled, days, start, end, every_minutes: gap } = this.#plan;
    form.elements.enabled.checked = enabled;
    for (const box of form.querySelectorAll('[name="days"]')) box.checked = days.includes(Number(box.value));
    form.elements.start.value = start.slice(0, 5);
    form.elements.end.value = end.slice(0, 5);
    form.elements.every_minutes.value = gap;
  }

  #read() {
    const fields = new FormData(this.#form);
    return {
      enabled: fields.has("enabled"),
      days: fields.getAll("days").map(Number),
      start: fields.get("start"),
      end: fields.get("end"),
      every_minutes: Number(fields.get("every_minutes")),
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || this.#plan?.timezone || "UTC",
    };
  }

  async #save() {
    await this.#change("schedule/", "PUT", this.#read(), "Saved.");
    delete this.#form.dataset.touched;
  }

  async #pause(kind) {
    const body = pauseBody(kind, new Date(), startOfDay);
    await this.#change("schedule/pause/", "POST", body, kind === "resume" ? "Going on." : "Paused.");
  }

  async #change(path, method, body, done) {
    this.#changes += 1;
    try {
      const { data, skew } = await call(`${this.#data.api}${path}`, { method, body, token: this.#data.token });
      this.#write("saved", done);
      this.#tellOthers();
      if ("next_at" in data) this.#take(data, skew);
      else await this.load();
    } catch (error) {
      this.#write("saved", `That was not saved. ${error.message}`);
    }
  }

  get #sendsAtOnce() {
    return recall(SEND_WITHOUT_ASKING) === "yes";
  }

  get #form() {
    return this.#part("form");
  }

  #listen() {
    const form = this.#form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    form.addEventListener("input", () => {
      form.dataset.touched = "yes";
      this.#write("saved", "");
    });
    const silent = this.#part("send-without-asking");
    silent.checked = this.#sendsAtOnce;
    silent.addEventListener("change", () => remember(SEND_WITHOUT_ASKING, silent.checked ? "yes" : null));
    this.#part("zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    this.#root.addEventListener("click", (event) => {
      const kind = event.target.closest("[data-pause]")?.dataset.pause;
      if (kind) this.#pause(kind);
    });
    this.#notice.addEventListener("click", (event) => {
      const answer = event.target.closest("[data-answer]")?.dataset.answer;
      if (answer) this.#decide(answer);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.#loadedAt > MINUTE) this.load();
    });
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }
}
