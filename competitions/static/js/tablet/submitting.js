/* Submitting a sheet: what looks wrong is asked about, then it is put into the outbox. Letting a refused one go. */
import { stopped } from "./clock.js";
import { ask } from "./dialog.js";
import { draw } from "./drawing.js";
import { fieldInUse } from "./elements.js";
import { read, review } from "./form.js";
import { sheets } from "./list.js";
import { isTwin, slips } from "./marks.js";
import { changed, flush } from "./outbox.js";
import { main, page } from "./page.js";
import { refresh } from "./refresh.js";
import { skew } from "./server.js";
import * as store from "./store.js";
import { inTurn, queued, settled } from "./typing.js";

let isSubmitting = false;

/* Blanks, marks that are exactly those of another code, slips of the decimal point. */
async function warnings(open, marks, blank) {
  const { aspects, module } = open.document, said = [];
  const others = (await sheets()).filter((each) =>
    each.module.id === module.id && each.id !== open.id && Object.keys(each.marks || {}).length);
  const slipped = slips(aspects, marks, others.map((each) => each.marks));
  if (slipped.length) said.push("与本人在其他号上的给分相差约十倍，请核对小数点：" + slipped.join("、") + "。");
  const twin = others.find((each) => isTwin(aspects, marks, each.marks));
  if (twin) said.push("各项给分与本人给 " + twin.code + " 的完全相同，请核对是否填错了号。");
  if (blank.length) {
    said.push("还有 " + blank.length + " 项空白（空白不等于 0）：" + blank.join("、") + "。仍然提交则只作为草稿送达。");
  }
  return said.join("\n");
}

/* What was read goes into the outbox after all that was typed before, and before all that is typed since. */
async function queue(open, content, held, drawn) {
  const client = { device: await store.device(), time: new Date().toISOString() };
  open.clock = stopped(open.clock, Date.now(), skew());
  const { seconds, runs } = open.clock;
  const body = { ...content, seconds, ...(seconds && runs?.length && { runs }), client };
  await inTurn(async () => {
    const sheet = { user: open.owner, sheet: open.id, code: open.document.code, body };
    const item = await store.enqueue(sheet, drawn || open.drawn, held);
    open.drawn = { base: item.body.base_revision, on: item.key };
    queued(held);
  });
}

async function submitOpen(drawn) {
  await settled();
  const open = page.open;
  if (!open) return;
  const held = new Set(open.held), { marks, notes } = read(main);
  const found = review(main, open.document.aspects, marks, {});
  if (found.wrong.length) {
    await ask("请先改正：" + found.wrong.join("、") + "。");
    return;
  }
  const doubts = await warnings(open, marks, found.blank);
  if (doubts && !(await ask(doubts, "仍然提交"))) return;
  if (page.open !== open) return;
  try {
    await queue(open, { marks, notes, complete: !found.blank.length }, held, drawn);
  } catch (fault) {
    console.error(fault);
    await ask("没有存到本机，也没有送达。请不要关闭本页，稍后再按一次“提交”。");
    return;
  }
  changed();
  await draw();
  flush();
}

/* What stands in the fields; `drawn` when the judge chose it against a revision that he was shown. */
export async function submit(drawn) {
  if (isSubmitting) return;
  isSubmitting = true;
  fieldInUse(main)?.blur();   /* on an iPad a press of a button leaves the cursor where it was */
  try { await submitOpen(drawn); } finally { isSubmitting = false; }
}

/* In a conflict: what stands here counts, against the delivered revision that was shown beside it. */
export const keepMine = ({ item }) => submit({ base: item.answer.current?.revision, on: null, chosen: true });

/* The judge lets the newest item go; with `current`, the delivered revision counts. */
export async function letGo({ item }, current) {
  await inTurn(() => store.drop(item, current));
  await draw();
  await refresh().catch(() => {});
}

export const keepTheirs = (open) => letGo(open, open.item.answer.current);
