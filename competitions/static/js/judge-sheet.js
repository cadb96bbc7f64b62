/* One score sheet on the tablet: drawing it from its document, reading it back, running total, what looks wrong.
   Knows no network and no storage. window.judgeSheet */
(function () {
  "use strict";
  const GRADES = ["未达到", "达到", "较好", "优秀"];

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  /* Exact decimals as whole numbers of millionths: floats would show 0.30000000000000004. */
  const UNIT = 1000000n;
  function exact(text) {
    const plain = String(text ?? "").normalize("NFKC").trim();
    const found = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(plain);
    return found ? BigInt(found[1]) * UNIT + BigInt((found[2] || "").padEnd(6, "0")) : null;
  }
  function shown(units) {
    const rest = (units % UNIT).toString().padStart(6, "0").replace(/0+$/, "");
    return (units / UNIT).toString() + (rest ? "." + rest : "");
  }

  function worth(aspect, units) {
    if (aspect.kind !== "deduction") return units;
    let taken = units / UNIT * exact(aspect.per);
    if (aspect.cap && taken > exact(aspect.cap)) taken = exact(aspect.cap);
    const left = exact(aspect.max) - taken;
    return left > 0n ? left : 0n;
  }

  /* What is wrong with a value, as a sentence; "" when it is blank or fits. */
  function fault(aspect, text) {
    if (!String(text ?? "").trim()) return "";
    const units = exact(text);
    if (aspect.kind === "deduction") return units === null || units % UNIT ? "请填写扣分次数（0 或正整数）" : "";
    if (units === null) return "请填写数字，例如 8.5";
    if (aspect.max !== undefined && aspect.kind === "measurement" && units > exact(aspect.max)) return "应在 0 到 " + aspect.max + " 之间";
    if (aspect.step && units % exact(aspect.step)) return "应是 " + aspect.step + " 的整数倍";
    return "";
  }

  function total(aspects, marks) {
    let sum = 0n;
    for (const aspect of aspects) {
      const units = exact(marks[aspect.id]);
      if (units !== null && aspect.kind !== "judgement" && !fault(aspect, marks[aspect.id])) sum += worth(aspect, units);
    }
    return shown(sum);
  }

  function stepped(aspect, text, direction) {
    const step = aspect.kind === "deduction" ? UNIT : exact(aspect.step || (exact(aspect.max || "100") > 20n * UNIT ? "1" : "0.5"));
    let units = (exact(text) ?? 0n) + (String(text).trim() === "" && direction < 0 ? 0n : BigInt(direction) * step);
    if (units < 0n) units = 0n;
    if (aspect.kind === "measurement" && aspect.max !== undefined && units > exact(aspect.max)) units = exact(aspect.max);
    return shown(units);
  }

  function words(aspect) {
    if (aspect.kind === "deduction") return "配分 " + aspect.max + "，每次扣 " + aspect.per + (aspect.cap ? "，最多扣 " + aspect.cap : "");
    return (aspect.max === undefined ? "" : "满分 " + aspect.max) + (aspect.step ? "，步长 " + aspect.step : "");
  }

  function control(aspect, value, fixed, index) {
    if (aspect.kind === "judgement") {
      return h("fieldset", { class: "judgement", disabled: fixed }, h("legend", { class: "visually-hidden" }, aspect.name),
        [0, 1, 2, 3].map((grade) => h("label", {}, h("input", { type: "radio", name: "m-" + index, value: String(grade), "data-mark": aspect.id,
          checked: String(value ?? "") === String(grade) }), h("b", {}, String(grade)), h("span", {}, (aspect.grades || GRADES)[grade] || GRADES[grade]))));
    }
    const input = h("input", { id: "m-" + index, "data-mark": aspect.id, value: value ?? "", maxlength: "16", autocomplete: "off", readonly: fixed,
      enterkeyhint: "next", inputmode: aspect.kind === "deduction" ? "numeric" : "decimal", "aria-describedby": "f-" + index });
    const press = (direction) => () => { input.value = stepped(aspect, input.value, direction); input.dispatchEvent(new Event("input", { bubbles: true })); };
    return h("div", { class: "stepper" }, fixed ? null : h("button", { type: "button", onclick: press(-1), "aria-label": aspect.name + " 减" }, "−"), input,
      fixed ? null : h("button", { type: "button", onclick: press(1), "aria-label": aspect.name + " 加" }, "＋"));
  }

  function line(aspect, index, content, locked, called) {
    const call = called.find((each) => each.aspect === aspect.id);
    const fixed = locked || (called.length > 0 && !call);
    const name = (aspect.id === "score" ? "" : aspect.id + " ") + aspect.name;
    const note = content.notes[aspect.id] || "";
    return h("li", { class: "aspect", "data-aspect": aspect.id },
      h("div", { class: "aspect-words" },
        aspect.kind === "judgement" ? h("span", { class: "aspect-name" }, name) : h("label", { class: "aspect-name", for: "m-" + index }, name),
        h("span", { class: "aspect-max" }, words(aspect) + (call ? " · 重新评议，分差 " + call.spread : "")),
        aspect.rule ? h("details", {}, h("summary", {}, "评分标准"), aspect.rule) : null),
      control(aspect, content.marks[aspect.id], fixed, index),
      h("p", { class: "aspect-says", id: "f-" + index, role: "status" }),
      h("details", { class: "aspect-note", open: Boolean(note) }, h("summary", {}, "写明理由（可不填）"),
        h("textarea", { class: "form-control", rows: "2", maxlength: "300", "data-note": aspect.id, "aria-label": "理由：" + aspect.name, readonly: locked }, note)));
  }

  /* The aspects of a sheet; `content` is {marks, notes}. */
  function draw(document_, content, locked) {
    const called = document_.reevaluate || [];
    return h("ol", { class: "aspects" }, document_.aspects.map((aspect, index) => line(aspect, index, content, locked, called)));
  }

  function read(root) {
    const marks = {};
    const notes = {};
    for (const input of root.querySelectorAll("[data-mark]")) {
      const name = input.dataset.mark;
      if (input.type === "radio") { if (input.checked) marks[name] = input.value; else marks[name] = marks[name] ?? null; }
      else marks[name] = input.value.normalize("NFKC").trim() || null;
    }
    for (const area of root.querySelectorAll("[data-note]")) if (area.value.trim()) notes[area.dataset.note] = area.value.trim();
    return { marks, notes };
  }

  /* Marks the lines that are blank or wrong; returns {blank: [names], wrong: [names]}. */
  function review(root, aspects, marks, says) {
    const found = { blank: [], wrong: [] };
    for (const aspect of aspects) {
      const item = root.querySelector('[data-aspect="' + CSS.escape(aspect.id) + '"]');
      const blank = marks[aspect.id] === null || marks[aspect.id] === undefined || marks[aspect.id] === "";
      const text = (says && says[aspect.id]) || fault(aspect, marks[aspect.id]);
      item.classList.toggle("is-blank", blank);
      item.classList.toggle("is-wrong", Boolean(text));
      item.querySelector(".aspect-says").textContent = text;
      if (blank) found.blank.push(aspect.name);
      if (text) found.wrong.push(aspect.name);
    }
    return found;
  }

  /* Ten times more or less than what this judge himself gave elsewhere looks like a slip of the decimal point. */
  function slips(aspects, marks, others) {
    const near = (a, b) => a * 4n >= b * 3n && a * 4n <= b * 5n;
    return aspects.filter((aspect) => {
      const units = exact(marks[aspect.id]);
      const given = others.map((other) => exact(other[aspect.id])).filter((value) => value).sort((a, b) => (a < b ? -1 : 1));
      if (!units || given.length < 2 || aspect.kind !== "measurement") return false;
      const middle = given[Math.floor(given.length / 2)];
      return near(units * 10n, middle) || near(units, middle * 10n);
    }).map((aspect) => aspect.name);
  }

  function same(aspects, one, other) {
    return aspects.length > 1 && aspects.every((aspect) => exact(one[aspect.id]) !== null && exact(one[aspect.id]) === exact(other[aspect.id]));
  }

  window.judgeSheet = { draw, fault, h, read, review, same, slips, total };
})();
