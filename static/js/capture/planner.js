/** Snapshots by themselves: shows the next one, gives notice, and lets it be skipped. Only the leading tab acts. */

import { OwnMemory } from "../storage.js";
import { hasWord, word } from "../words.js";
import { call } from "./api.js";
import { permission } from "./camera.js";
import { clockWords, inWords, MINUTE, SECOND, startOfDay } from "./clock.js";
import { scheduleChannel, whenLeading } from "./leader.js";
import { Notice, Notifications } from "./notice.js";
import { isPaused, judge, momentOf, pauseBody, REFRESH, SNOOZE } from "./plan.js";
import { ScheduleForm } from "./schedule-form.js";
import { renewSession } from "./session.js";

const SEND_WITHOUT_ASKING = "send-without-asking";
const SNOOZED_UNTIL = "snoozed-until";
const RETRY = 30 * SECOND;
const TITLE = document.title;

export class Planner {
  #root;
  #notice;
  #data;
  #taking;
  #ledger;
  #form;
  #memory;
  #notifications;
  #plan = null;
  #skew = 0;
  #loadedAt = 0;
  #changes = 0;
  #isLeading = false;
  #isActing = false;
  #doneWith = null;
  #notified = null;
  #tellOthers;
  #askToLead;

  constructor(root, notice, data, taking, ledger) {
    this.#root = root;
    this.#notice = new Notice(notice);
    this.#data = data;
    this.#memory = new OwnMemory(data.person);
    this.#notifications = new Notifications(this.#memory, data.icon);
    this.#taking = taking;
    this.#ledger = ledger;
    this.#form = new ScheduleForm(this.#part("form"), { onSave: (body) => this.#save(body) });
    this.#tellOthers = scheduleChannel(() => this.load());
    this.#listen();
    // The tab that is seen leads: a hidden one opens no camera.
    this.#askToLead = whenLeading(
      (isLeading) => {
        this.#isLeading = isLeading;
        this.load();
      },
      () => document.hidden && !this.#isActing && !this.#taking.isBusy,
    );
  }

  async start() {
    await this.load();
    setInterval(() => this.#tick(), SECOND);
  }

  async load() {
    this.#loadedAt = Date.now();
    const changes = this.#changes;
    if (await this.#isGone()) return;
    try {
      const { data, skew } = await call(`${this.#data.api}schedule/`);
      // An answer from before a change must not undo what the change has shown since.
      if (changes === this.#changes) this.#take(data, skew);
    } catch {
      this.#write("next", this.#plan ? "" : word("plan-away"));
      this.#loadedAt = Date.now() - REFRESH + RETRY;
    }
  }

  /** Whether the person signed out, or another took their place: then there is no plan until they are back. */
  async #isGone() {
    const who = await renewSession(this.#data);
    if (who === "same" || who === "away") return false;
    this.#plan = null;
    this.#loadedAt = Date.now() - REFRESH + RETRY;
    document.title = TITLE;
    this.#write("why", "");
    this.#write("next", word(who === "out" ? "plan-signed-out" : "plan-other-person"));
    return true;
  }

  #take(plan, skew) {
    this.#plan = plan;
    this.#skew = skew;
    this.#form.fill(plan);
    this.#tick();
  }

  get #now() {
    return Date.now() + this.#skew;
  }

  #tick() {
    if (Date.now() - this.#loadedAt > REFRESH) this.load();
    if (!this.#plan || this.#isActing) return;
    if (!this.#isLeading && !document.hidden) this.#askToLead();
    const moment = momentOf(this.#plan);
    this.#tell(moment);
    const isOurs = this.#isLeading && moment !== null && moment.at !== this.#doneWith;
    const verdict = isOurs ? judge(moment, this.#now) : "none";
    document.title = verdict === "due" ? `● ${word("due-title")} · ${TITLE}` : TITLE;
    if (verdict === "missed") this.#miss(moment);
    else if (verdict === "due") this.#meet(moment);
  }

  /** A moment slept through, or left alone until it expired. */
  #miss(moment) {
    this.#doneWith = moment.at;
    this.#write("missed", word("missed", { time: clockWords(new Date(moment.at)) }));
    this.load();
  }

  /** Due now. A hidden page waits for its person; a snoozed moment for its time. */
  #meet(moment) {
    if (this.#taking.isBusy || this.#now < this.#snoozedUntil) return;
    if (!document.hidden) this.#act(moment);
    else if (this.#notified !== moment.at) {
      this.#notified = moment.at;
      this.#notifications.show().catch(() => {});
    }
  }

  async #act(moment) {
    this.#isActing = true;
    document.title = TITLE;
    this.#write("missed", "");
    try {
      if (await this.#isGone()) return;
      const mayOpen = (await permission()) === "granted";
      const answer = await this.#notice.ask({ mayOpen, patience: moment.expiresAt - this.#now });
      if (answer === "snooze") this.#memory.remember(SNOOZED_UNTIL, String(this.#now + SNOOZE));
      else if (answer !== "hidden") await this.#answer(answer, moment);
    } finally {
      this.#isActing = false;
    }
  }

  async #answer(answer, moment) {
    this.#doneWith = moment.at;
    // The computer may have slept since the question was put: a yes counts only while the moment lasts.
    if (answer === "slept" || (answer === "now" && judge(moment, this.#now) !== "due")) this.#miss(moment);
    else if (answer === "now") await this.#taking.take({ trigger: "scheduled", sendAtOnce: this.#sendsAtOnce });
    else if (answer === "late") this.#write("missed", word("left-out"));
    else {
      this.#ledger.note({ use: crypto.randomUUID(), trigger: "scheduled", ended: "skipped" });
      this.#taking.say(word("skipped"));
    }
    await this.#change("schedule/done/", "POST", { moment: moment.name }, "");
  }

  #tell(moment) {
    const paused = isPaused(this.#plan, this.#now);
    this.#part("resume").hidden = !paused;
    this.#part("pauses").hidden = !this.#plan.enabled || paused;
    this.#write("next", this.#tellNext(moment, paused));
    this.#write("why", this.#tellWhy(moment, paused));
  }

  #tellNext(moment, paused) {
    if (moment === null) return "";
    const pause = paused ? `${word("paused-until", { time: clockWords(new Date(this.#plan.paused_until)) })} ` : "";
    const snoozed = this.#snoozedUntil;
    if (moment.at > this.#now)
      return pause + word("next-at", { time: clockWords(new Date(moment.at)), wait: inWords(moment.at - this.#now) });
    if (snoozed > this.#now && snoozed < moment.expiresAt)
      return word("asks-again", { wait: inWords(snoozed - this.#now) });
    return pause + word("due-now", { time: clockWords(new Date(moment.expiresAt)) });
  }

  #tellWhy(moment, paused) {
    if (moment === null) return firstWord(`none-${this.#plan.why_none}`, "none");
    if (!this.#isLeading) return word("other-tab");
    return !paused && moment.at > this.#now ? firstWord(`wait-${this.#plan.why_wait}`) : "";
  }

  /** Live regions are written only when their text changes. */
  #write(name, text) {
    const part = this.#part(name);
    if (part.textContent !== text) part.textContent = text;
    part.hidden = !text;
  }

  #save(body) {
    return this.#change("schedule/", "PUT", body, word("saved"));
  }

  async #pause(kind) {
    const body = pauseBody(kind, new Date(), startOfDay);
    await this.#change("schedule/pause/", "POST", body, word(kind === "resume" ? "resumed" : "paused"));
  }

  /** Whether it was kept; `done` says so, and nothing is said without it. A token from before another sign-in is renewed once. */
  async #change(path, method, body, done, again = true) {
    this.#changes += 1;
    try {
      const { data, skew } = await call(`${this.#data.api}${path}`, { method, body, token: this.#data.token });
      this.#write("saved", done);
      this.#tellOthers();
      this.#loadedAt = Date.now();
      this.#take(data, skew);
      return true;
    } catch (error) {
      if (again && error.status === 403 && (await renewSession(this.#data)) === "same") {
        return this.#change(path, method, body, done, false);
      }
      if (done) this.#write("saved", word("not-saved", { why: error.message }));
      return false;
    }
  }

  get #sendsAtOnce() {
    return this.#memory.recall(SEND_WITHOUT_ASKING) === "yes";
  }

  get #snoozedUntil() {
    return Number(this.#memory.recall(SNOOZED_UNTIL) ?? 0);
  }

  #listen() {
    this.#part("form").addEventListener("input", () => this.#write("saved", ""));
    const silent = this.#part("send-without-asking");
    silent.checked = this.#sendsAtOnce;
    silent.addEventListener("change", () => this.#memory.remember(SEND_WITHOUT_ASKING, silent.checked ? "yes" : null));
    this.#notifications.wire(this.#part("notify"), this.#part("notify-line"));
    this.#root.addEventListener("click", (event) => {
      const kind = event.target.closest("[data-pause]")?.dataset.pause;
      if (kind) this.#pause(kind);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      if (Date.now() - this.#loadedAt > MINUTE) this.load();
      else this.#tick();
    });
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }
}

/** The first of these that the page has. */
function firstWord(...names) {
  const name = names.find(hasWord);
  return name ? word(name) : "";
}
