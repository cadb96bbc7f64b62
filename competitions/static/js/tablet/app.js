/* The tablet page: list and sheet, three states of delivery, signing in in place, conflicts. Wires what a judge does to
   what happens; the address after # is the sheet. */
import * as clocks from "./clock.js";
import { draw } from "./drawing.js";
import { on } from "./events.js";
import { nextField, press, read } from "./form.js";
import { flush, watch } from "./outbox.js";
import { main, page } from "./page.js";
import { refresh } from "./refresh.js";
import { skew } from "./server.js";
import { drawClock, drawTyped, offerTime, typedTime } from "./sheet_parts.js";
import { askSignIn, follow, watchSignIn } from "./sign_in.js";
import { sign } from "./signing.js";
import * as store from "./store.js";
import { keepMine, keepTheirs, letGo, submit } from "./submitting.js";
import { isKept, settled, typed } from "./typing.js";

const REFRESH_EVERY = 60000;

function keepTyped(open) {
  const kept = typed(open);
  drawTyped(open.document, read(main).marks);
  kept.then(draw);
}

function setClock(open, clock) {
  open.clock = clock;
  drawClock(open);
  keepTyped(open);
}

const ACTS = {
  submit: () => submit(),
  sign,
  "keep-mine": keepMine,
  "keep-theirs": keepTheirs,
  "let-go": (open) => letGo(open),
  timer(open) {
    const now = Date.now();
    setClock(open, open.clock.started ? clocks.stopped(open.clock, now, skew()) : clocks.started(open.clock, now));
  },
  correct(open, summary) { if (!summary.parentElement.open) offerTime(open.clock); },
  "set-time"(open) {
    const clock = typedTime();
    if (clock) setClock(open, clock);
  },
};

function pressed({ target }) {
  const open = page.open, button = target.closest("[data-act], [data-step]");
  if (!open || !button) return;
  if (button.dataset.step) press(button, open.document.aspects);
  else ACTS[button.dataset.act](open, button);
}

function entered(event) {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-mark]")) return;
  event.preventDefault();
  (nextField(main, event.target) || document.getElementById("sheet-submit"))?.focus();
}

/* What was not drawn, or not asked, because of a field in use. */
function left({ relatedTarget }) {
  if (page.open?.behind) draw();
  if (page.signedOut && navigator.onLine && !main.contains(relatedTarget)) askSignIn();
}

async function update() {
  if (!(await settled())) return;
  (await navigator.serviceWorker.getRegistration("/judge/"))?.waiting?.postMessage("take-over");
  location.reload();
}

function wire() {
  on("change", draw);
  on("session", follow);
  on("epoch", flush);
  on("offered", () => refresh().catch(() => {}));
  window.addEventListener("hashchange", draw);
  main.addEventListener("click", pressed);
  main.addEventListener("keydown", entered);
  main.addEventListener("focusout", left);
  main.addEventListener("input", ({ target }) => {
    if (target.matches("[data-mark], [data-note]")) keepTyped(page.open);
  });
  window.addEventListener("beforeunload", (event) => { if (!isKept()) event.preventDefault(); });
  const click = (id, act) => document.getElementById(id).addEventListener("click", act);
  click("tablet-send", flush);
  click("tablet-night", () => store.put("meta", "night", document.body.classList.toggle("night")));
  click("tablet-update", update);
  watch();
  watchSignIn();
  setInterval(() => { if (page.open) drawClock(page.open); }, 1000);
  setInterval(() => { if (navigator.onLine && !document.hidden) refresh().catch(() => {}); }, REFRESH_EVERY);
}

/* The static shell is kept for the time without network; a newer one is offered, never taken while somebody marks. */
async function keepShell() {
  const registration = await navigator.serviceWorker?.register("/judge/sw.js", { scope: "/judge/" }).catch(() => null);
  registration?.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", ({ target }) => {
      const isNewer = target.state === "installed" && navigator.serviceWorker.controller;
      if (isNewer) document.getElementById("tablet-update").hidden = false;
    });
  });
}

async function start() {
  wire();
  navigator.storage?.persist?.();
  document.body.classList.toggle("night", (await store.get("meta", "night")) === true);
  page.user = (await store.get("meta", "user")) || null;
  if (page.user) await draw();
  await refresh().catch(() => {});
  page.ready = true;
  await draw();
  flush();
  await keepShell();
}

start().catch(console.error);
