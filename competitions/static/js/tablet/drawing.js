/* Drawing what the address says, from what is kept: one drawing at a time (two that overlap would show the list over a
   sheet), and one for all that ask for it while another is going on. */
import { notes } from "./delivery.js";
import { say } from "./elements.js";
import { drawList } from "./list.js";
import { page } from "./page.js";
import { offers, own, unsent } from "./queue.js";
import { reached, skew } from "./server.js";
import { drawSheet } from "./sheet.js";
import * as store from "./store.js";
import { isFull, isKept, settled } from "./typing.js";

let drawing = Promise.resolve();
let next = null;

/* How many of this judge's deliveries are to be offered to a restored server, and what came of those that were. */
async function restored() {
  const held = own(await store.all("delivered"), page.user);
  const fated = (fate) => held.filter((item) => item.fate === fate).length;
  return { offered: offers(held, page.user).length, aside: fated("aside"), homeless: fated("homeless") };
}

/* What stands above the page: what is unsent, no network, a sign-in that has ended. */
async function drawNote() {
  const all = await store.all("outbox"), mine = own(all, page.user);
  const others = unsent(all).length - unsent(mine).length;
  const text = notes({ kept: isKept(), full: isFull(), online: navigator.onLine, reached: reached(),
    signedOut: page.signedOut, mine: unsent(mine).length, restored: await restored(), others, skew: skew(),
    secure: window.isSecureContext });
  const box = document.getElementById("tablet-note");
  box.hidden = !text;
  say(box.querySelector("span"), text);
  document.getElementById("tablet-send").hidden = !unsent(mine).length;
  document.getElementById("tablet-renew").hidden = !page.signedOut;
}

async function drawOnce() {
  next = null;
  await drawNote();
  const id = location.hash.slice(1);
  if (page.open && page.open.id !== id && !(await settled())) return;   /* what was typed stands in the fields only */
  await (id ? drawSheet(id) : drawList());
}

/* Resolves when what is kept by now is on the page. */
export function draw() {
  if (!next) drawing = next = drawing.then(drawOnce).catch(console.error);
  return next;
}
