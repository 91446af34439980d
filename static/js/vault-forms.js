/** Passphrase and recovery-code pages: show what is typed, use the offered words, copy the code. */

function addPeek(input) {
  const label = document.querySelector("[data-peek]").content.firstElementChild.cloneNode(true);
  const box = label.querySelector("input");
  box.addEventListener("change", () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  });
  input.closest(".field").after(label);
  return box;
}

const fields = [...document.querySelectorAll('input[type="password"]')];
const peek = fields.length ? addPeek(fields.at(-1)) : null;

const use = document.querySelector("[data-offer-use]");
if (use) {
  use.hidden = false;
  use.addEventListener("click", () => {
    const words = document.querySelector("[data-offer-words]").textContent.trim();
    for (const field of document.querySelectorAll('[name="new_passphrase"], [name="again"]')) field.value = words;
    peek.checked = true;
    peek.dispatchEvent(new Event("change"));
    document.querySelector('[name="new_passphrase"]').focus();
  });
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const said = document.querySelector("[data-copy-said]");
    try {
      await navigator.clipboard.writeText(document.querySelector("[data-copy-text]").dataset.copyText);
      said.textContent = said.dataset.copied;
    } catch {
      said.textContent = said.dataset.refused;
    }
  });
}
