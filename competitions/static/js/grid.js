/* <table data-grid> with inputs in its cells: Enter and the arrows move, a block copied from Excel or WPS fills cells
   right and down. */
(function () {
  "use strict";
  const FIELDS = "input:not([type=hidden], [type=checkbox], [disabled], [readonly]), select:not([disabled])";

  function field(cell) { return cell ? cell.querySelector(FIELDS) : null; }

  function at(input) {
    const cell = input.closest("td, th");
    const row = cell.parentElement;
    const rows = [...row.parentElement.rows];
    return { rows, row: rows.indexOf(row), column: [...row.cells].indexOf(cell) };
  }

  function go(input, down, right) {
    const place = at(input);
    let row = place.row + down;
    let column = place.column + right;
    while (place.rows[row] && place.rows[row].cells[column]) {
      const next = field(place.rows[row].cells[column]);
      if (next) {
        next.focus();
        next.select?.();
        return true;
      }
      row += Math.sign(down);
      column += Math.sign(right);
      if (!down && !right) break;
    }
    return false;
  }

  /* the arrows stay inside the text until the caret is at its end */
  function edge(input, end) {
    if (input.selectionStart === null || input.selectionStart === undefined) return true;
    if (input.selectionEnd - input.selectionStart === input.value.length) return true;
    return end ? input.selectionEnd === input.value.length : input.selectionStart === 0 && input.selectionEnd === 0;
  }

  /* [down, right] of the cell that a key goes to; the arrows of a choice are its own */
  function way(input, { key, shiftKey }) {
    if (key === "Enter") return [shiftKey ? -1 : 1, 0];
    if (input.tagName === "SELECT") return null;
    if (key === "ArrowDown") return [1, 0];
    if (key === "ArrowUp") return [-1, 0];
    if (key === "ArrowRight" && edge(input, true)) return [0, 1];
    return key === "ArrowLeft" && edge(input, false) ? [0, -1] : null;
  }

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches?.("table[data-grid] input, table[data-grid] select") || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = way(input, event);
    if (!to) return;
    const moved = go(input, ...to);
    if (moved || event.key === "Enter") event.preventDefault();
  });

  function put(target, text) {
    const value = text.trim();
    if (target.tagName === "SELECT") {
      const option = [...target.options].find((o) => o.text.trim() === value || o.value === value);
      if (!option) return false;
      target.value = option.value;
    } else {
      target.value = value;
    }
    target.classList.add("pasted");
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  document.addEventListener("paste", (event) => {
    const input = event.target;
    if (!input.matches?.("table[data-grid] input, table[data-grid] select")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const place = at(input);
    let filled = 0;
    let left = 0;
    text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
      const target = field(place.rows[place.row + down]?.cells[place.column + right]);
      if (target && put(target, value)) filled += 1;
      else if (value.trim()) left += 1;
    }));
    window.site?.toast("已粘贴 " + filled + " 格" + (left ? "，" + left + " 格放不下或不可填，未粘贴" : ""), left ? "bad" : "");
  });
})();
