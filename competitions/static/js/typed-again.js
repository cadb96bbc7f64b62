/* After a sign-in that was renewed: puts what was typed back into the form it came from. On the page that carries it,
   looks whether the original form takes every field; if so goes there, where the second half (below) fills it in. The
   person himself presses the button. Without scripts, or when a field has no place, the carrying page is used. */
(function () {
  "use strict";
  const STORE = "typed-again";
  const SKIPPED = ["csrf_token", "form_key"];

  function formOf(root, action) {
    return [...root.querySelectorAll("form")].find((form) => {
      const to = form.getAttribute("action") || location.pathname + location.search;
      return (form.getAttribute("method") || "").toLowerCase() === "post" && to === action;
    });
  }

  function places(form, name) {
    return [...form.querySelectorAll("input, select, textarea")].filter((field) => field.name === name);
  }

  async function forward(carrier) {
    const page = carrier.dataset.page, refill = carrier.querySelector("[data-refill]");
    if (refill) { carrier.requestSubmit(refill); return; }   /* shows the form filled in; nothing is saved by it */
    if (!page) return;
    const action = carrier.getAttribute("action");
    const isTyped = ([name, value]) => typeof value === "string" && !SKIPPED.includes(name);
    const fields = [...new FormData(carrier)].filter(isTyped);
    const answer = await fetch(page, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const there = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = [...there.querySelectorAll("form")]
      .find((each) => (each.getAttribute("action") || page) === action);
    if (!form || !fields.every(([name]) => places(form, name).length)) return;
    sessionStorage.setItem(STORE, JSON.stringify({ page, action, fields }));
    location.replace(page);
  }

  function fill(form, fields) {
    const values = new Map();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) || []), value]);
    const names = [...form.elements].map((field) => field.name).filter((name) => name && !SKIPPED.includes(name));
    for (const name of new Set(names)) {
      const typed = values.get(name) || [];
      places(form, name).forEach((field, at) => {
        if (field.type === "file") return;
        if (field.type === "checkbox" || field.type === "radio") field.checked = typed.includes(field.value);
        else if (field.type === "hidden" && !typed.length) return;
        else if (field.multiple) {
          for (const option of field.options) option.selected = typed.includes(option.value);
        } else field.value = typed[at] ?? typed[0] ?? "";
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
    const note = document.createElement("div");
    note.className = "notice notice-warning";
    note.setAttribute("role", "status");
    note.textContent = "登录已恢复，刚才填写的内容已放回表单，还没有保存。请核对后再按按钮。";
    form.prepend(note);
    form.scrollIntoView({ block: "start" });
  }

  function start() {
    const carrier = document.querySelector("[data-typed-again]");
    if (carrier) { forward(carrier).catch(() => {}); return; }
    const kept = sessionStorage.getItem(STORE);
    if (!kept) return;
    const { page, action, fields } = JSON.parse(kept);
    if (page !== location.pathname + location.search) return;
    sessionStorage.removeItem(STORE);
    const form = formOf(document, action);
    if (form) fill(form, fields);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
