/** Offers the time of this computer where the page keeps another. */

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const HALF_A_YEAR = 182 * 24 * 60 * 60 * 1000;

/** Other names of the same time, such as Berlin's and Paris's, are not worth a question. */
function areAlike(one, other) {
  const show = (at, timeZone) => new Date(at).toLocaleString("en", { timeZone });
  return [Date.now(), Date.now() + HALF_A_YEAR].every((at) => show(at, one) === show(at, other));
}

function offerHere() {
  for (const form of document.querySelectorAll("form[data-zone]")) {
    form.querySelector('[data-part="here"]').textContent = HERE.replaceAll("_", " ");
    form.querySelector('[data-part="move"]').value = HERE;
    form.hidden = areAlike(form.dataset.zone, HERE);
  }
}

offerHere();
document.addEventListener("htmx:load", offerHere);
