/* The judges' API: asking, who is signed in, signing in. Knows no page and no outbox; keeps who was last signed in. */
import { tell } from "./events.js";
import * as store from "./store.js";

const TIMEOUT = 15000;
let wasReached = true;
let ahead = 0;
let epoch = null;

export class Unreachable extends Error {}

/* Whether the last request got an answer of our own server. */
export const reached = () => wasReached;
/* Seconds that this tablet is ahead of the server; only told, nothing is ordered by it. */
export const skew = () => ahead;

/* A server that was restored from a backup has another epoch: kept before anything of the answer is used. */
async function hear(told) {
  if (!told || told === epoch) return;
  if (await store.hear(told)) tell("epoch");
  epoch = told;
}

/* JSON of our own server, or Unreachable: a captive portal answers 200 with a page of its own. */
export async function ask(path, options) {
  const stop = new AbortController(), alarm = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const answer = await fetch(path,
      { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options });
    if (!(answer.headers.get("Content-Type") || "").includes("application/json")) throw new Unreachable();
    const body = await answer.json(), told = Date.parse(answer.headers.get("Date") || "");
    if (told) ahead = Math.round((Date.now() - told) / 1000);
    await hear(answer.headers.get("Epoch"));
    wasReached = true;
    return { status: answer.status, body };
  } catch (fault) {
    wasReached = false;
    throw new Unreachable("no answer of our own server", { cause: fault });
  } finally {
    clearTimeout(alarm);
  }
}

/* Who is signed in now (null: nobody), with a fresh token; never kept longer than one flush. */
export async function session() {
  const { status, body } = await ask("/api/session");
  if (status !== 200 || typeof body.csrf !== "string") throw new Unreachable();
  const user = body.user ? body.user.id : null;
  tell("session", { user, card: body.card === true });
  if (user) await store.note("user", user);
  return { user, csrf: body.csrf };
}

export const post = (path, csrf, body, headers) => ask(path, { method: "POST", body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, ...headers } });

/* Something that is done at once or not at all, by this user; null when somebody else or nobody is signed in. */
export async function act(user, path, body) {
  const now = await session();
  return now.user === user ? post(path, now.csrf, body, { "Idempotency-Key": store.uuid() }) : null;
}

/* "ok", "more" (a second factor is asked for, on its own page), "wrong", "locked" or "failed".
   Six digits are the PIN of a judge's card; a password is longer. */
export async function signIn(username, password) {
  const { csrf } = await session(), byCard = /^\d{6}$/.test(password.trim());
  const form = new URLSearchParams(byCard ? { number: username, pin: password, csrf_token: csrf }
    : { username, password, csrf_token: csrf, target: "/judge/" });
  const answer = await fetch(byCard ? "/judge/card" : "/login",
    { method: "POST", body: form, credentials: "same-origin", redirect: "manual", headers: { "X-CSRF-Token": csrf } });
  const through = answer.type === "opaqueredirect" || answer.status === 303;
  if (through) return (await session()).user ? "ok" : "more";
  return { 429: "locked", 422: "wrong" }[answer.status] || "failed";
}
