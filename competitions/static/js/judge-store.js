/* What the tablet keeps: outbox, drafts, the judge's own sheets by code, a device number. Codes and marks only, never a
   name or an ID; every item carries the id of the user whose it is. window.judgeStore, promises throughout.

   outbox  key → {key, user, sheet, code, body, sequence, state: waiting|conflict|refused|late, attempts, after?, answer?}
   drafts  "user sheet" → {user, sheet, base, on?, tab, marks, notes, seconds, started?, at}; on: the item it was typed upon
   sheets  "user sheet" → {user, sheet, document, delivered?: {key, revision}, gone?}; gone: no longer the judge's, kept for
           what is typed in it
   meta    device, sequence, user, lease, said, night

   Server and judge write here at the same time: whatever depends on what is there is one transaction. */
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

  const strictly = async (stores) => (await database()).transaction(stores, "readwrite", { durability: "strict" });
  const newestFirst = (a, b) => b.sequence - a.sequence;

  /* A document from the server is kept only when it is not older than what is here: a delivery may have come in between. */
  async function keep(user, document_) {
    const tx = await strictly(["sheets"]), there = await tx.store.get(id(user, document_.id));
    if (!there || there.document.revision <= document_.revision) {
      await tx.store.put({ user, sheet: document_.id, document: document_, delivered: there?.delivered }, id(user, document_.id));
    }
    await tx.done;
  }

  /* What was drawn from an item that is delivered by now is based on the revision that came of it. */
  function standing(kept, drawn) {
    const sent = kept?.delivered;
    return drawn.on && sent && sent.key === drawn.on ? { base: sent.revision, on: null } : { base: drawn.base, on: drawn.on };
  }

  /* `drawn`: the base revision and the outbox item (`on`) that the judge had before his eyes; a draft keeps those of its start. */
  async function saveDraft(draft, drawn) {
    const tx = await strictly(["drafts", "sheets"]), key = id(draft.user, draft.sheet);
    const there = await tx.objectStore("drafts").get(key);
    const from = there ? { base: there.base, on: there.on } : standing(await tx.objectStore("sheets").get(key), drawn);
    await tx.objectStore("drafts").put({ ...draft, ...from }, key);
    await tx.done;
  }

  /* Queue a submission. One that was never sent is replaced; one whose fate is unknown stays, and the new one goes after it.
     `drawn.chosen`: the judge chose against the revision `drawn.base` that he was shown. */
  async function enqueue(user, sheet, code, body, drawn) {
    const tx = await strictly(["outbox", "meta", "drafts", "sheets"]);
    const outbox = tx.objectStore("outbox"), drafts = tx.objectStore("drafts"), key = id(user, sheet);
    const sequence = ((await tx.objectStore("meta").get("sequence")) || 0) + 1;
    await tx.objectStore("meta").put(sequence, "sequence");
    const draft = await drafts.get(key);
    const { base } = drawn.chosen ? drawn : standing(await tx.objectStore("sheets").get(key), draft || drawn);
    const item = { key: uuid(), user, sheet, code, sequence, state: "waiting", attempts: 0,
      body: { ...body, base_revision: base, client: { ...body.client, sequence } } };
    for (const other of (await outbox.getAll()).sort(newestFirst)) {
      if (other.user !== user || other.sheet !== sheet) continue;
      if (other.state === "waiting" && other.attempts > 0) item.after = item.after || other.key;
      else if (other.state !== "late") await outbox.delete(other.key);
    }
    await outbox.put(item, item.key);
    await drafts.delete(key);
    await tx.done;
    return item;
  }

  /* Mark an item as being sent now; null when it was replaced meanwhile or has to wait for another. */
  async function attempt(key) {
    const tx = await strictly(["outbox"]), item = await tx.store.get(key);
    const ready = item && item.state === "waiting" && !item.after;
    if (ready) await tx.store.put({ ...item, attempts: item.attempts + 1 }, key);
    await tx.done;
    return ready ? item : null;
  }

  /* A receipt arrived: the item leaves the outbox, what waits for it is now based on the new revision (and so, by standing(), is
     what was typed upon it). */
  async function delivered(item, answer) {
    const tx = await strictly(["outbox", "sheets"]), key = id(item.user, item.sheet);
    const outbox = tx.objectStore("outbox"), sheets = tx.objectStore("sheets");
    for (const other of await outbox.getAll()) {
      if (other.after !== item.key) continue;
      other.body.base_revision = answer.revision;
      delete other.after;
      await outbox.put(other, other.key);
    }
    await outbox.delete(item.key);
    const kept = await sheets.get(key);
    if (kept) {
      kept.delivered = { key: item.key, revision: answer.revision };
      if (kept.document.revision <= answer.revision) {
        Object.assign(kept.document, { marks: item.body.marks, notes: item.body.notes, seconds: item.body.seconds,
          complete: item.body.complete, revision: answer.revision, receipt: answer.receipt, total: answer.total, version: null,
          digest: answer.digest, signature: null, state: item.body.complete ? "submitted" : "draft" });
      }
      await sheets.put(kept, key);
    }
    await tx.done;
  }

  /* The server said no. What came after takes its place and is sent with the same base (a late one was kept aside and stays). */
  async function refused(key, state, answer) {
    const tx = await strictly(["outbox"]), item = await tx.store.get(key);
    const after = (await tx.store.getAll()).filter((other) => other.after === key);
    for (const other of after) { delete other.after; await tx.store.put(other, other.key); }
    if (after.length && state !== "late") await tx.store.delete(key);
    else if (item) await tx.store.put({ ...item, state, answer }, key);
    await tx.done;
  }

  /* The judge lets an item go; with `current`, the revision that the server has is what counts, also against a draft. */
  async function drop(item, current) {
    const tx = await strictly(["outbox", "drafts", "sheets"]), key = id(item.user, item.sheet);
    await tx.objectStore("outbox").delete(item.key);
    const kept = await tx.objectStore("sheets").get(key);
    if (current) await tx.objectStore("drafts").delete(key);
    if (current && kept && kept.document.revision <= current.revision) {
      const { sheet, ...content } = current;
      Object.assign(kept.document, content, { version: null });
      await tx.objectStore("sheets").put(kept, key);
    }
    await tx.done;
  }

  const own = (items, user) => items.filter((item) => item.user === user);
  const unsent = (items) => items.filter((item) => item.state !== "late");
  const bare = (line) => ({ ...line, aspects: [], marks: {}, notes: {}, reevaluate: [] });

  /* Of what is signed and has nothing unsent only the line of the list stays; what another judge left here that is delivered
     goes. One transaction, so that nothing queued meanwhile is overlooked. */
  async function wipe(user, lines) {
    const tx = await strictly(["outbox", "drafts", "sheets"]), sheets = tx.objectStore("sheets");
    const unfinished = [...await tx.objectStore("outbox").getAll(), ...await tx.objectStore("drafts").getAll()];
    const busy = new Set(unfinished.map((item) => id(item.user, item.sheet)));
    const listed = new Map(lines.map((line) => [id(user, line.id), line]));
    for (const kept of await sheets.getAll()) {
      const key = id(kept.user, kept.sheet);
      if (!listed.has(key) && !busy.has(key)) await sheets.delete(key);
      else if (kept.user === user && Boolean(kept.gone) === listed.has(key)) await sheets.put({ ...kept, gone: !listed.has(key) }, key);
    }
    for (const [key, line] of listed) {
      if (line.state === "signed" && !busy.has(key)) await sheets.put({ user, sheet: line.id, document: bare(line) }, key);
    }
    await tx.done;
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

  window.judgeStore = { all, alone, attempt, delivered, device, drop, enqueue, get, id, keep, newestFirst, own, put, refused, saveDraft, unsent, uuid, wipe };
})();
