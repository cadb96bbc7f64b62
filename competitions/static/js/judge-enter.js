/* On the judge's plain pages: where the browser can keep an outbox, go on with the tablet page, which uses the API. */
(function () {
  "use strict";
  if (!window.indexedDB || !window.fetch || new URLSearchParams(location.search).has("plain")) return;
  const sheet = location.pathname.match(/\/desk\/judging\/sheets\/([0-9a-f-]{36})$/);
  if (sheet) location.replace("/judge/#" + sheet[1]);
})();
