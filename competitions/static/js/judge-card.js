/* The judge's card: the QR code's secret comes after the # of the address, which is never sent; it goes into the form,
   and out of the address and its history at once. */
(function () {
  "use strict";
  const secret = document.getElementById("card-secret");
  const from = /^#([A-Za-z0-9_-]{22})$/.exec(location.hash);
  if (from) {
    secret.value = from[1];
    history.replaceState(null, "", location.pathname);
  }
  if (!secret.value) return;
  document.getElementById("card-read").hidden = false;
  document.getElementById("card-number").hidden = true;
  document.getElementById("pin").focus();
})();
