/* Sending what the tablet keeps. Only a receipt of the right shape counts as delivered; everything else stays. Also
   tells the server how many items are unsent, and the other tabs that something has changed. Knows no page. */
import { tell } from "./events.js";
import { isReady, offers, own, turns, unsent } from "./queue.js";
import { post, session, Unreachable } from "./server.js";
import * as store from "./store.js";

const EVERY = 15000;   /* milliseconds between two looks at the outbox */
const LONGEST_WAIT = 60000;
const channel = window.BroadcastChannel ? new BroadcastChannel("judge") : null;
let wait = 0;
let timer = null;
let flushing = 0;

export const tellTabs = () => channel?.postMessage("change");

/* What is kept here has changed. */
export function changed() {
  tell("change");
  tellTabs();
}

function isReceipt(item, body) {
  return body && typeof body.receipt === "string" && body.receipt.length > 10 && body.sheet === item.sheet &&
    Number.isInteger(body.revision) && /^[0-9a-f]{64}$/.test(body.digest || "");
}

function refusal(error) {
  if (error.code === "stale_revision") return "conflict";
  return error.quarantined ? "late" : "refused";
}

/* Returns false when there is no use in going on now. */
async function send(item, csrf) {
  const { status, body } = await post("/api/sheets/" + item.sheet + "/revisions", csrf, item.body,
    { "Idempotency-Key": item.key });
  if ((status === 201 || status === 200) && isReceipt(item, body)) {
    await store.delivered(item, body);
    return true;
  }
  const error = body.error || {};
  if (status === 401) {
    tell("session", { user: null });
    return false;
  }
  if (status === 429 || status >= 500 || status < 400 || error.code === "csrf") throw new Unreachable();
  const { code, message, current = null, problems = [] } = error;
  await store.refused(item.key, refusal(error), { code, message, current, problems });
  return true;
}

/* Returns false when there is no use in going on now. */
async function offer(item, csrf) {
  const { receipt, revision, digest } = item.answer;
  const { status, body } = await post("/api/sheets/" + item.sheet + "/offers", csrf,
    { receipt, revision, digest, body: item.body }, { "Idempotency-Key": item.key });
  const error = body.error || {};
  if (status === 401) {
    tell("session", { user: null });
    return false;
  }
  if (status === 403) return true;   /* not a judge now: it stays to be offered */
  const isKnown = (status === 201 || status === 200) && isReceipt(item, body);
  if (!isKnown && (status < 400 || status >= 500 || status === 429 || error.code === "csrf")) {
    throw new Unreachable();
  }
  await store.offered(item.key, isKnown ? "known" : error.quarantined ? "aside" : "homeless");
  return true;
}

/* The server was restored from a backup: what it may not know any more comes before what it never had. */
async function offerAgain(now) {
  const held = offers(await store.all("delivered"), now.user);
  for (const item of held) if (!(await offer(item, now.csrf))) return false;
  if (held.length) tell("offered");
  return true;
}

const isOffered = (item) => item.offer;

/* One after the other: a second submission for a sheet gets its base from the answer to the first. On a full tablet a
   receipt cannot be kept: the others are sent all the same, and this one again later, with the same key. */
async function flushAlone() {
  if (!(await store.all("outbox")).some(isReady) && !(await store.all("delivered")).some(isOffered)) return;
  const now = await session();
  if (!now.user || !(await offerAgain(now))) return;
  let full = null;
  for (const turn of turns(await store.all("outbox"), now.user)) {
    const item = await store.attempt(turn.key);   /* it may have been replaced or freed meanwhile */
    if (!item) continue;
    try {
      if (!(await send(item, now.csrf))) return;
    } catch (fault) {
      if (!store.saysFull(fault)) throw fault;
      full = fault;
    }
    changed();
  }
  if (full) throw full;
  if (own(await store.all("outbox"), now.user).some(isReady)) await flushAlone();
}

/* How many items are unsent: when the number changes, else every 30 s while there are some, every 2 minutes without. */
async function report() {
  const user = await store.get("meta", "user");
  if (!user) return;
  const pending = unsent(own(await store.all("outbox"), user)).length
    + offers(await store.all("delivered"), user).length, number = user + " " + pending;
  const said = (await store.get("meta", "said")) || { number: "", at: 0 }, age = Math.abs(Date.now() - said.at);
  if (said.number === number && age < (pending ? 30000 : 120000)) return;
  const now = await session();
  if (now.user !== user) return;
  const sequence = (await store.get("meta", "sequence")) || 0;
  await post("/api/tablet", now.csrf, { device: await store.device(), pending, sequence });
  await store.put("meta", "said", { number, at: Date.now() });
}

/* Send what waits; afterwards again and again by itself, the later the longer nobody answers. */
export async function flush() {
  clearTimeout(timer);
  flushing += 1;
  try {
    await store.alone(flushAlone);
    wait = 0;
  } catch (fault) {
    if (!(fault instanceof Unreachable)) console.error(fault);
    wait = Math.min(LONGEST_WAIT, wait ? wait * 2 : 1000);
  } finally {
    flushing -= 1;
  }
  timer = setTimeout(flush, wait ? wait + Math.random() * wait / 2 : EVERY);
  tell("change");
  if (!flushing) await report().catch(() => {});   /* one that is still sending reports when it is done */
}

/* Also where the network comes back, the page is shown again, or another tab has changed something. */
export function watch() {
  channel?.addEventListener("message", () => tell("change"));
  window.addEventListener("online", () => { wait = 0; flush(); });
  window.addEventListener("offline", () => tell("change"));
  window.addEventListener("pageshow", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
}
