/* What the tablet keeps: outbox, drafts, the judge's own sheets by code, a device number. Codes and marks only, never a
   name or an ID; every item carries the id of the user whose it is. window.judgeStore, promises throughout.

   outbox  key → {key, user, sheet, code, body, sequence, state: waiting|conflict|refused|late, attempts, after?, answer?}
   drafts  "user sheet" → {user, sheet, base, marks, notes, seconds, started?, at}
   sheets  "user sheet" → {user, sheet, document}
   meta    device, sequence, user, lease */
(function () {
  "use strict";
  const STORES = ["outbox", "drafts", "sheets", "meta"];
  let opened = null;

  function database() {
    opened = opened || idb.openDB("judging", 1, {
      upgrade(db) { for (const name of STORES) db.createObjectStore(name); },
      terminated() { opened = null; },
    });
    return opened;
  }

  function uuid() {
    if (window.crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16));   /* plain HTTP has no randomUUID */
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const hex = [...b].map((v) => v.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  const id = (user, sheet) => user + " " + sheet;
  const get = async (store, key) => (await database()).get(store, key);
  const all = async (store) => (await database()).getAll(store);

  async function put(store, key, value) {
    const tx = (await database()).transaction(store, "readwrite", { durability: "strict" });
    await tx.store.put(value, key);
    await tx.done;
  }

  async function remove(store, key) { await (await database()).delete(store, key); }

  async function device() {
    let number = await get("meta", "device");
    if (!number) await put("meta", "device", number = uuid());
    return number;
  }

  /* Queue a submission. One that was never sent is replaced; one whose fate is unknown stays, and the new one goes after it. */
  async function enqueue(user, sheet, code, body) {
    const tx = (await database()).transaction(["outbox", "meta", "drafts"], "readwrite", { durability: "strict" });
    const outbox = tx.objectStore("outbox");
    const sequence = ((await tx.objectStore("meta").get("sequence")) || 0) + 1;
    await tx.objectStore("meta").put(sequence, "sequence");
    const item = { key: uuid(), user, sheet, code, sequence, state: "waiting", attempts: 0,
      body: { ...body, client: { ...body.client, sequence } } };
    for (const other of await outbox.getAll()) {
      if (other.user !== user || other.sheet !== sheet) continue;
      if (other.state === "waiting" && other.attempts > 0) item.after = other.key;
      else if (other.state !== "late") await outbox.delete(other.key);
    }
    await outbox.put(item, item.key);
    await tx.objectStore("drafts").delete(id(user, sheet));
    await tx.done;
    return item;
  }

  /* A receipt arrived: the item leaves the outbox, what waits for it is now based on the new revision. */
  async function delivered(item, answer) {
    const tx = (await database()).transaction(["outbox", "sheets"], "readwrite", { durability: "strict" });
    const outbox = tx.objectStore("outbox");
    for (const other of await outbox.getAll()) {
      if (other.after !== item.key) continue;
      other.body.base_revision = answer.revision;
      delete other.after;
      await outbox.put(other, other.key);
    }
    await outbox.delete(item.key);
    const sheets = tx.objectStore("sheets");
    const kept = await sheets.get(id(item.user, item.sheet));
    if (kept) {
      Object.assign(kept.document, { marks: item.body.marks, notes: item.body.notes, seconds: item.body.seconds,
        complete: item.body.complete, revision: answer.revision, receipt: answer.receipt, total: answer.total,
        digest: answer.digest, state: item.body.complete ? "submitted" : "draft" });
      await sheets.put(kept, id(item.user, item.sheet));
    }
    await tx.done;
  }

  const own = (items, user) => items.filter((item) => item.user === user);
  const unsent = (items) => items.filter((item) => item.state !== "late");

  /* What is signed and has nothing unsent is wiped; so is what another judge left here that is delivered. */
  async function wipe(user, listed) {
    const busy = new Set([...await all("outbox"), ...await all("drafts")].map((item) => id(item.user, item.sheet)));
    const signed = new Set(listed.filter((sheet) => sheet.state === "signed").map((sheet) => sheet.id));
    const there = new Set(listed.map((sheet) => sheet.id));
    for (const kept of await all("sheets")) {
      const gone = kept.user !== user || signed.has(kept.sheet) || !there.has(kept.sheet);
      if (gone && !busy.has(id(kept.user, kept.sheet))) await remove("sheets", id(kept.user, kept.sheet));
    }
  }

  /* One flusher for all tabs: Web Locks, or a lease where there are none (plain HTTP). */
  async function alone(work) {
    if (navigator.locks) {
      return navigator.locks.request("judge-flush", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
    }
    const owner = alone.owner = alone.owner || uuid();
    const tx = (await database()).transaction("meta", "readwrite");
    const lease = await tx.store.get("lease");
    if (lease && lease.owner !== owner && lease.until > Date.now()) { await tx.done; return undefined; }
    await tx.store.put({ owner, until: Date.now() + 45000 }, "lease");
    await tx.done;
    try { return await work(); } finally { await remove("meta", "lease"); }
  }

  window.judgeStore = { all, alone, delivered, device, enqueue, get, id, own, put, remove, unsent, uuid, wipe };
})();
