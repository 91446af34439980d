/** One snapshot from click to answer: open, look, count, still, send or discard. The camera is off before the answer. */

import { recall, remember } from "../storage.js";
import { word, wordNodes } from "../words.js";
import {
  closeCamera,
  drawStill,
  explain,
  isDenied,
  listCameras,
  mayUseCamera,
  openCamera,
  toJpeg,
  wipe,
} from "./camera.js";
import { countDown, isSleptPast, MINUTE, sleep } from "./clock.js";
import { ANSWER_TIME } from "./plan.js";
import { describeRefusal } from "./states.js";
import { upload } from "./upload.js";

const COUNT = 3;
const LOOKING_TIME = MINUTE;
const WITH_CAMERA = new Set(["opening", "looking", "counting", "shooting"]);
/** One blink or a moving hand should not decide a reading: three frames within a second and a half are averaged. */
const BURST = 3;
const BURST_GAP = 700;

/** A person or the page ended it; the message is shown as it is, `ended` goes into the ledger. */
class Stopped extends Error {
  constructor(message, ended = "stopped") {
    super(message);
    this.ended = ended;
  }
}

export class Taking {
  #root;
  #data;
  #ledger;
  #part;
  #indicator = document.querySelector("[data-camera-indicator]");
  #stream = null;
  #controller = null;
  #answer = () => {};

  constructor(root, data, ledger, { onAccepted }) {
    this.#root = root;
    this.#data = data;
    this.#ledger = ledger;
    this.#part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.onAccepted = onAccepted;
    this.onRefused = () => {};
    this.#listen();
    this.#show("idle");
  }

  get isBusy() {
    return this.#controller !== null;
  }

  say(text, tone = "info") {
    const line = this.#part("say");
    line.textContent = text;
    line.className = `alert alert-${tone}`;
    line.hidden = !text;
  }

  /** Ends whatever runs; the camera is off and the picture gone when this returns. */
  stop(message = "") {
    this.#controller?.abort(new Stopped(message));
    this.#darken();
  }

  /**
   * Resolves to how it ended: "sent" | "dropped" | "discarded" | "denied" | "failed" | "stopped"; what happened has been
   * said and stands in the ledger under the id of the capture.
   */
  async take({ trigger, look = false, sendAtOnce = false }) {
    if (this.isBusy) return "stopped";
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const use = crypto.randomUUID();
    let ended = "failed";
    this.say("");
    try {
      ended = await this.#run({ id: use, trigger, look, sendAtOnce }, signal);
    } catch (error) {
      // What breaks because it was stopped, such as a video about to play, is no trouble of the camera.
      ended = this.#tell(signal.aborted ? signal.reason : error);
    } finally {
      this.#darken();
      wipe(this.#part("still"));
      this.#controller = null;
      this.#show("idle");
      this.#ledger.note({ use, trigger, ended });
    }
    return ended;
  }

  async #run({ id, trigger, look, sendAtOnce }, signal) {
    await this.#open(signal);
    if (look) await this.#lookAround(signal);
    this.#show("counting");
    if (!(await countDown(COUNT, (left) => this.#count(left), signal))) throw new Stopped(word("slept"));
    const frames = await this.#shoot(signal);
    if (!sendAtOnce && !(await this.#isAccepted(trigger, signal))) {
      this.say(word("discarded"));
      return "discarded";
    }
    wipe(this.#part("still"));
    this.#show("sending");
    return this.#send(id, frames, trigger, signal);
  }

  async #open(signal) {
    if (!mayUseCamera()) throw new DOMException("", "Unsupported");
    this.#show("opening");
    this.#root.scrollIntoView({ block: "nearest" });
    const stream = await openCamera(recall("camera"));
    if (signal.aborted) closeCamera(stream);
    signal.throwIfAborted();
    this.#stream = stream;
    this.#indicate(true);
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.stop(word("unplugged")));
    const video = this.#part("video");
    video.srcObject = stream;
    await video.play();
    signal.throwIfAborted();
    await this.fillCameras();
  }

  async #lookAround(signal) {
    this.#show("looking");
    const answer = await Promise.race([this.#asked(), sleep(LOOKING_TIME, signal)]);
    if (answer !== "shoot") throw new Stopped(answer ? "" : word("looked-too-long"));
  }

  /** The frames of one burst; the last one stays on the page to be looked at, and the camera is off. */
  async #shoot(signal) {
    const canvas = this.#part("still");
    const frames = [];
    this.#show("shooting");
    for (let shot = 0; shot < BURST; shot += 1) {
      if (shot) await this.#rest(BURST_GAP, signal);
      if (!drawStill(this.#part("video"), canvas)) throw new Stopped(word("no-picture"), "failed");
      frames.push(toJpeg(canvas));
    }
    this.#darken();
    const taken = await Promise.all(frames);
    signal.throwIfAborted();
    return taken;
  }

  async #rest(ms, signal) {
    const end = Date.now() + ms;
    await sleep(ms, signal);
    if (isSleptPast(end)) throw new Stopped(word("slept"));
  }

  async #isAccepted(trigger, signal) {
    this.#show("still");
    if (trigger === "manual") this.#root.querySelector('[data-do="send"]').focus();
    const wait = trigger === "manual" ? 10 * MINUTE : ANSWER_TIME;
    const answer = await Promise.race([this.#asked(), sleep(wait, signal)]);
    if (!answer) throw new Stopped(word("nobody-answered"), "discarded");
    return answer === "send";
  }

  async #send(id, frames, trigger, signal) {
    const result = await upload({
      data: this.#data,
      id,
      trigger,
      frames,
      signal,
      onWait: (why) => this.#tellWait(why),
    });
    if (result.kind !== "accepted") {
      this.say(describeRefusal(result), "warning");
      this.onRefused();
      return "dropped";
    }
    this.say(word("sent"), "success");
    this.onAccepted();
    return "sent";
  }

  #tellWait(why) {
    const name = why === "away" ? "away" : "signed-out";
    this.say(word(name), "warning");
    this.#part("say").replaceChildren(...wordNodes(name));
  }

  #asked() {
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #tell(error) {
    if (error instanceof Stopped) {
      this.say(error.message, "info");
      return error.ended;
    }
    this.say(explain(error), "warning");
    return isDenied(error) ? "denied" : "failed";
  }

  #darken() {
    closeCamera(this.#stream);
    this.#stream = null;
    this.#part("video").srcObject = null;
    this.#indicate(false);
  }

  #indicate(isOn) {
    this.#indicator.hidden = !isOn;
    document.documentElement.dataset.camera = isOn ? "on" : "off";
  }

  #show(stage) {
    this.#root.dataset.stage = stage;
    for (const part of this.#root.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(stage);
    }
  }

  #count(left) {
    this.#part("count").textContent = left;
  }

  async fillCameras() {
    const cameras = await listCameras();
    const select = this.#part("cameras");
    const inUse = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    select.replaceChildren(
      ...cameras.map(({ id, name }) => new Option(name, id, false, id === (inUse ?? recall("camera")))),
    );
    this.#part("camera-choice").hidden = cameras.length < 2 && this.#root.dataset.stage === "idle";
  }

  #listen() {
    this.#root.addEventListener("click", (event) => {
      const wish = event.target.closest("[data-do]")?.dataset.do;
      if (wish === "take") this.take({ trigger: "manual" });
      else if (wish === "look") this.take({ trigger: "manual", look: true });
      else if (wish === "off") this.stop(word("switched-off"));
      else if (wish) this.#answer(wish);
    });
    document.querySelector('[data-do="camera-off"]').addEventListener("click", () => this.stop(word("switched-off")));
    this.#part("cameras").addEventListener("change", (event) => this.#choose(event.target.value));
    document.addEventListener("visibilitychange", () => this.#hide());
    window.addEventListener("pagehide", () => this.stop(word("page-left")));
    if (mayUseCamera()) this.fillCameras();
  }

  #hide() {
    if (document.hidden && WITH_CAMERA.has(this.#root.dataset.stage)) {
      this.stop(word("page-hidden"));
    }
  }

  async #choose(id) {
    remember("camera", id);
    if (!this.#stream) return;
    const wasLooking = this.#root.dataset.stage === "looking";
    this.stop("");
    while (this.isBusy) await sleep(10);
    this.take({ trigger: "manual", look: wasLooking });
  }
}
