/* From the fields into the store: each change at once, so that nothing typed is lost by a reload or an empty battery.
   Writes go one after the other; one that failed is tried again, and until it is there the fields are the only copy. */
import { tellTabs } from "./outbox.js";
import { read, review } from "./form.js";
import { main } from "./page.js";
import * as store from "./store.js";

const TAB = store.uuid();
let writing = Promise.resolve();
let changes = 0;
let unkept = null;   /* {draft, open, fault} of the last write, when it failed */

/* How often something was typed: what was read from the store before the last time is not what stands in the fields. */
export const count = () => changes;
export const isKept = () => unkept === null;
/* Whether it is because there is no space left for this site. */
export const isFull = () => store.saysFull(unkept?.fault);

/* A draft that could not be kept is in the outbox by now. */
export function queued(held) {
  if (held.has(unkept?.draft.mark)) unkept = null;
}

/* After all writes so far, before all later ones. */
export function inTurn(work) {
  const done = writing.then(work);
  writing = done.catch(() => {});
  return done;
}

/* `open.drawn` as it is when the turn comes: a submission in between has moved it. */
async function write(draft, open) {
  try {
    await store.saveDraft(draft, open.drawn);
    unkept = null;
    tellTabs();
  } catch (fault) {
    console.error(fault);
    unkept = { draft, open, fault };
  }
}

/* Something in the fields of this sheet has changed; resolves when it is kept, or could not be. */
export function typed(open) {
  changes += 1;
  const content = read(main);
  open.says = {};
  const mark = TAB + " " + changes;
  open.held.add(mark);
  review(main, open.document.aspects, content.marks, {});
  const { seconds, started, runs } = open.clock;
  const draft = { user: open.owner, sheet: open.id, mark, ...content, seconds, started, runs };
  return inTurn(() => write(draft, open));
}

/* Everything typed is in the store; false when it cannot be kept now. */
export async function settled() {
  let last;
  do { last = writing; await last; } while (last !== writing);
  if (unkept) await inTurn(() => unkept && write(unkept.draft, unkept.open));
  return isKept();
}
