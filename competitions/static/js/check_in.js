/* Check-in with one key: type a name, the last four or a ticket; Enter goes to the first line left; there 1 到场, 2 迟到,
   3 缺考. Lines are sent by fetch and come back with the new counts; without scripts the buttons are plain forms. */
(function () {
  "use strict";
  const LATIN = /^[a-z]+$/, LONGEST = 60;   /* as in base/searching.py */
  const KEYS = { 1: "present", 2: "late", 3: "absent", 4: "withdrawn" };
  const SAYS = {
    400: "没有保存，请再按一次。", 401: "没有保存：登录已结束，请重新登录后再按一次。",
    409: "没有保存：成绩已审定或状态已变，请刷新页面。",
  };
  const box = document.querySelector("[data-door]");
  if (!box) return;
  const search = box.querySelector("input[type=search]");
  const lookalikes = new Map(box.dataset.lookalikes.split(" ").map((pair) => Array.from(pair)));
  const lines = () => [...document.querySelectorAll("tr[data-comer]")];
  const shown = () => lines().filter((line) => !line.hidden);

  /* Text as the server compares it (base/searching.py): letters and digits in one width, without case and accents. */
  const folded = (text) => [...text].map((char) => lookalikes.get(char) ?? char).join("")
    .normalize("NFKC").toUpperCase().toLowerCase().normalize("NFD").replace(/[^\p{L}\p{N}]/gu, "");

  function partsOf(typed) {
    const parts = [];
    for (const part of typed.slice(0, LONGEST).normalize("NFKC").split(/\s+/).map(folded).filter(Boolean)) {
      const goesOn = parts.length > 0 && LATIN.test(part) && LATIN.test(parts[parts.length - 1]);
      if (goesOn) parts[parts.length - 1] += part;
      else parts.push(part);
    }
    return parts;
  }

  function sift() {
    const typed = search.value.trim(), parts = partsOf(typed);
    const fits = (found) => parts.length > 0 && parts.every((part) => found.includes(part));
    for (const line of lines()) line.hidden = typed !== "" && !fits(line.dataset.comer);
    document.querySelector("[data-left]").textContent = "显示 " + shown().length + " 个";
  }

  function focusOn(line) {
    if (!line) return;
    line.focus();
    line.scrollIntoView({ block: "nearest" });
  }

  async function send(form, presence) {
    const line = form.closest("tr");
    const data = new FormData(form);
    data.set("presence", presence);
    line.classList.add("is-saving");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
      if (answer.status === 401 || answer.status === 400) window.site.signedOut?.();
      if (!answer.ok) throw new Error(String(answer.status));
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const fresh = holder.content.querySelector("tr[data-comer]");
      const counts = holder.content.querySelector("[data-counts]");
      if (!fresh || !counts) throw new Error("form");
      const has = document.activeElement, isHere = has === document.body || line.contains(has);
      document.querySelector("[data-counts]").replaceWith(counts);
      line.replaceWith(fresh);
      sift();
      window.site.toast(fresh.dataset.said);
      if (isHere) {   /* who has gone on to another line, or types in the search already, is left alone */
        search.focus();
        search.select();
      }
      return true;
    } catch (fault) {
      line.classList.remove("is-saving");
      window.site.toast(SAYS[fault.message] || "没有保存，请检查网络后再按一次。", "bad");
      return false;
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-mark]")) return;
    event.preventDefault();
    send(event.target, event.submitter.value);
  }, true);

  search.addEventListener("input", sift);
  search.form.addEventListener("submit", (event) => {
    event.preventDefault();
    focusOn(shown()[0]);
  });
  document.addEventListener("keydown", (event) => {
    const line = event.target.closest?.("tr[data-comer]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target === search && event.key === "ArrowDown") { event.preventDefault(); focusOn(shown()[0]); return; }
    if (!line) return;
    const at = shown().indexOf(line);
    if (KEYS[event.key]) { event.preventDefault(); send(line.querySelector("form[data-mark]"), KEYS[event.key]); }
    else if (event.key === "ArrowDown") { event.preventDefault(); focusOn(shown()[at + 1]); }
    else if (event.key === "ArrowUp") { event.preventDefault(); focusOn(at > 0 ? shown()[at - 1] : search); }
    else if (event.key === "Escape") search.focus();
  });
  sift();
})();
