/* The list of the judge's sheets, by module and code: which one to open, and whether it is delivered. */
import { word } from "./delivery.js";
import { h, part, say } from "./elements.js";
import { main, page } from "./page.js";
import { newestFirst, own } from "./queue.js";
import * as store from "./store.js";

const EMPTY = ["empty", "draft"];
let scrolled = 0;   /* where the list was left */

const before = (a, b) => (a === b ? 0 : a < b ? -1 : 1);

/* This judge's sheets as they are kept, in the order of the list. */
export async function sheets() {
  const kept = own(await store.all("sheets"), page.user).map((each) => each.document);
  return kept.sort((a, b) =>
    (a.event + a.module.name).localeCompare(b.event + b.module.name) || before(a.code, b.code));
}

/* The sheets before and after this one in its module. */
export function neighbours(list, sheet) {
  const same = list.filter((each) => each.module.id === sheet.module.id);
  const at = same.findIndex((each) => each.id === sheet.id);
  return [same[at - 1]?.id, same[at + 1]?.id];
}

function byModule(lines) {
  const groups = new Map();
  for (const line of lines) groups.set(line.module, [...(groups.get(line.module) || []), line]);
  return [...groups.values()];
}

/* `head` says what the list is made of, `tone` and `said` where each sheet stands. */
function lineOf(sheet, item, draft) {
  const place = (sheet.sitting || "") + (sheet.station ? " 工位 " + sheet.station : "");
  const title = sheet.event + " · " + sheet.module.name;
  return {
    head: { id: sheet.id, code: sheet.code, place, title }, module: sheet.module.id, said: word(sheet, item, draft),
    tone: item || draft ? "tone-warn" : "state-" + sheet.state, isDone: !EMPTY.includes(sheet.state),
  };
}

const group = (lines) => h("section", {}, h("h2", {}, lines[0].head.title), h("p", { "data-done": lines[0].module }),
  h("ul", { class: "sheet-list" }, lines.map(({ head: { id, code, place } }) =>
    h("li", {}, h("a", { href: "#" + id }, h("span", { class: "sheet-code" }, code), h("span", {}, place),
      h("span", { "data-stands": id }))))));

function advice(isEmpty) {
  if (page.denied) {
    const desk = h("a", { href: "/desk/" }, "返回工作台");
    return h("p", {}, "当前登录的账号不是裁判。评分请用裁判账号登录，其他工作请", desk, "。");
  }
  if (!isEmpty) return null;
  return h("p", {}, page.user ? "还没有分给本人的评分表。评分开启后会列在这里。" : "请先登录，评分表会存到本机，断网也能评。");
}

/* Links stay where they are while the words in them change: one may be pressed just now. */
function drawLines(groups) {
  const heads = groups.map((lines) => lines.map((line) => line.head));
  part(main, ["list", heads, page.denied, page.user], () =>
    [h("h1", {}, "我的评分表"), groups.map(group), advice(!groups.length)]);
  for (const lines of groups) {
    const done = lines.filter((line) => line.isDone).length;
    say(main.querySelector('[data-done="' + lines[0].module + '"]'), "已送达 " + done + " / " + lines.length);
    for (const { head, tone, said } of lines) {
      const stands = main.querySelector('[data-stands="' + head.id + '"]');
      stands.className = "state " + tone;
      say(stands, said);
    }
  }
}

/* Before a sheet takes the list's place. */
export function leave() { scrolled = window.scrollY; }

/* The list as it is kept now, in place of whatever is on the page. */
export async function drawList() {
  const list = await sheets(), items = newestFirst(own(await store.all("outbox"), page.user));
  const drafts = own(await store.all("drafts"), page.user);
  const of = (all, sheet) => all.find((each) => each.sheet === sheet.id);
  const isBack = page.open !== null;
  page.open = null;
  drawLines(byModule(list.map((sheet) => lineOf(sheet, of(items, sheet), of(drafts, sheet)))));
  if (isBack) window.scrollTo(0, scrolled);
}
