/* Sending what the tablet keeps. Only a receipt of the right shape counts as delivered; everything else stays.
   window.judgeOutbox: flush(), session(), signIn(name, password), events "judge:change" and "judge:session" on document. */
(function () {
  "use strict";
  const store = window.judgeStore;
  const TIMEOUT = 15000;
  const say = (name, detail) => document.dispatchEvent(new CustomEvent("judge:" + name, { detail }));
  const channel = window.BroadcastChannel ? new BroadcastChannel("judge") : null;
  let wait = 0;
  let timer = null;

  class Unreachable extends Error {}

  /* JSON of our own server, or Unreachable: a captive portal answers 200 with a page of its own. */
  async function ask(path, options) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options });
      const type = answer.headers.get("Content-Type") || "";
      if (!type.includes("application/json")) throw new Unreachable();
      return { status: answer.status, body: await answer.json() };
    } catch {
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
    say("session", { user, roles: body.roles || [] });
    if (user) await store.put("meta", "user", user);
    return { user, csrf: body.csrf };
  }

  async function signIn(username, password) {
    const { csrf } = await session();
    const form = new URLSearchParams({ username, password, csrf_token: csrf, target: "/desk/" });
    const answer = await fetch("/login", { method: "POST", body: form, credentials: "same-origin", redirect: "manual",
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
    item.attempts += 1;
    await store.put("outbox", item.key, item);
    const { status, body } = await ask("/api/sheets/" + item.sheet + "/revisions", { method: "POST", body: JSON.stringify(item.body),
      headers: { "Content-Type": "application/json", "Idempotency-Key": item.key, "X-CSRF-Token": csrf } });
    if ((status === 201 || status === 200) && isReceipt(item, body)) {
      await store.delivered(item, body);
      return true;
    }
    const error = body.error || {};
    if (status === 401) { say("session", { user: null, roles: [] }); return false; }
    if (status === 429 || status >= 500 || status < 400 || error.code === "csrf") throw new Unreachable();
    if (error.code === "stale_revision") item.state = "conflict";
    else if (error.code === "sheet_locked" && error.quarantined) item.state = "late";
    else item.state = "refused";
    item.answer = { code: error.code, message: error.message, current: error.current || null, problems: error.problems || [] };
    await store.put("outbox", item.key, item);
    return true;
  }

  async function flushAlone() {
    const waiting = (await store.all("outbox")).filter((item) => item.state === "waiting");
    if (!waiting.length) return;
    const now = await session();
    if (!now.user) return;
    const mine = store.own(waiting, now.user).sort((a, b) => a.sequence - b.sequence);
    for (const first of mine) {
      const item = await store.get("outbox", first.key);   /* its base may have changed meanwhile */
      if (!item || item.state !== "waiting" || item.after) continue;
      if (!(await send(item, now.csrf))) return;
      changed();
    }
    if ((await store.all("outbox")).some((item) => item.user === now.user && item.state === "waiting" && !item.after)) await flushAlone();
  }

  async function flush() {
    clearTimeout(timer);
    try {
      await store.alone(flushAlone);
      wait = 0;
    } catch (fault) {
      if (!(fault instanceof Unreachable)) console.error(fault);
      wait = Math.min(60000, wait ? wait * 2 : 1000);
    }
    timer = setTimeout(flush, wait ? wait + Math.random() * wait / 2 : 15000);
    say("change");
  }

  function changed() { say("change"); channel?.postMessage("change"); }
  channel?.addEventListener("message", () => say("change"));
  window.addEventListener("online", () => { wait = 0; flush(); });
  window.addEventListener("offline", () => say("change"));
  window.addEventListener("pageshow", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });

  window.judgeOutbox = { Unreachable, ask, changed, flush, session, signIn };
})();
