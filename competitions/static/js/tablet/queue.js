/* The order of what waits to be delivered: what a new submission replaces or goes after, what is sent next, what an
   answer frees. An item is {key, user, sheet, sequence, state: waiting|conflict|refused|late, attempts, after?, body};
   never by the clock, always by `sequence`. Pure: the store does in one transaction what is said here. */

const WEEK = 7 * 24 * 3600 * 1000;

export const own = (items, user) => items.filter((item) => item.user === user);
export const unsent = (items) => items.filter((item) => item.state !== "late");
export const oldestFirst = (items) => [...items].sort((a, b) => a.sequence - b.sequence);
export const newestFirst = (items) => [...items].sort((a, b) => b.sequence - a.sequence);

/* The last that this judge submitted for this sheet, of what is still here. */
export const newest = (items, user, sheet) => newestFirst(own(items, user)).find((item) => item.sheet === sheet);

/* Sent, and no answer was seen: it may have arrived or not. */
const isUncertain = (item) => item.state === "waiting" && item.attempts > 0;

/* What a new submission for a sheet does to those before it: one that was never sent, or was refused, is replaced; one
   whose fate is unknown stays, and the new one goes after the newest of them; a late one is the chief judge's. */
export function place(items, user, sheet) {
  const before = newestFirst(own(items, user)).filter((item) => item.sheet === sheet);
  return {
    after: before.find(isUncertain)?.key,
    replaced: before.filter((item) => !isUncertain(item) && item.state !== "late").map((item) => item.key),
  };
}

/* What was typed upon a submission that is delivered by now is based on the revision that came of it. {base, on}: the
   revision and the item that the judge had before his eyes; `arrived` {key, revision} the last that was delivered. */
export function based({ base, on }, arrived) {
  return on && arrived?.key === on ? { base: arrived.revision, on: null } : { base, on: on ?? null };
}

export const isReady = (item) => Boolean(item) && item.state === "waiting" && !item.after;

/* This judge's waiting items, oldest first; those that go after another are among them and get ready on the way. */
export const turns = (items, user) => oldestFirst(own(items, user)).filter((item) => item.state === "waiting");

function freed(waiting, base) {
  const { after: _, ...item } = waiting;
  return base === undefined ? item : { ...item, body: { ...item.body, base_revision: base } };
}

/* An item was delivered: those that went after it are ready, based on the revision that came of it. */
export const afterDelivery = (items, key, revision) =>
  items.filter((item) => item.after === key).map((item) => freed(item, revision));

/* Delivered before the server was restored from a backup, and not offered to it again yet; in the order of delivery, so
   that each revision follows upon the one before. */
export const offers = (items, user) => oldestFirst(own(items, user)).filter((item) => item.offer);

/* Delivered ones are kept for a week by the server's clock, those that are still to be offered as long as it takes. */
export const outdated = (items, now) =>
  items.filter((item) => !item.offer && Date.parse(now) - Date.parse(item.answer.at) > WEEK);

/* An item was refused: those that went after it take its place, with the base that they have. */
export const afterRefusal = (items, key) =>
  items.filter((item) => item.after === key).map((item) => freed(item));
