/* For every page: navigation on phones, questions before acts, busy buttons, unsaved work, copying, short messages.
   No framework; works by data attributes, also in what htmx brings in later, because it listens on the document.
   Other scripts may call window.site.toast(text, "bad"). */
(function () {
  "use strict";

  function toast(text, tone) {
    const box = document.getElementById("toasts");
    if (!box) return;
    const line = document.createElement("div");
    line.className = "toast-line" + (tone ? " " + tone : "");
    line.textContent = text;
    box.append(line);
    setTimeout(() => line.remove(), 5000);
  }

  function toggleNavigation(button) {
    const open = document.body.classList.toggle("nav-open");
    button.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("#side a:not(.brand)")?.focus();
  }

  /* A field of a bulk dialog belongs to the form of the list: only the one in the open dialog may be sent. */
  function openDialog(button) {
    const dialog = button.closest("[data-confirm]").querySelector("dialog");
    dialog.querySelectorAll("textarea[form], input[form]").forEach((f) => { f.disabled = false; });
    dialog.showModal();
    dialog.querySelector("textarea, input:not([type=hidden])")?.focus();
  }

  function closeDialog(dialog) {
    dialog.close();
    dialog.querySelectorAll("textarea[form], input[form]").forEach((f) => { f.disabled = true; });
  }

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      /* the clipboard of the browser needs HTTPS; on an intranet without it a selected field does */
      const field = document.createElement("textarea");
      field.value = text;
      (button.closest("dialog") || document.body).append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    toast("已复制");
  }

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    let hit;
    if ((hit = on("[data-nav-toggle]"))) toggleNavigation(hit);
    else if ((hit = on("[data-confirm-open]"))) openDialog(hit);
    else if ((hit = on("[data-confirm-close]"))) closeDialog(hit.closest("dialog"));
    else if ((hit = on("[data-copy]"))) copy(hit);
    else if ((hit = on("[data-print]"))) window.print();
    else if (event.target instanceof HTMLDialogElement && event.target.matches(".ask")) closeDialog(event.target);
  });
  document.addEventListener("cancel", ({ target }) => { if (target.matches?.(".ask")) closeDialog(target); }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("nav-open")) {
      const button = document.querySelector("[data-nav-toggle]");
      toggleNavigation(button);
      button.focus();
    }
  });

  /* A button that was pressed says so and cannot be pressed twice. Waits a tick: a disabled button is not sent. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-download")) return;
    clean(form);
    const button = event.submitter;
    setTimeout(() => {
      for (const b of form.elements) if (b.type === "submit") b.disabled = true;
      if (!button) return;
      button.setAttribute("aria-busy", "true");
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    }, 0);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("button[aria-busy]").forEach((b) => { b.removeAttribute("aria-busy"); });
    document.querySelectorAll("button[type=submit]:disabled").forEach((b) => { b.disabled = false; });
  });

  /* <form data-unsaved> with an element [data-unsaved-note] inside: says what is not saved, warns before leaving. */
  function mark(form) {
    if (form.dataset.dirty) return;
    form.dataset.dirty = "1";
    form.querySelectorAll("[data-unsaved-note]").forEach((n) => {
      n.hidden = false;
      n.textContent = "有未保存的修改";
      n.className = "unsaved-note";
    });
  }
  function clean(form) { delete form.dataset.dirty; }
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) mark(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved][data-dirty]")) event.preventDefault();
  });

  /* htmx: the token goes along; a failure is said */
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("meta[name=csrf-token]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRF-Token"] = token.content;
  });
  document.addEventListener("htmx:sendError", () => toast("网络不通，没有保存。请检查网络后再试。", "bad"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if ((status === 401 || status === 400) && window.site.signedOut) { window.site.signedOut(); return; }
    toast(status === 503 ? "系统正忙，没有保存。请稍后再试。" : "没有完成，请刷新页面后再试。", "bad");
  });

  window.addEventListener("beforeprint", () => {
    const now = new Date().toLocaleString("zh-CN", { hour12: false });
    document.querySelectorAll("[data-print-date]").forEach((e) => { e.textContent = document.title + "　打印时间 " + now; });
  });

  function start() {
    document.querySelector("[data-focus]")?.focus();
    document.querySelectorAll("[data-phases]").forEach((box) => {
      const step = box.querySelector(".phase-current");
      if (step) box.scrollLeft = step.offsetLeft - box.clientWidth / 2 + step.offsetWidth / 2;
    });
  }
  window.site = { toast };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
