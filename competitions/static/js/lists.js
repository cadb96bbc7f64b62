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

  /* `all`: {count, every} of the whole filter, as the server says now; null: only the ticked rows */
  function refresh(list, all) {
    const bulk = list.querySelector("[data-bulk]");
    if (!bulk) return;
    const boxes = [...list.querySelectorAll("[data-choose]")];
    const form = document.getElementById(bulk.dataset.bulk).elements;
    form.all.value = all ? "1" : "";
    form.every.value = all ? all.every : "";
    const count = all ? all.count : chosen(list).length;
    list.querySelectorAll("[data-chosen]").forEach((n) => { n.textContent = String(count); });
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
    if (event.target.matches("[data-choose-all], [data-choose]")) refresh(list, null);
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
  /* what is acted on is what this answer holds: whatever comes or changes later is told before anything is done */
  async function chooseEvery(list, button) {
    button.disabled = true;
    try {
      const answer = await fetch(button.dataset.chooseEvery, { credentials: "same-origin" });
      if (answer.status === 401) { window.site?.signedOut?.(); return; }
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error.message);
      list.querySelectorAll("[data-choose]").forEach((b) => { b.checked = true; });
      refresh(list, said);
    } catch (fault) {
      const isOurs = fault.constructor === Error;
      window.site?.toast(isOurs ? fault.message : "网络不通，没有选中。请检查网络后再试。", "bad");
    } finally { button.disabled = false; }
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose-every]");
    if (button) chooseEvery(button.closest("[data-list]"), button);
  });
  /* empty fields make long addresses that say nothing */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] :disabled").forEach((f) => { f.disabled = false; });
    document.querySelectorAll("[data-list]").forEach((list) => refresh(list, null));
  });

  function start(root) {
    root.querySelectorAll("table.table-cards").forEach(label);
    root.querySelectorAll("[data-list]").forEach((list) => refresh(list, null));
  }
  document.addEventListener("htmx:afterSwap", () => start(document));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
  else start(document);
})();
