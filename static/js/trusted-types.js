// The one policy of this site (`trusted-types default`). htmx, the charts and the administration pages hand HTML of our
// own server to the page as text, and may: what it contains cannot run, because the Content-Security-Policy allows no
// inline script. Text never becomes a script or a script's address, the service worker's own excepted: the browser throws.
const WORKER = "/service-worker.js";
window.trustedTypes?.createPolicy("default", {
  createHTML: (text) => text,
  createScriptURL: (address) => (address === WORKER ? address : null),
});
