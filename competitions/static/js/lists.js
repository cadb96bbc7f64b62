/* Lists: headings become the labels of cards on phones, filters send themselves, rows are chosen for acts on many. */
(function () {
  "use strict";

  function label(table) {
    const heads = [...table.querySelectorAll(":scope > thead > tr:last-child > th")].map((th) => th.textContent.trim());
    for (const row of table.querySelectorAll(":scope > tbody > tr")) {
      if (row.cells.length !== heads.length) continue;
      [...row.cells].forEach((cell, i) => {
        if (heads[i] && !cell.hasAttribute("data-label")) cell.setAttribute("data-label", heads[i]);
      });
    }
  }

  function chosen(list) { return [...list.querySelectorAll("[data-choose]:checked")]; }

  function every(list, on) {
    const bulk = list.querySelector("[data-bulk]");
    const form = document.getElementById(bulk.dataset.bulk);
    form.elements.all.value = on ? "1" : "";
    return on ? Number(bulk.dataset.total) : chosen(list).length;
  }

  function refresh(list, all) {
    if (!list.querySelector("[data-bulk]")) return;
    const boxes = [...list.querySelectorAll("[data-choose]")];
    const count = every(list, all);
    const words = all ? list.querySelector("[data-bulk]").dataset.totalWords : String(count);
    list.querySelectorAll("[data-chosen]").forEach((n) => { n.textContent = words; });
    list.querySelectorAll("[data-needs-rows] [data-confirm-open]").forEach((b) => { b.disabled = count === 0; });
    boxes.forEach((b) => b.closest("tr").classList.toggle("chosen", b.checked));
    const head = list.querySelector("[data-choose-all]");
    const ticked = boxes.filter((b) => b.checked).length;
    head.checked = ticked > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-list]");
    if (event.target.matches("[data-choose-all]")) {
      list.querySelectorAll("[data-choose]").forEach((b) => { b.checked = event.target.checked; });
    }
    if (event.target.matches("[data-choose-all], [data-choose]")) refresh(list, false);
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-choose-every]")) return;
    const list = event.target.closest("[data-list]");
    list.querySelectorAll("[data-choose]").forEach((b) => { b.checked = true; });
    refresh(list, true);
  });
  /* empty fields make long addresses that say nothing */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] :disabled").forEach((f) => { f.disabled = false; });
    document.querySelectorAll("[data-list]").forEach((list) => refresh(list, false));
  });

  function start(root) {
    root.querySelectorAll("table.table-cards").forEach(label);
    root.querySelectorAll("[data-list]").forEach((list) => refresh(list, false));
  }
  document.addEventListener("htmx:afterSwap", () => start(document));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
  else start(document);
})();
