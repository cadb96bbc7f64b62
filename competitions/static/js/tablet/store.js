/* What the tablet keeps: outbox, drafts, the judge's own sheets by code, a device number. Codes and marks only, never a
   name or an ID; every item carries the id of the user whose it is. Promises throughout; knows no page and no network.

   outbox  key → {key, user, sheet, code, body, sequence, state: waiting|conflict|refused|late, attempts, after?,
           answer?}
   drafts  "user sheet" → {user, sheet, base, on?, mark, marks, notes, seconds, started?, runs?}; on: the item it was
           typed upon; mark: another one for each change
   sheets  "user sheet" → {user, sheet, document, delivered?: {key, revision}, gone?}; gone: no longer the judge's, kept
           for what is typed in it
   delivered  key → {key, user, sheet, code, sequence, body, answer: {receipt, revision, digest, at}, offer?, fate?};
           kept for a week: a server that is restored from a backup does not know them. fate: known, aside, homeless
   meta    device, sequence, user, lease, said, night, epoch

   Server and judge write here at the same time: whatever depends on what is there is one transaction. */
import { afterDelivery, afterRefusal, based, isReady, outdated, place } from "./queue.js";

const STORES = ["outbox", "drafts", "sheets", "meta"];
const ALL = [...STORES, "delivered"];
const LEASE = 45000;
let opened = null;

/* A browser may close a database by itself (iPads do so in the background); the next who asks opens it again. */
function database() {
  opened = opened || window.idb.openDB("judging", 2, {
    upgrade(db) {
      for (const name of ALL) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
    },
    blocking() {   /* another tab is newer and waits for this one */
      opened?.then((db) => db.close());
      opened = null;
    },
    terminated() { opened = null; },
  }).catch((fault) => { opened = null; throw fault; });
  return opened;
}

async function transaction(stores, mode, options) {
  try {
    return (await database()).transaction(stores, mode, options);
  } catch {
    opened = null;
    return (await database()).transaction(stores, mode, options);
  }
}

const reading = (stores) => transaction(stores, "readonly");
const strictly = (stores) => transaction(stores, "readwrite", { durability: "strict" });

export function uuid() {
  if (window.crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));   /* plain HTTP has no randomUUID */
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const hex = Array.from(b, (v) => v.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const id = (user, sheet) => user + " " + sheet;
export const get = async (store, key) => (await reading(store)).store.get(key);
export const all = async (store) => (await reading(store)).store.getAll();

export async function put(store, key, value) {
  const tx = await strictly(store);
  await tx.store.put(value, key);
  await tx.done;
}

async function remove(store, key) {
  const tx = await strictly(store);
  await tx.store.delete(key);
  await tx.done;
}

export async function device() {
  let number = await get("meta", "device");
  if (!number) await put("meta", "device", number = uuid());
  return number;
}

/* A sheet from the server is kept only when it is not older than what is here: a delivery may have come in between.
   What is here from before the server was restored gives way. */
export async function keep(user, sheet) {
  const tx = await strictly(["sheets", "meta"]), key = id(user, sheet.id);
  const sheets = tx.objectStore("sheets"), there = await sheets.get(key);
  const epoch = await tx.objectStore("meta").get("epoch");
  if (!there || there.document.revision <= sheet.revision || there.epoch !== epoch) {
    await sheets.put({ user, sheet: sheet.id, document: sheet, delivered: there?.delivered, epoch }, key);
  }
  await tx.done;
}

/* The epoch of the server. When it is another than before, all that was delivered is to be offered again; then true. */
export async function hear(epoch) {
  const tx = await strictly(["meta", "delivered"]), meta = tx.objectStore("meta"), before = await meta.get("epoch");
  const isNew = Boolean(before) && before !== epoch;
  if (before !== epoch) await meta.put(epoch, "epoch");
  if (isNew) {
    const held = tx.objectStore("delivered");
    for (const item of await held.getAll()) await held.put({ ...item, offer: true }, item.key);
  }
  await tx.done;
  return isNew;
}

/* What came of offering it again: known, aside (the chief judge has it), homeless (the server has no such sheet). */
export async function offered(key, fate) {
  const tx = await strictly(["delivered"]), item = await tx.store.get(key);
  if (item) await tx.store.put({ ...item, offer: false, fate }, key);
  await tx.done;
}

/* `drawn`: {base, on}, the base revision and the outbox item that the judge had before his eyes; a draft keeps those of
   its start. */
export async function saveDraft(draft, drawn) {
  const tx = await strictly(["drafts", "sheets"]), key = id(draft.user, draft.sheet);
  const there = await tx.objectStore("drafts").get(key);
  const from = there ? { base: there.base, on: there.on ?? null }
    : based(drawn, (await tx.objectStore("sheets").get(key))?.delivered);
  await tx.objectStore("drafts").put({ ...draft, ...from }, key);
  await tx.done;
}

/* Queue a submission; returns its item. `drawn.chosen`: the judge chose against the revision `drawn.base` that he was
   shown. `held`: the drafts that it holds, by mark; one that has been changed since stays, as typed upon this item. */
export async function enqueue({ user, sheet, code, body }, drawn, held) {
  const tx = await strictly(STORES), key = id(user, sheet);
  const [outbox, drafts, sheets, meta] = ["outbox", "drafts", "sheets", "meta"].map((name) => tx.objectStore(name));
  const sequence = ((await meta.get("sequence")) || 0) + 1;
  await meta.put(sequence, "sequence");
  const draft = await drafts.get(key), isHeld = draft && held.has(draft.mark), kept = await sheets.get(key);
  const { base } = drawn.chosen ? drawn : based(isHeld ? draft : drawn, kept?.delivered);
  const waiting = await outbox.getAll();
  for (const old of waiting) if (unmarked.has(old.key)) old.attempts += 1;
  const { after, replaced } = place(waiting, user, sheet);
  const item = { key: uuid(), user, sheet, code, sequence, state: "waiting", attempts: 0, ...(after && { after }),
    body: { ...body, base_revision: base, client: { ...body.client, sequence } } };
  for (const old of replaced) await outbox.delete(old);
  await outbox.put(item, item.key);
  if (draft && !isHeld) await drafts.put({ ...draft, base, on: item.key }, key);
  else await drafts.delete(key);
  await tx.done;
  return item;
}

/* There is no space left for this site on the tablet. */
export const saysFull = (fault) => fault?.name === "QuotaExceededError";
const unmarked = new Set();   /* keys that were sent while there was no space to note it */

/* For what is only noted: a full tablet does without it. */
export async function note(name, value) {
  try {
    if ((await get("meta", name)) !== value) await put("meta", name, value);
  } catch (fault) {
    if (!saysFull(fault)) throw fault;
  }
}

/* Mark an item as being sent now; null when it was replaced meanwhile or has to wait for another. A full tablet sends
   it without the mark: what is sent is no longer to be kept here. */
export async function attempt(key) {
  try {
    const tx = await strictly(["outbox"]), item = await tx.store.get(key), ready = isReady(item);
    if (ready) await tx.store.put({ ...item, attempts: item.attempts + 1 }, key);
    await tx.done;
    return ready ? item : null;
  } catch (fault) {
    if (!saysFull(fault)) throw fault;
    const item = await get("outbox", key);
    if (!isReady(item)) return null;
    unmarked.add(key);
    return item;
  }
}

/* What a sheet is after a receipt for what was submitted, unless it is newer already. */
function withReceipt(sheet, { marks, notes, seconds, runs = null, complete }, { revision, receipt, total, digest }) {
  if (sheet.revision > revision) return sheet;
  return { ...sheet, marks, notes, seconds, runs, complete, revision, receipt, total, digest, version: null,
    signature: null, state: complete ? "submitted" : "draft" };
}

function asDelivered({ key, user, sheet, code, sequence, body }, { receipt, revision, digest, server_time: at }) {
  return { key, user, sheet, code, sequence, body, answer: { receipt, revision, digest, at } };
}

/* A receipt arrived: the item leaves the outbox and is kept among the delivered; what waits for it is now based on the
   new revision, and so is what was typed upon it (queue.js, based). */
export async function delivered(item, answer) {
  const tx = await strictly(["outbox", "sheets", "delivered"]), key = id(item.user, item.sheet);
  const [outbox, sheets, held] = ["outbox", "sheets", "delivered"].map((name) => tx.objectStore(name));
  const freed = afterDelivery(await outbox.getAll(), item.key, answer.revision);
  for (const other of freed) await outbox.put(other, other.key);
  await outbox.delete(item.key);
  await held.put(asDelivered(item, answer), item.key);
  for (const old of outdated(await held.getAll(), answer.server_time)) await held.delete(old.key);
  const kept = await sheets.get(key);
  if (kept) {
    const arrived = { key: item.key, revision: answer.revision };
    await sheets.put({ ...kept, document: withReceipt(kept.document, item.body, answer), delivered: arrived }, key);
  }
  await tx.done;
}

/* The server said no. What came after takes its place and is sent with the same base (a late one was kept aside and
   stays). */
export async function refused(key, state, answer) {
  const tx = await strictly(["outbox"]), item = await tx.store.get(key);
  const freed = afterRefusal(await tx.store.getAll(), key);
  for (const other of freed) await tx.store.put(other, other.key);
  if (freed.length && state !== "late") await tx.store.delete(key);
  else if (item) await tx.store.put({ ...item, state, answer }, key);
  await tx.done;
}

/* The judge lets an item go; with `current`, the revision that the server has is what counts, also against a draft. */
export async function drop(item, current) {
  const tx = await strictly(["outbox", "drafts", "sheets"]), key = id(item.user, item.sheet);
  await tx.objectStore("outbox").delete(item.key);
  if (current) await tx.objectStore("drafts").delete(key);
  const kept = await tx.objectStore("sheets").get(key);
  if (current && kept && kept.document.revision <= current.revision) {
    const { sheet: _, ...content } = current;
    await tx.objectStore("sheets").put({ ...kept, document: { ...kept.document, ...content, version: null } }, key);
  }
  await tx.done;
}

const bare = (line) => ({ ...line, aspects: [], marks: {}, notes: {}, reevaluate: [] });

/* Of what is signed and has nothing unsent only the line of the list stays; what another judge left here that is
   delivered goes. One transaction, so that nothing queued meanwhile is overlooked. */
export async function wipe(user, lines) {
  const tx = await strictly(STORES), sheets = tx.objectStore("sheets");
  const epoch = await tx.objectStore("meta").get("epoch");
  const unfinished = [...await tx.objectStore("outbox").getAll(), ...await tx.objectStore("drafts").getAll()];
  const busy = new Set(unfinished.map((item) => id(item.user, item.sheet)));
  const listed = new Map(lines.map((line) => [id(user, line.id), line]));
  for (const kept of await sheets.getAll()) {
    const key = id(kept.user, kept.sheet);
    if (!listed.has(key) && !busy.has(key)) await sheets.delete(key);
    else if (kept.user === user && Boolean(kept.gone) === listed.has(key)) {
      await sheets.put({ ...kept, gone: !listed.has(key) }, key);
    }
  }
  for (const [key, line] of listed) {
    if (line.state !== "signed" || busy.has(key)) continue;
    await sheets.put({ user, sheet: line.id, document: bare(line), epoch }, key);
  }
  await tx.done;
}

/* One flusher for all tabs: Web Locks, or a lease where there are none (plain HTTP). */
export async function alone(work) {
  if (navigator.locks) {
    return navigator.locks.request("judge-flush", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  }
  const owner = alone.owner = alone.owner || uuid();
  const tx = await strictly(["meta"]), lease = await tx.store.get("lease");
  const isTaken = lease && lease.owner !== owner && lease.until > Date.now();
  if (!isTaken) await tx.store.put({ owner, until: Date.now() + LEASE }, "lease");
  await tx.done;
  if (isTaken) return undefined;
  try { return await work(); } finally { await remove("meta", "lease"); }
}
