/* A sheet on the page: read from the store and drawn part by part. A field in use is never replaced and its text never
   changed: what cannot be drawn without that waits until it is left. */
import { fieldInUse, part } from "./elements.js";
import { agrees, build, fill, read, review, shape } from "./form.js";
import { leave, neighbours, sheets } from "./list.js";
import { main, page } from "./page.js";
import { newest } from "./queue.js";
import { drawBar, drawClock, drawHead, drawSigning, drawTold, frame } from "./sheet_parts.js";
import * as store from "./store.js";
import { count, settled } from "./typing.js";

const SETTLED = ["confirmed", "signed"];

/* What is kept of a sheet, read while nothing was typed and the judge was the same; null when something typed cannot be
   kept, because then the fields are the only copy. */
async function look(id) {
  const typed = count(), user = page.user;
  if (!(await settled())) return null;
  const key = store.id(user, id);
  const [kept, draft, items, list] = await Promise.all(
    [store.get("sheets", key), store.get("drafts", key), store.all("outbox"), sheets()]);
  if (count() !== typed || page.user !== user) return look(id);
  return { sheet: kept?.document, user, gone: Boolean(kept?.gone), draft, item: newest(items, user, id), list };
}

/* The revision and the item that the fields would be drawn from. */
function origin({ sheet, draft, item }) {
  if (draft) return { base: draft.base, on: draft.on ?? null };
  return item ? { base: item.body.base_revision, on: item.key } : { base: sheet.revision, on: null };
}

function contentOf({ sheet, draft, item }) {
  const { marks, notes, seconds, runs } = draft || item?.body || sheet;
  const clock = { started: draft?.started || null, seconds: seconds ?? null, runs: runs ?? null };
  return { marks: marks || {}, notes: notes || {}, clock };
}

const isLocked = ({ sheet, draft, item }) =>
  Boolean((sheet.recused || SETTLED.includes(sheet.state)) && !item && !draft);

/* Whether the fields can be drawn anew without touching the one in use. Another form would replace it; and where it
   says something else than a newer revision, what is typed must not go on as if it were based on that revision. */
function isFree(open, used, found, form) {
  if (!used) return true;
  const { base, on } = origin(found), isMoved = base !== open.drawn.base || on !== open.drawn.on;
  return form === open.form && (!isMoved || agrees(main, used, contentOf(found)));
}

function drawFields(open, used, found, form) {
  const content = contentOf(found), isWhole = !used || agrees(main, used, content);
  Object.assign(open, { document: found.sheet, form, drawn: origin(found), clock: content.clock, behind: !isWhole });
  if (isWhole && found.draft) open.held.add(found.draft.mark);
  part(document.getElementById("sheet-form"), form, () => build(found.sheet, isLocked(found)));
  fill(main, content);
}

/* The problems that a refusal names are shown once, until something is typed. */
function takeAnswer(open, item) {
  const answer = item?.answer ? item.key : null;
  const problems = (item?.answer?.problems || []).map((each) => [each.where, each.message]);
  if (answer !== open.answer) open.says = Object.fromEntries(problems);
  Object.assign(open, { item, answer });
}

function enter(id, owner) {
  if (!page.open) leave();
  page.open = { id, owner, item: null, answer: null, says: {}, held: new Set(), behind: false };
  part(main, ["sheet"], frame);
  window.scrollTo(0, 0);
}

/* The sheet as it is kept now; opens it when it is not on the page yet. A sheet that is not here, or of which only the
   line is left, leads back to the list. */
export async function drawSheet(id) {
  const found = await look(id);
  if (!found) return;
  const isOpen = page.open?.id === id && page.open.owner === found.user, used = isOpen ? fieldInUse(main) : null;
  if (!found.sheet?.aspects.length) {
    if (used) page.open.behind = true;
    else if (page.ready) location.hash = "";
    return;
  }
  if (!isOpen) enter(id, found.user);
  const open = page.open, form = JSON.stringify(shape(found.sheet, isLocked(found)));
  takeAnswer(open, found.item);
  if (isFree(open, used, found, form)) drawFields(open, used, found, form);
  else open.behind = true;
  const { marks } = read(main);
  review(main, open.document.aspects, marks, open.says);
  const state = { ...found, marks, locked: isLocked(found), beside: neighbours(found.list, found.sheet) };
  drawHead(state);
  drawClock(open);
  drawTold(state);
  drawSigning(state);
  drawBar(state);
}
