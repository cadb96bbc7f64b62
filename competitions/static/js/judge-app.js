/* The tablet page: list and sheet, three states of delivery, signing in in place, conflicts. Draws from judge-store.js,
   sends by judge-outbox.js. The address after # is the sheet. */
(function () {
  "use strict";
  const store = window.judgeStore, outbox = window.judgeOutbox, form = window.judgeSheet, h = form.h;
  const WORDS = { empty: "未评", draft: "草稿", submitted: "已送达", confirmed: "已复核", signed: "已签字" };
  const main = document.getElementById("tablet");
  const at = { user: null, sheet: null, document: null, base: 0, says: {}, clock: null, typings: 0, saving: Promise.resolve(), drawing: Promise.resolve() };

  const key = (sheet) => store.id(at.user, sheet);
  const items = async () => store.own(await store.all("outbox"), at.user);
  const itemOf = async (sheet) => (await items()).filter((item) => item.sheet === sheet).sort((a, b) => b.sequence - a.sequence)[0];

  async function sheets() {
    const kept = store.own(await store.all("sheets"), at.user).map((each) => each.document);
    const order = (a, b) => (a.event + a.module.name).localeCompare(b.event + b.module.name) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
    return kept.sort(order);
  }

  /* From the server into the store: the list, and each sheet that is new or changed (so that it is there without network). */
  async function refresh() {
    const now = await outbox.session();
    if (!now.user) return;
    at.user = now.user;
    const { status, body } = await outbox.ask("/api/sheets");
    if (status !== 200) return;
    await store.wipe(at.user, body.sheets);
    for (const line of body.sheets) {
      const kept = await store.get("sheets", key(line.id));
      if (line.state === "signed" && !kept) { await store.put("sheets", key(line.id), { user: at.user, sheet: line.id, document: { ...line, aspects: [], marks: {}, notes: {}, reevaluate: [] } }); continue; }
      const whole = await outbox.ask("/api/sheets/" + line.id);
      if (whole.status === 200) await store.put("sheets", key(line.id), { user: at.user, sheet: line.id, document: whole.body });
    }
    document.dispatchEvent(new CustomEvent("judge:change"));
  }

  /* ① 已存本机 → ② 已送达 # → ③ 已签字, in words and colour */
  function states(sheet, item, draft) {
    const waits = item && item.state === "waiting";
    const bad = item && (item.state === "conflict" || item.state === "refused" || item.state === "late");
    const sent = sheet.receipt && !draft && !item;
    const here = draft || waits || bad;
    return h("ol", { class: "delivery", "aria-label": "送达状态" },
      h("li", { class: here ? (bad ? "is-late" : "is-now") : sent ? "is-done" : null, "data-state": "kept" }, bad ? "① 已存本机，须处理" : waits ? "① 已存本机，未送达" : draft ? "① 已存本机，未提交" : "① 已存本机"),
      h("li", { class: sent ? "is-done" : null, "data-state": "delivered" }, sent ? "② 已送达 #" + sheet.receipt.slice(0, 8) : "② 已送达"),
      h("li", { class: sheet.state === "signed" ? "is-done" : null, "data-state": "signed" }, "③ 已签字"));
  }

  async function bar() {
    const all = await store.all("outbox");
    const mine = store.unsent(store.own(all, at.user)), others = store.unsent(all.filter((item) => item.user !== at.user));
    const notes = [];
    if (!navigator.onLine) notes.push("网络断开：可以继续评分，已存在本机，恢复后自动上传。");
    if (mine.length) notes.push("有 " + mine.length + " 份未送达。");
    if (others.length) notes.push("本平板还有另一位裁判的 " + others.length + " 份未送达，请本人登录后上传。");
    if (!window.isSecureContext) notes.push("当前不是 HTTPS：离线时请勿关闭本页。");
    const box = document.getElementById("tablet-note");
    box.hidden = !notes.length;
    box.querySelector("span").textContent = notes.join("");
    document.getElementById("tablet-send").hidden = !mine.length;
  }

  async function drawList() {
    const list = await sheets(), mine = await items(), drafts = store.own(await store.all("drafts"), at.user);
    const groups = new Map();
    for (const sheet of list) groups.set(sheet.module.id, [...(groups.get(sheet.module.id) || []), sheet]);
    main.replaceChildren(h("h1", {}, "我的评分表"), ...[...groups.values()].map((group) => {
      const left = group.filter((sheet) => sheet.state === "empty" || sheet.state === "draft").length;
      return h("section", {}, h("h2", {}, group[0].event + " · " + group[0].module.name), h("p", {}, "已送达 " + (group.length - left) + " / " + group.length),
        h("ul", { class: "sheet-list" }, group.map((sheet) => {
          const item = mine.find((each) => each.sheet === sheet.id), draft = drafts.find((each) => each.sheet === sheet.id);
          const word = item ? (item.state === "waiting" ? "已存本机，未送达" : "须处理") : draft ? "已存本机，未提交" : WORDS[sheet.state];
          return h("li", {}, h("a", { href: "#" + sheet.id }, h("span", { class: "sheet-code" }, sheet.code),
            h("span", {}, (sheet.sitting || "") + (sheet.station ? " 工位 " + sheet.station : "")),
            h("span", { class: "state " + (item ? "tone-warn" : draft ? "tone-warn" : "state-" + sheet.state) }, word)));
        })));
    }));
    if (!list.length) main.append(h("p", {}, at.user ? "还没有分给本人的评分表。评分开启后会列在这里。" : "请先登录，评分表会存到本机，断网也能评。"));
  }

  /* What is typed while the store is being read is not in what was read: then it is read again, never drawn over. */
  async function drawSheet(id) {
    const typings = at.typings;
    await at.saving;
    const kept = await store.get("sheets", key(id));
    if (!kept || !kept.document.aspects.length) { if (at.ready) location.hash = ""; return undefined; }
    const item = await itemOf(id), draft = await store.get("drafts", key(id));
    if (at.typings !== typings) return drawSheet(id);
    const sheet = at.document = kept.document;
    at.sheet = id;
    at.base = draft ? draft.base : item ? item.body.base_revision : sheet.revision;
    const content = draft || (item ? item.body : sheet);
    at.says = {};
    for (const problem of item?.answer?.problems || []) at.says[problem.where] = problem.message;
    at.clock = { started: draft?.started || null, seconds: content.seconds ?? null };
    const locked = sheet.recused || (["confirmed", "signed"].includes(sheet.state) && !item && !draft);
    const parts = [head(sheet), problem(item), form.draw(sheet, { marks: content.marks || {}, notes: content.notes || {} }, locked), h("div", { class: "sheet-bar", id: "sheet-bar" })];
    main.replaceChildren(...parts.filter(Boolean));
    form.review(main, sheet.aspects, form.read(main).marks, at.says);
    return drawBar(locked);
  }

  function head(sheet) {
    const where = (label, value) => value ? h("div", {}, h("dt", {}, label), h("dd", {}, String(value))) : null;
    return h("header", { class: "sheet-head" }, h("h1", { class: "sheet-code" }, sheet.code), h("dl", { class: "sheet-where" },
      where("模块", sheet.module.name), where("场次", sheet.sitting), where("工位", sheet.station), where("状态", WORDS[sheet.state])),
    h("button", { type: "button", class: "btn", id: "sheet-timer", onclick: toggleTimer }, timerWords()));
  }

  async function drawBar(locked) {
    const box = document.getElementById("sheet-bar");
    if (!box) return;
    const sheet = at.document, read = form.read(main), list = (await sheets()).filter((each) => each.module.id === sheet.module.id);
    const place = list.findIndex((each) => each.id === at.sheet);
    const go = (other, word) => other ? h("a", { class: "btn", href: "#" + other.id }, word) : null;
    box.replaceChildren(h("span", { class: "sheet-total" }, "合计 ", h("b", {}, form.total(sheet.aspects, read.marks))),
      states(sheet, await itemOf(at.sheet), await store.get("drafts", key(at.sheet))),
      h("div", { class: "sheet-buttons" }, go(list[place - 1], "上一位"), locked ? null : h("button", { type: "button", class: "btn btn-primary", id: "sheet-submit", onclick: () => submit(true) }, "提交"),
        go(list[place + 1], "下一位"), h("a", { class: "btn", href: "#" }, "列表")));
  }

  function problem(item) {
    if (!item || item.state === "waiting") return null;
    if (item.state === "conflict") return conflict(item);
    const text = item.state === "late" ? "这份评分在签字后送达，没有计入，已交裁判长处理。" : (item.answer?.message || "没有送达，须修改后重新提交。");
    return h("div", { class: "notice notice-danger", role: "alert" }, h("div", {}, text, item.state === "late" || item.answer?.code === "sheet_confirmed" || item.answer?.code === "not_found" ?
      h("p", {}, h("button", { type: "button", class: "btn", onclick: () => drop(item) }, "知道了")) : null));
  }

  /* Both versions side by side; the judge chooses. */
  function conflict(item) {
    const current = item.answer.current || { marks: {} };
    return h("div", { class: "notice notice-warning", role: "alert" }, h("div", {}, h("p", { class: "notice-title" }, "这份评分表在别处已送达第 " + current.revision + " 版，请选择以哪一份为准"),
      h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", {}, "评分项"), h("th", {}, "已送达"), h("th", {}, "本机"))),
        h("tbody", {}, at.document.aspects.map((aspect) => h("tr", {}, h("td", {}, aspect.name), h("td", {}, current.marks[aspect.id] ?? "空白"), h("td", {}, item.body.marks[aspect.id] ?? "空白"))))),
      h("button", { type: "button", class: "btn", onclick: async () => { await drop(item); } }, "保留已送达的"), " ",
      h("button", { type: "button", class: "btn btn-primary", onclick: async () => { await queue({ ...item.body, base_revision: current.revision }); } }, "以本机的为准")));
  }

  async function drop(item) {
    await store.remove("outbox", item.key);
    await refresh().catch(() => {});
    await show();
  }

  async function queue(body) {
    await store.enqueue(at.user, at.sheet, at.document.code, body);
    outbox.changed();
    await show();
    outbox.flush();
  }

  /* Each change goes into the store at once, so that nothing typed is lost by a reload or an empty battery. */
  function typed() {
    at.typings += 1;
    const read = form.read(main);
    at.says = {};
    form.review(main, at.document.aspects, read.marks, {});
    const draft = { user: at.user, sheet: at.sheet, base: at.base, ...read, seconds: at.clock.seconds, started: at.clock.started, at: Date.now() };
    at.saving = at.saving.then(() => store.put("drafts", key(draft.sheet), draft)).then(() => drawBar(false));
  }

  async function submit() {
    await at.saving;
    const read = form.read(main), found = form.review(main, at.document.aspects, read.marks, {});
    if (found.wrong.length) return tell("请先改正：" + found.wrong.join("、") + "。");
    const others = (await sheets()).filter((each) => each.module.id === at.document.module.id && each.id !== at.sheet && Object.keys(each.marks || {}).length);
    const warnings = [];
    const slips = form.slips(at.document.aspects, read.marks, others.map((each) => each.marks));
    if (slips.length) warnings.push("与本人在其他号上的给分相差约十倍，请核对小数点：" + slips.join("、") + "。");
    const twin = others.find((each) => form.same(at.document.aspects, read.marks, each.marks));
    if (twin) warnings.push("各项给分与本人给 " + twin.code + " 的完全相同，请核对是否填错了号。");
    if (found.blank.length) warnings.push("还有 " + found.blank.length + " 项空白（空白不等于 0）：" + found.blank.join("、") + "。仍然提交则只作为草稿送达。");
    if (warnings.length && !(await tell(warnings.join("\n"), "仍然提交"))) return undefined;
    if (at.clock.started) toggleTimer();
    const device = await store.device();
    return queue({ base_revision: at.base, ...read, seconds: at.clock.seconds, complete: !found.blank.length, client: { device, time: new Date().toISOString() } });
  }

  function timerWords() {
    const seconds = (at.clock.seconds || 0) + (at.clock.started ? Math.floor((Date.now() - at.clock.started) / 1000) : 0);
    const text = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
    return (at.clock.started ? "停止计时 " : "开始计时 ") + text;
  }
  function toggleTimer() {
    if (at.clock.started) at.clock = { seconds: (at.clock.seconds || 0) + Math.floor((Date.now() - at.clock.started) / 1000), started: null };
    else at.clock.started = Date.now();
    typed();
  }
  setInterval(() => { const button = document.getElementById("sheet-timer"); if (button && at.clock) button.textContent = timerWords(); }, 1000);

  /* A dialog; true when the judge goes on. Without `word` it only tells. */
  function tell(text, word) {
    const dialog = document.getElementById("tablet-tell");
    dialog.querySelector("p").textContent = text;
    const yes = dialog.querySelector("[value=yes]");
    yes.hidden = !word;
    yes.textContent = word || "";
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.returnValue = "";
      dialog.showModal();
    });
  }

  /* One drawing at a time: two that overlap would show the list over a sheet. */
  const inTurn = (work) => () => (at.drawing = at.drawing.then(work, work));
  const show = inTurn(async () => {
    const id = location.hash.slice(1);
    if (id) await drawSheet(id);
    else { at.sheet = null; await drawList(); }
    await bar();
  });

  const changed = inTurn(async () => {
    await bar();
    if (!at.sheet) return location.hash.length > 1 ? undefined : drawList();
    if (main.querySelector("#sheet-bar")) {
      const kept = await store.get("sheets", key(at.sheet)), item = await itemOf(at.sheet);
      if (kept && !(await store.get("drafts", key(at.sheet)))) {
        const differs = JSON.stringify([kept.document.revision, kept.document.state, kept.document.reevaluate]) !== JSON.stringify([at.document.revision, at.document.state, at.document.reevaluate]);
        if (differs || (item && item.state !== "waiting")) return drawSheet(at.sheet);
      }
      return drawBar(!main.querySelector("#sheet-submit"));
    }
    return undefined;
  });

  function askSignIn() {
    const dialog = document.getElementById("tablet-sign-in");
    if (!dialog.open) dialog.showModal();
  }
  document.getElementById("tablet-sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const dialog = event.currentTarget, fields = event.target.elements, says = dialog.querySelector(".form-error");
    try {
      const outcome = await outbox.signIn(fields.username.value, fields.password.value);
      says.textContent = { wrong: "用户名或密码不正确。", locked: "尝试次数过多，请 15 分钟后再试。", failed: "没有登录成功，请再试一次。" }[outcome] || "";
      if (outcome !== "ok") return;
      fields.password.value = "";
      dialog.close();
      await refresh();
      await show();
      outbox.flush();
    } catch { says.textContent = "网络不通，已填写的都存在本机。恢复后再登录。"; }
  });

  document.addEventListener("judge:session", (event) => {
    if (event.detail.user && at.user && event.detail.user !== at.user) { at.user = event.detail.user; location.hash = ""; }
    if (!event.detail.user && navigator.onLine) askSignIn();
  });
  document.addEventListener("judge:change", () => changed().catch(console.error));
  main.addEventListener("input", () => { if (at.sheet) typed(); });
  main.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-mark]")) return;
    event.preventDefault();
    const fields = [...main.querySelectorAll("[data-mark]:not([readonly])")].filter((field) => field.type !== "radio" || field.value === "0" || field.checked);
    (fields[fields.indexOf(event.target) + 1] || document.getElementById("sheet-submit"))?.focus();
  });
  window.addEventListener("hashchange", show);
  document.getElementById("tablet-send").addEventListener("click", () => outbox.flush());
  document.getElementById("tablet-night").addEventListener("click", () => document.body.classList.toggle("night"));

  async function start() {
    navigator.storage?.persist?.();
    at.user = (await store.get("meta", "user")) || null;
    if (at.user) await show();
    await refresh().catch(() => {});
    at.ready = true;
    await (at.sheet ? changed() : show());
    outbox.flush();
    if ("serviceWorker" in navigator) {
      const registration = await navigator.serviceWorker.register("/judge/sw.js", { scope: "/judge/" }).catch(() => null);
      registration?.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", (event) => {
        if (event.target.state === "installed" && navigator.serviceWorker.controller) document.getElementById("tablet-update").hidden = false;
      }));
    }
  }
  document.getElementById("tablet-update").addEventListener("click", async () => {
    (await navigator.serviceWorker.getRegistration("/judge/"))?.waiting?.postMessage("take-over");
    location.reload();
  });
  setInterval(() => { if (navigator.onLine && !document.hidden) refresh().catch(() => {}); }, 60000);
  start().catch(console.error);
})();
