/** What every page has: the light and dark switch, printing, forms that are sent once and not lost, being installable. */

import { recall, remember } from "./storage.js";
import { tell } from "./tabs.js";
import { word, wordNodes } from "./words.js";

function wireThemeSwitch(fieldset) {
  const chosen = recall("theme") ?? "auto";
  for (const radio of fieldset.querySelectorAll("input")) {
    radio.checked = radio.value === chosen;
    radio.addEventListener("change", () => applyTheme(radio.value));
  }
  fieldset.hidden = false;
}

function applyTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remember("theme", theme === "auto" ? null : theme);
}

/** What stands in the dark is mistyped: one box shows all of a form's secrets. */
function addPeek(fields) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  label.className = "choice";
  label.append(box, word("peek"));
  box.addEventListener("change", () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  });
  fields.at(-1).closest(".field").after(label);
}

function wirePeek(form) {
  const fields = [...form.querySelectorAll('.field input[type="password"]')];
  if (fields.length) addPeek(fields);
}

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
}

/** A form that htmx could not send does nothing by itself. */
function tellUnsent({ detail: { elt: form } }) {
  const line = form.querySelector("[data-unsent]") ?? document.createElement("p");
  line.dataset.unsent = "";
  line.className = "alert alert-error";
  line.setAttribute("role", "alert");
  line.textContent = word("unsent");
  form.append(line);
}

/** A page that was put in place anew is read from its beginning, where it says what was noted. */
function readAnew({ target }) {
  if (target.id === "main") target.focus({ preventScroll: true });
}

document.querySelectorAll("[data-theme-switch]").forEach(wireThemeSwitch);
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
document.querySelectorAll("form").forEach(wirePeek);
document.addEventListener("submit", sendOnce);
document.addEventListener("htmx:sendError", tellUnsent);
document.addEventListener("htmx:load", readAnew);
for (const line of document.querySelectorAll("[data-told-tabs]")) tell(line.dataset.toldTabs);
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
// Back may take a page from the browser's cache when its vault has been locked since: what it showed goes as it is left,
// and the server is asked again.
window.addEventListener("pagehide", (event) => event.persisted && document.body.replaceChildren(...wordNodes("left")));
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
