/* Sending what the tablet keeps. Only a receipt of the right shape counts as delivered; everything else stays.
   window.judgeOutbox: flush(), session(), act(), signIn(name, password), skew(), events "judge:change" and "judge:session" on
   document. Also tells the server how many items are unsent (security.md §3.4). */
(function () {
  "use strict";
  const store = window.judgeStore;
  const TIMEOUT = 15000;
  const say = (name, detail) => document.dispatchEvent(new CustomEvent("judge:" + name, { detail }));
  const channel = window.BroadcastChannel ? new BroadcastChannel("judge") : null;
  let wait = 0;
  let timer = null;
  let flushing = 0;
  let reached = true;   /* whether the last request got an answer of our own server */
  let skew = 0;   /* seconds that this tablet is ahead of the server; only told, nothing is ordered by it */

  class Unreachable extends Error {}

  /* JSON of our own server, or Unreachable: a captive portal answers 200 with a page of its own. */
  async function ask(path, options) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options });
      const type = answer.headers.get("Content-Type") || "";
      if (!type.includes("application/json")) throw new Unreachable();
      const body = await answer.json(), told = Date.parse(answer.headers.get("Date") || "");
      if (told) skew = Math.round((Date.now() - told) / 1000);
      reached = true;
      return { status: answer.status, body };
    } catch {
      reached = false;
      throw new Unreachable();
    } finally {
      clearTimeout(clock);
    }
  }

  /* Who is signed in now (null: nobody), with a fresh token; never kept longer than one flush. */
  async function session() {
    const { status, body } = await ask("/api/session");
    if (status !== 200 || typeof body.csrf !== "string") throw new Unreachable();
    const user = body.user ? body.user.id : null;
    say("session", { user, roles: body.roles || [], card: body.card === true });
    if (user) await store.put("meta", "user", user);
    return { user, csrf: body.csrf };
  }

  const post = (path, csrf, body, more) => ask(path, { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, ...more } });

  /* Something that is done at once or not at all, by this user; null when somebody else or nobody is signed in. */
  async function act(user, path, body) {
    const now = await session();
    return now.user === user ? post(path, now.csrf, body, { "Idempotency-Key": store.uuid() }) : null;
  }

  async function signIn(username, password) {
    const { csrf } = await session();
    const byCard = /^\d{6}$/.test(password.trim());   /* the PIN of a judge's card; a password is longer */
    const form = new URLSearchParams(byCard ? { number: username, pin: password, csrf_token: csrf }
      : { username, password, csrf_token: csrf, target: "/desk/" });
    const answer = await fetch(byCard ? "/judge/card" : "/login", { method: "POST", body: form, credentials: "same-origin", redirect: "manual",
      headers: { "X-CSRF-Token": csrf } });
    if (answer.type === "opaqueredirect" || answer.status === 303) { wait = 0; return "ok"; }
    return answer.status === 429 ? "locked" : answer.status === 422 ? "wrong" : "failed";
  }

  function isReceipt(item, body) {
    return body && typeof body.receipt === "string" && body.receipt.length > 10 && body.sheet === item.sheet &&
      Number.isInteger(body.revision) && /^[0-9a-f]{64}$/.test(body.digest || "");
  }

  /* Returns false when there is no use in going on now. */
  async function send(item, csrf) {
    const { status, body } = await post("/api/sheets/" + item.sheet + "/revisions", csrf, item.body, { "Idempotency-Key": item.key });
    if ((status === 201 || status === 200) && isReceipt(item, body)) {
      await store.delivered(item, body);
      return true;
    }
    const error = body.error || {};
    if (status === 401) { say("session", { user: null, roles: [] }); return false; }
    if (status === 429 || status >= 500 || status < 400 || error.code === "csrf") throw new Unreachable();
    const state = error.code === "stale_revision" ? "conflict" : error.quarantined ? "late" : "refused";
    await store.refused(item.key, state, { code: error.code, message: error.message, current: error.current || null, problems: error.problems || [] });
    return true;
  }

  async function flushAlone() {
    const waiting = (await store.all("outbox")).filter((item) => item.state === "waiting");
    if (!waiting.length) return;
    const now = await session();
    if (!now.user) return;
    const mine = store.own(waiting, now.user).sort((a, b) => a.sequence - b.sequence);
    for (const first of mine) {
      const item = await store.attempt(first.key);   /* its base may have changed meanwhile */
      if (!item) continue;
      if (!(await send(item, now.csrf))) return;
      changed();
    }
    if ((await store.all("outbox")).some((item) => item.user === now.user && item.state === "waiting" && !item.after)) await flushAlone();
  }

  /* How many items are unsent: when the number changes, else every 30 s while there are some, every 2 minutes otherwise. */
  async function report() {
    const user = await store.get("meta", "user");
    if (!user) return;
    const pending = store.unsent(store.own(await store.all("outbox"), user)).length, number = user + " " + pending;
    const said = (await store.get("meta", "said")) || { number: "", at: 0 }, age = Math.abs(Date.now() - said.at);
    if (said.number === number && age < (pending ? 30000 : 120000)) return;
    const now = await session();
    if (now.user !== user) return;
    await post("/api/tablet", now.csrf, { device: await store.device(), pending, sequence: (await store.get("meta", "sequence")) || 0 });
    await store.put("meta", "said", { number, at: Date.now() });
  }

  async function flush() {
    clearTimeout(timer);
    flushing += 1;
    try {
      await store.alone(flushAlone);
      wait = 0;
    } catch (fault) {
      if (!(fault instanceof Unreachable)) console.error(fault);
      wait = Math.min(60000, wait ? wait * 2 : 1000);
    } finally { flushing -= 1; }
    timer = setTimeout(flush, wait ? wait + Math.random() * wait / 2 : 15000);
    say("change");
    if (!flushing) await report().catch(() => {});   /* one that is still sending reports when it is done */
  }

  const tellTabs = () => channel?.postMessage("change");
  function changed() { say("change"); tellTabs(); }
  channel?.addEventListener("message", () => say("change"));
  window.addEventListener("online", () => { wait = 0; flush(); });
  window.addEventListener("offline", () => say("change"));
  window.addEventListener("pageshow", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });

  window.judgeOutbox = { act, ask, changed, flush, reached: () => reached, session, signIn, skew: () => skew, tellTabs };
})();
