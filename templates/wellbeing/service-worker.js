/* Keeps static files whose names carry their hash, and one page that says "offline". Never a page or an answer of anybody's. */
{% autoescape off %}const CACHE = "{{ data.cache }}";
const OFFLINE = "{{ data.offline }}";
const STATIC = "{{ data.static }}";
const CAPTURE = "{{ data.capture }}";{% endautoescape %}
const HASHED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
      if (page.ok) await cache.put(OFFLINE, page);
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
      await self.clients.claim();
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(STATIC)) {
    if (HASHED.test(url.pathname)) event.respondWith(fromCache(request).catch(() => Response.error()));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  }
});

async function fromCache(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const page = pages.find((client) => new URL(client.url).pathname === CAPTURE);
      return page ? page.focus() : self.clients.openWindow(CAPTURE);
    }),
  );
});
