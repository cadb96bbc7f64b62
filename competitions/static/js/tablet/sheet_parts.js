/* What stands around the fields of a sheet: head and timer, what has to be decided, the judge's own signature, the bar.
   Draws only; what a press does is wired in app.js by `data-act`. */
import * as clocks from "./clock.js";
import { awaitsSign, steps, word } from "./delivery.js";
import { h, part, say } from "./elements.js";
import { total } from "./marks.js";
import { skew } from "./server.js";

const at = (id) => document.getElementById(id);
const LET_GO = ["sheet_confirmed", "not_found"];

/* The empty parts, in their places; they stay as long as sheets are on the page. */
export const frame = () => [
  h("header", { class: "sheet-head", id: "sheet-head" }), h("div", { id: "sheet-told" }),
  h("ol", { class: "aspects", id: "sheet-form" }),
  h("div", { id: "sheet-correction" }), h("div", { id: "sheet-signing" }),
  h("div", { class: "sheet-bar", id: "sheet-bar" },
    h("span", { class: "sheet-total" }, "合计 ", h("b", { id: "sheet-total" })),
    h("ol", { class: "delivery", id: "sheet-states", "aria-label": "送达状态" }),
    h("div", { class: "sheet-buttons", id: "sheet-buttons" })),
];

const button = (act, words, more) => h("button", { type: "button", class: "btn", "data-act": act, ...more }, words);
const notice = (...words) => h("div", { class: "notice notice-info" }, h("div", {}, words));
const where = (label, value) => value ? h("div", {}, h("dt", {}, label), h("dd", {}, String(value))) : null;

export function drawHead({ sheet, locked }) {
  const facts = [sheet.code, sheet.module.name, sheet.sitting, sheet.station];
  part(at("sheet-head"), [sheet.id, facts, word(sheet), locked], () => [
    h("h1", { class: "sheet-code" }, sheet.code),
    h("dl", { class: "sheet-where" }, where("模块", sheet.module.name), where("场次", sheet.sitting),
      where("工位", sheet.station), where("状态", word(sheet))),
    h("div", { class: "sheet-clock" }, h("span", { id: "sheet-time" }),
      locked ? null : button("timer", "", { id: "sheet-timer" }))]);
  part(at("sheet-correction"), [sheet.id, locked], () => locked ? null : correction());
}

/* A judge forgot the button: minutes and seconds as they really were. */
function correction() {
  const field = (id, label, most) =>
    h("label", {}, h("input", { id, inputmode: "numeric", maxlength: most, autocomplete: "off" }), label);
  return h("details", { class: "sheet-time" },
    h("summary", { "data-act": "correct" }, "改正用时（忘记开始或停止计时时）"),
    h("p", {}, "填从开始到结束的时间，含暂停；停表、补时由系统扣除。"),
    h("div", { class: "sheet-time-fields" }, field("time-minutes", " 分 ", "5"), field("time-seconds", " 秒 ", "2"),
      button("set-time", "改为这一用时", { id: "time-set" })),
    h("p", { class: "aspect-says", id: "time-says", role: "alert" }));
}

/* The time as it is now, put into the fields in which it can be put right. */
export function offerTime(clock) {
  const { minutes, seconds } = clocks.parts(clock, Date.now());
  at("time-minutes").value = minutes;
  at("time-seconds").value = seconds;
}

/* The clock as the fields say; null when they say something that is no time, and then it is told beside them. */
export function typedTime() {
  const found = clocks.corrected(at("time-minutes").value, at("time-seconds").value);
  say(at("time-says"), found ? "" : "请填写分和秒，秒不超过 59");
  return found;
}

export function drawClock({ clock, document: sheet }) {
  const { text, tone } = clocks.said(clock, sheet, Date.now(), skew());
  say(at("sheet-time"), text);
  at("sheet-time").className = tone;
  if (at("sheet-timer")) say(at("sheet-timer"), clocks.next(clock));
}

const LEFT = "已填写的存在本机，提交后交裁判长处理，不会丢失。";

/* What came back and has to be decided: a conflict, a refusal; or that nothing has to be done. */
export function drawTold({ sheet, item, draft, gone }) {
  const stuck = item && item.state !== "waiting" ? item : null;
  const marks = stuck?.state === "conflict" ? (draft || item.body).marks : null;
  const changed = sheet.clock?.told || [];
  const known = [sheet.id, changed, sheet.recused, gone, draft && "typed", stuck?.key, stuck?.state, stuck?.answer,
    marks];
  part(at("sheet-told"), known, () => [
    changed.length ? notice("计时：" + changed.join("；") + "。已填写的给分不变。") : null,
    stuck && (marks ? conflict(sheet.aspects, stuck.answer.current || { marks: {} }, marks) : refusal(stuck)),
    sheet.recused ? notice("本评分表已按回避处理，不需要评分。" + (draft ? LEFT : "")) : null,
    gone && stuck?.state !== "late" ? notice("这份评分表现在不在本人名下（已换人，或按回避处理）。" + LEFT) : null]);
}

/* Both versions side by side; the judge chooses. */
function conflict(aspects, current, marks) {
  return h("div", { class: "notice notice-warning", role: "alert" }, h("div", {},
    h("p", { class: "notice-title" }, "这份评分表在别处已送达第 " + current.revision + " 版，请选择以哪一份为准"),
    h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", {}, "评分项"), h("th", {}, "已送达"), h("th", {}, "本机"))),
      h("tbody", {}, aspects.map((aspect) => {
        const [theirs, mine] = [current.marks[aspect.id] ?? "空白", marks[aspect.id] ?? "空白"], isSame = theirs === mine;
        return h("tr", { class: isSame ? null : "is-different" },
          h("td", {}, aspect.name, isSame ? null : "（不同）"), h("td", {}, theirs), h("td", {}, mine));
      }))),
    button("keep-theirs", "保留已送达的"), " ", button("keep-mine", "以本机的为准", { class: "btn btn-primary" })));
}

function refusal({ state, answer }) {
  const isLate = state === "late";
  const text = answer?.message || (isLate ? "这份评分送达太晚，没有计入，已交裁判长处理。" : "没有送达，须修改后重新提交。");
  return h("div", { class: "notice notice-danger", role: "alert" }, h("div", {}, text,
    isLate || LET_GO.includes(answer?.code) ? h("p", {}, button("let-go", "知道了")) : null));
}

/* The judge's own signature, where it is still to be given and nothing is typed that it would not cover. */
export function drawSigning({ sheet, item, draft }) {
  const isDue = !draft && !item && awaitsSign(sheet);
  part(at("sheet-signing"), [sheet.id, isDue], () => isDue && notice(
    h("p", {}, "本模块要求裁判本人签字。请核对各项给分，无误后签字。"),
    button("sign", "本人签字", { class: "btn btn-primary", id: "sheet-sign" })));
}

/* Something was typed: it counts at once, and a signature would not cover it. */
export function drawTyped(sheet, marks) {
  say(at("sheet-total"), total(sheet.aspects, marks));
  part(at("sheet-signing"), [sheet.id, false], () => null);
}

/* The bar at the bottom: a button that is being pressed stays while total and states change beside it. */
export function drawBar({ sheet, marks, item, draft, locked, beside: [before, after] }) {
  const stages = steps(sheet, item, draft), canSubmit = !locked && item?.state !== "conflict";
  say(at("sheet-total"), total(sheet.aspects, marks));
  part(at("sheet-states"), stages, () =>
    stages.map(({ name, text, tone }) => h("li", { class: tone, "data-state": name }, text)));
  const go = (other, words) => other ? h("a", { class: "btn", href: "#" + other }, words) : null;
  part(at("sheet-buttons"), [before, after, canSubmit], () => [go(before, "上一位"),
    canSubmit ? button("submit", "提交", { class: "btn btn-primary", id: "sheet-submit" }) : null,
    go(after, "下一位"), h("a", { class: "btn", href: "#" }, "列表")]);
}
