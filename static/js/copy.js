/** The recovery code, to be copied. */

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
