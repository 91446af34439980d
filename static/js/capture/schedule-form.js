/** The form of the schedule: what it holds, in the API's words, and what it shows of the time zone. */

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const FIRST_QUIET = { start: "12:00", end: "13:00" };

export class ScheduleForm {
  #form;
  #onSave;
  #zone;

  constructor(form, { onSave }) {
    this.#form = form;
    this.#onSave = onSave;
    // Who never saved a schedule lives where their computer is; who did may be travelling, and is asked.
    this.#zone = form.dataset.isNew ? HERE : form.dataset.zone;
    this.#listen();
    this.#showMode();
    this.#showZone();
  }

  /** Shows the schedule of the server, unless the person is just changing it. */
  fill(plan) {
    const form = this.#form;
    if (!form.dataset.isNew) this.#zone = plan.timezone;
    this.#showZone();
    if (form.contains(document.activeElement) || form.dataset.touched) return;
    form.elements.enabled.checked = plan.enabled;
    for (const box of form.querySelectorAll('[name="days"]')) box.checked = plan.days.includes(Number(box.value));
    for (const name of ["per_day", "every_minutes", "min_gap_minutes", "expiry_minutes", "mode"]) {
      form.elements[name].value = plan[name];
    }
    for (const name of ["start", "end"]) form.elements[name].value = plan[name].slice(0, 5);
    form.elements.times.value = plan.times.map((time) => time.slice(0, 5)).join(", ");
    this.#part("quiet").replaceChildren();
    for (const quiet of plan.quiet) this.#addQuiet(quiet);
    this.#showMode();
  }

  #read() {
    const fields = new FormData(this.#form);
    const number = (name) => Number(fields.get(name));
    const starts = fields.getAll("quiet_start");
    const ends = fields.getAll("quiet_end");
    return {
      enabled: fields.has("enabled"),
      days: fields.getAll("days").map(Number),
      start: fields.get("start"),
      end: fields.get("end"),
      mode: fields.get("mode"),
      per_day: number("per_day"),
      every_minutes: number("every_minutes"),
      times: fields
        .get("times")
        .split(/[\s,;]+/)
        .filter(Boolean),
      min_gap_minutes: number("min_gap_minutes"),
      quiet: starts.map((start, index) => ({ start, end: ends[index] })),
      expiry_minutes: number("expiry_minutes"),
      timezone: this.#zone,
    };
  }

  async #save() {
    if (!(await this.#onSave(this.#read()))) return;
    delete this.#form.dataset.touched;
    delete this.#form.dataset.isNew;
  }

  #addQuiet({ start, end }) {
    const row = this.#part("quiet-row").content.firstElementChild.cloneNode(true);
    row.querySelector('[name="quiet_start"]').value = start.slice(0, 5);
    row.querySelector('[name="quiet_end"]').value = end.slice(0, 5);
    this.#part("quiet").append(row);
    return row;
  }

  #showMode() {
    const mode = this.#form.elements.mode.value;
    for (const part of this.#form.querySelectorAll("[data-mode]")) {
      part.hidden = !part.dataset.mode.split(" ").includes(mode);
    }
  }

  #showZone() {
    this.#part("zone").textContent = this.#zone.replaceAll("_", " ");
    this.#part("travel").hidden = this.#zone === HERE || this.#form.dataset.stays === HERE;
    this.#part("here").textContent = HERE.replaceAll("_", " ");
  }

  #listen() {
    const form = this.#form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    form.addEventListener("input", () => {
      form.dataset.touched = "yes";
      this.#showMode();
    });
    form.addEventListener("click", (event) => {
      const wish = event.target.closest("[data-form]")?.dataset.form;
      if (wish) this.#follow(wish, event.target);
    });
  }

  #follow(wish, button) {
    if (wish === "quiet-add") this.#addQuiet(FIRST_QUIET).querySelector("input").focus();
    else if (wish === "quiet-remove") button.closest("li").remove();
    else if (wish === "travel-stay") this.#form.dataset.stays = HERE;
    else if (wish === "travel-move") this.#zone = HERE;
    if (wish.startsWith("quiet")) this.#form.dataset.touched = "yes";
    this.#showZone();
    if (wish === "travel-move") this.#save();
  }

  #part(name) {
    return this.#form.querySelector(`[data-part="${name}"]`);
  }
}
