/* One score sheet as a form: drawing it from its document, filling it again, reading it back, saying what looks wrong.
   Knows no network and no storage. */
import { fieldInUse, h, say } from "./elements.js";
import { fault, isBlank, isSame, stepped } from "./marks.js";
import { tidy } from "./decimals.js";

const GRADES = ["未达到", "达到", "较好", "优秀"];

function terms(aspect) {
  const most = aspect.cap ? "，最多扣 " + aspect.cap : "";
  if (aspect.kind === "deduction") return "配分 " + aspect.max + "，每次扣 " + aspect.per + most;
  return (aspect.max === undefined ? "" : "满分 " + aspect.max) + (aspect.step ? "，步长 " + aspect.step : "");
}

function grades(aspect, fixed, index) {
  const legend = h("legend", { class: "visually-hidden" }, aspect.name);
  return h("fieldset", { class: "judgement", disabled: fixed }, legend,
    GRADES.map((word, grade) => h("label", {},
      h("input", { type: "radio", name: "m-" + index, value: String(grade), "data-mark": aspect.id }),
      h("b", {}, String(grade)), h("span", {}, aspect.grades?.[grade] || word))));
}

function stepper(aspect, fixed, index) {
  const button = (direction, sign, word) => fixed ? null :
    h("button", { type: "button", "data-step": direction, "aria-label": aspect.name + " " + word }, sign);
  const inputmode = aspect.kind === "deduction" ? "numeric" : "decimal";
  return h("div", { class: "stepper" }, button("-1", "−", "减"),
    h("input", { id: "m-" + index, "data-mark": aspect.id, maxlength: "16", autocomplete: "off", readonly: fixed,
      enterkeyhint: "next", inputmode, "aria-describedby": "f-" + index }),
    button("1", "＋", "加"));
}

function line(aspect, index, called, locked) {
  const call = called.find((each) => each.aspect === aspect.id);
  const fixed = locked || (called.length > 0 && !call);
  const name = (aspect.id === "score" ? "" : aspect.id + " ") + aspect.name;
  return h("li", { class: "aspect", "data-aspect": aspect.id },
    h("div", { class: "aspect-words" },
      aspect.kind === "judgement" ? h("span", { class: "aspect-name" }, name)
        : h("label", { class: "aspect-name", for: "m-" + index }, name),
      h("span", { class: "aspect-max" }, terms(aspect) + (call ? " · 重新评议，分差 " + call.spread : "")),
      aspect.rule ? h("details", {}, h("summary", {}, "评分标准"), aspect.rule) : null),
    aspect.kind === "judgement" ? grades(aspect, fixed, index) : stepper(aspect, fixed, index),
    h("p", { class: "aspect-says", id: "f-" + index, role: "status" }),
    h("details", { class: "aspect-note" }, h("summary", {}, "写明理由（可不填）"),
      h("textarea", { class: "form-control", rows: "2", maxlength: "300", "data-note": aspect.id,
        "aria-label": "理由：" + aspect.name, readonly: locked })));
}

/* What decides how the form is built; as long as it is the same, the form is only filled again. */
export const shape = (sheet, locked) => [sheet.id, sheet.aspects, sheet.reevaluate || [], locked];

export const build = (sheet, locked) =>
  sheet.aspects.map((aspect, index) => line(aspect, index, sheet.reevaluate || [], locked));

const isSameNote = (one, other) => (one ?? "").trim() === (other ?? "").trim();

/* Whether a field holds what `content` ({marks, notes}) has for it; a group of grades is asked by any of its grades. */
export function agrees(root, field, { marks, notes }) {
  if (field.dataset.note !== undefined) return isSameNote(field.value, notes[field.dataset.note]);
  if (field.dataset.mark === undefined) return true;
  return isSame(read(root).marks[field.dataset.mark], marks[field.dataset.mark]);
}

/* Put `content` into the fields. The one in use is left alone, and so is what says the same already. */
export function fill(root, { marks, notes }) {
  const used = fieldInUse(root), chosen = used?.type === "radio" ? used.dataset.mark : null;
  for (const field of root.querySelectorAll("[data-mark]")) {
    const mark = marks[field.dataset.mark] ?? "";
    if (field.type === "radio") {
      if (field.dataset.mark !== chosen) field.checked = field.value === String(mark);
    } else if (field !== used && !isSame(field.value, mark)) field.value = mark;
  }
  for (const area of root.querySelectorAll("[data-note]")) {
    const note = notes[area.dataset.note] ?? "";
    if (area === used || isSameNote(area.value, note)) continue;
    area.value = note;
    if (note) area.closest("details").open = true;
  }
}

/* {marks, notes} as they stand in the fields; a blank mark is null, a blank note is left out. */
export function read(root) {
  const marks = {}, notes = {};
  for (const field of root.querySelectorAll("[data-mark]")) {
    const name = field.dataset.mark;
    if (field.type !== "radio") marks[name] = tidy(field.value) || null;
    else marks[name] = field.checked ? field.value : marks[name] ?? null;
  }
  for (const area of root.querySelectorAll("[data-note]")) {
    if (area.value.trim()) notes[area.dataset.note] = area.value.trim();
  }
  return { marks, notes };
}

/* Shows which lines are blank or wrong; `says`: the server's sentences, by aspect. {blank: [names], wrong: [names]} */
export function review(root, aspects, marks, says) {
  const found = { blank: [], wrong: [] };
  for (const aspect of aspects) {
    const item = root.querySelector('[data-aspect="' + CSS.escape(aspect.id) + '"]');
    const blank = isBlank(marks[aspect.id]), text = says[aspect.id] || fault(aspect, marks[aspect.id]);
    item.classList.toggle("is-blank", blank);
    item.classList.toggle("is-wrong", Boolean(text));
    say(item.querySelector(".aspect-says"), text);
    if (blank) found.blank.push(aspect.name);
    if (text) found.wrong.push(aspect.name);
  }
  return found;
}

/* ＋ or − was pressed. */
export function press(button, aspects) {
  const field = button.parentElement.querySelector("[data-mark]");
  const aspect = aspects.find((each) => each.id === field.dataset.mark);
  field.value = stepped(aspect, field.value, Number(button.dataset.step));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Enter goes to the next field that can be filled (a group of grades by its chosen or first one). */
export function nextField(root, field) {
  const fields = [...root.querySelectorAll("[data-mark]:not([readonly]):enabled")]
    .filter((each) => each.type !== "radio" || each === field || each.value === "0" || each.checked);
  return fields.slice(fields.indexOf(field) + 1).find((each) => each.dataset.mark !== field.dataset.mark);
}
