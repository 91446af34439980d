/** The check-in pad: pleasantness to the right, energy upwards. Without this script the same two questions are buttons. */

const STEP = 0.05;
const LEAP = 0.25;
const MOVES = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowDown: [0, -STEP],
  ArrowUp: [0, STEP],
  PageDown: [0, -LEAP],
  PageUp: [0, LEAP],
  Home: [-LEAP, 0],
  End: [LEAP, 0],
};
const EDGE = 6;

class Pad {
  #form;
  #pad;
  #sliders;
  #levels;

  constructor(form) {
    this.#form = form;
    this.#pad = this.#part("pad");
    this.#sliders = [...this.#pad.querySelectorAll("[data-axis]")];
    this.#levels = JSON.parse(form.dataset.checkin);
    this.#part("choices").remove();
    this.#part("pad-field").hidden = false;
    this.#listen();
    if (this.#pad.dataset.touched) this.#touch();
    this.#draw();
  }

  /** [pleasantness, energy], each from -1 to 1. */
  get #value() {
    return this.#sliders.map((slider) => Number(slider.value));
  }

  #put(pleasantness, energy) {
    [pleasantness, energy].forEach((value, index) => {
      this.#sliders[index].value = String(value);
    });
    this.#touch();
  }

  /** From now on the pad has an answer, and it is sent. */
  #touch() {
    this.#pad.dataset.touched = "yes";
    for (const slider of this.#sliders) slider.name = slider.dataset.axis;
    this.#draw();
  }

  #draw() {
    const [pleasantness, energy] = this.#value;
    const dot = this.#part("dot");
    for (const circle of dot.querySelectorAll("circle")) {
      circle.setAttribute("cx", 50 + pleasantness * (50 - EDGE));
      circle.setAttribute("cy", 50 - energy * (50 - EDGE));
    }
    const words = [this.#wordFor("pleasantness", pleasantness), this.#wordFor("energy", energy)];
    for (const [index, slider] of this.#sliders.entries()) slider.setAttribute("aria-valuetext", words[index]);
    if (this.#pad.dataset.touched) this.#part("pad-words").textContent = words.join(", ");
  }

  /** The server's word for a place on the pad, by the server's edges. */
  #wordFor(axis, value) {
    return this.#levels[axis][this.#levels.edges.filter((edge) => value >= edge).length];
  }

  #point(event) {
    const box = this.#pad.getBoundingClientRect();
    const reach = 1 - (2 * EDGE) / 100;
    const across = (2 * (event.clientX - box.left)) / box.width - 1;
    const down = (2 * (event.clientY - box.top)) / box.height - 1;
    this.#put(clamp(across / reach), clamp(-down / reach));
  }

  #listen() {
    this.#pad.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.#pad.setPointerCapture(event.pointerId);
      this.#sliders[0].focus({ preventScroll: true });
      this.#point(event);
    });
    this.#pad.addEventListener("pointermove", (event) => {
      if (this.#pad.hasPointerCapture(event.pointerId)) this.#point(event);
    });
    this.#pad.addEventListener("keydown", (event) => this.#key(event));
    for (const slider of this.#sliders) slider.addEventListener("input", () => this.#touch());
    this.#form.addEventListener("submit", (event) => this.#submit(event));
  }

  #key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.#form.requestSubmit();
      return;
    }
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [pleasantness, energy] = this.#value;
    this.#put(clamp(pleasantness + move[0]), clamp(energy + move[1]));
  }

  #submit(event) {
    if (!this.#pad.dataset.touched) {
      event.preventDefault();
      const line = this.#part("pad-words");
      line.textContent = line.dataset.untouched;
      this.#sliders[0].focus();
      return;
    }
    const own = [...this.#form.querySelectorAll("[data-own-word]:checked")].map((box) => box.value);
    const field = this.#form.elements.own_words;
    field.value = [field.value, ...own].filter(Boolean).join(", ");
  }

  #part(name) {
    return this.#form.querySelector(`[data-part="${name}"]`);
  }
}

function clamp(value) {
  return Math.max(-1, Math.min(1, Math.round(value / STEP) * STEP));
}

function wire() {
  for (const form of document.querySelectorAll("[data-checkin]:not([data-wired])")) {
    form.dataset.wired = "yes";
    new Pad(form);
  }
}

wire();
// The page is put in place anew after each answer.
document.addEventListener("htmx:load", wire);
