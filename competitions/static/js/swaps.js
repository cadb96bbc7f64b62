/* htmx brings in a part of the page anew, with all forms in it: what is typed in the other forms of that part and not
   sent yet is put back into its place, with the cursor. A form is known by its address and hidden values. */
(function () {
  "use strict";
  const SKIPPED = ["csrf_token", "form_key"];
  const TYPED = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea";
  let kept = [];

  function place(field) {
    const hidden = [...field.form.querySelectorAll("input[type=hidden]")]
      .filter((each) => !SKIPPED.includes(each.name)).map((each) => [each.name, each.value]);
    return JSON.stringify([field.form.getAttribute("action"), field.name, hidden]);
  }

  const fields = (root) => [...root.querySelectorAll(TYPED)].filter((field) => field.form);

  document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
    const sent = requestConfig.elt.closest("form"), used = document.activeElement;
    const isTyped = (field) => field.form !== sent && (field === used || field.value !== field.defaultValue);
    kept = fields(target).filter(isTyped).map((field) => ({ place: place(field), value: field.value,
      isUsed: field === used, from: field.selectionStart, to: field.selectionEnd }));
  });
  document.addEventListener("htmx:afterSwap", () => {
    const there = new Map(fields(document).map((field) => [place(field), field]));
    for (const { place: where, value, isUsed, from, to } of kept) {
      const field = there.get(where);
      if (!field) continue;
      field.value = value;
      if (!isUsed) continue;
      field.focus();
      if (from !== null) field.setSelectionRange(from, to);
    }
    kept = [];
  });
})();
