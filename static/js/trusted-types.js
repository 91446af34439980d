// The one policy of this site (`trusted-types default`). htmx, the charts and the administration pages hand HTML of our
// own server to the page as text, and may: what it contains cannot run, because the Content-Security-Policy allows no
// inline script. Text never becomes a script or a script's address: without those two functions the browser throws.
window.trustedTypes?.createPolicy("default", { createHTML: (text) => text });
