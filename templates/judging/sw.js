/* Service worker of the judges' pages: the static shell only. API answers, pages with data and everything unsafe go to the network. */
const NAME = "judge-{{ version }}";
const KEPT = {{ kept|tojson }};
self.addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT))));
self.addEventListener("activate", (event) => event.waitUntil(caches.keys()
  .then((names) => Promise.all(names.filter((name) => name.startsWith("judge-") && name !== NAME).map((name) => caches.delete(name))))
  .then(() => self.clients.claim())));
self.addEventListener("message", (event) => { if (event.data === "take-over") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const wanted = url.pathname === "/judge/" ? "/judge/" : url.pathname + url.search;
  if (KEPT.includes(wanted)) event.respondWith(caches.open(NAME).then((cache) => cache.match(wanted)).then((found) => found || fetch(event.request)));
});
