/* The tablet page: list and sheet, three states of delivery, signing in in place, conflicts. Draws from judge-store.js,
   sends by judge-outbox.js. The address after # is the sheet. */
(function () {
  "use strict";
  const store = window.judgeStore, outbox = window.judgeOutbox, form = window.judgeSheet, timer = window.judgeTimer, delivery = window.judgeDelivery, h = form.h;
  const main = document.getElementById("tablet");
  const TAB = store.uuid();
  /* `owner`: whose sheet is drawn, `gone`: whether it was drawn as his no longer; `drawn`: the revision and the outbox item that it was drawn from. */
  const at = { user: null, owner: null, sheet: null, document: null, drawn: { base: 0, on: null }, says: {}, clock: null, typings: 0, denied: false,
    submitting: false, saving: Promise.resolve(), drawing: Promise.resolve() };

  const key = (sheet) => store.id(at.user, sheet);
  const items = async () => store.own(await store.all("outbox"), at.user);
  const itemOf = async (sheet) => (await items()).filter((item) => item.sheet === sheet).sort(store.newestFirst)[0];

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
    at.denied = status === 403;
    if (status !== 200 || body.user !== now.user) return;   /* somebody else has signed in meanwhile */
    await store.wipe(now.user, body.sheets);
    for (const line of body.sheets) {
      const kept = await store.get("sheets", store.id(now.user, line.id));
      if (kept && (kept.document.version === line.version || kept.document.revision > line.revision)) continue;
      const whole = await outbox.ask("/api/sheets/" + line.id);
      if (whole.status === 200) await store.keep(now.user, whole.body);
    }
    document.dispatchEvent(new CustomEvent("judge:change"));
  }

  async function bar() {
    const all = await store.all("outbox");
    const mine = store.unsent(store.own(all, at.user)), others = store.unsent(all.filter((item) => item.user !== at.user));
    const notes = [];
    if (!navigator.onLine) notes.push("网络断开：可以继续评分，已存在本机，恢复后自动上传。");
    else if (!outbox.reached()) notes.push("连不上服务器：可以继续评分，已存在本机，接通后自动上传。");
    if (mine.length) notes.push("有 " + mine.length + " 份未送达。");
    if (others.length) notes.push("本平板还有另一位裁判的 " + others.length + " 份未送达，请本人登录后上传。");
    const skew = delivery.skewWords(outbox.skew());
    if (skew) notes.push(skew);
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
          return h("li", {}, h("a", { href: "#" + sheet.id }, h("span", { class: "sheet-code" }, sheet.code),
            h("span", {}, (sheet.sitting || "") + (sheet.station ? " 工位 " + sheet.station : "")),
            h("span", { class: "state " + (item || draft ? "tone-warn" : "state-" + sheet.state) }, delivery.word(sheet, item, draft))));
        })));
    }));
    if (at.denied) main.append(h("p", {}, "当前登录的账号不是裁判。评分请用裁判账号登录，其他工作请", h("a", { href: "/desk/" }, "返回工作台"), "。"));
    else if (!list.length) main.append(h("p", {}, at.user ? "还没有分给本人的评分表。评分开启后会列在这里。" : "请先登录，评分表会存到本机，断网也能评。"));
  }

  /* What is typed while the store is being read is not in what was read: then it is read again, never drawn over. */
  async function drawSheet(id) {
    const typings = at.typings;
    await at.saving;
    const kept = await store.get("sheets", key(id));
    if (!kept || !kept.document.aspects.length) { if (at.ready) location.hash = ""; return undefined; }
    const item = await itemOf(id), draft = await store.get("drafts", key(id));
    if (at.typings !== typings) return drawSheet(id);
    const sheet = at.document = kept.document, opened = at.sheet !== id;
    if (!at.sheet) at.listAt = window.scrollY;
    at.sheet = id;
    at.owner = kept.user;
    at.gone = Boolean(kept.gone);
    at.shown = draft?.at;
    at.drawn = draft ? { base: draft.base, on: draft.on } : item ? { base: item.body.base_revision, on: item.key } : { base: sheet.revision, on: null };
    const content = draft || (item ? item.body : sheet);
    at.says = {};
    for (const problem of item?.answer?.problems || []) at.says[problem.where] = problem.message;
    at.clock = { started: draft?.started || null, seconds: content.seconds ?? null };
    const locked = (sheet.recused || ["confirmed", "signed"].includes(sheet.state)) && !item && !draft;
    const parts = [head(sheet, locked), problem(item, draft), kept.gone && item?.state !== "late" ? notice("这份评分表现在不在本人名下（已换人，或按回避处理）。填写的内容存在本机，提交后交裁判长处理，不会丢失。") : null, sheet.recused ? notice("本评分表已按回避处理，不需要评分。" + (draft ? "已填写的内容可以提交，交裁判长处理。" : "")) : null,
      form.draw(sheet, { marks: content.marks || {}, notes: content.notes || {} }, locked), locked ? null : timer.correction(at.clock, corrected),
      !draft && !item && delivery.awaitsSign(sheet) ? signing(sheet) : null, h("div", { class: "sheet-bar", id: "sheet-bar" })];
    main.replaceChildren(...parts.filter(Boolean));
    form.review(main, sheet.aspects, form.read(main).marks, at.says);
    timer.show(at.clock, sheet);
    if (opened) window.scrollTo(0, 0);
    return drawBar(locked);
  }

  const notice = (...words) => h("div", { class: "notice notice-info" }, h("div", {}, ...words));

  function head(sheet, locked) {
    const where = (label, value) => value ? h("div", {}, h("dt", {}, label), h("dd", {}, String(value))) : null;
    return h("header", { class: "sheet-head" }, h("h1", { class: "sheet-code" }, sheet.code), h("dl", { class: "sheet-where" },
      where("模块", sheet.module.name), where("场次", sheet.sitting), where("工位", sheet.station), where("状态", delivery.word(sheet))),
    h("div", { class: "sheet-clock" }, h("span", { id: "sheet-time" }), locked ? null : h("button", { type: "button", class: "btn", id: "sheet-timer", onclick: toggleTimer })));
  }

  async function drawBar(locked) {
    const box = document.getElementById("sheet-bar");
    if (!box) return;
    const sheet = at.document, item = await itemOf(at.sheet), read = form.read(main), list = (await sheets()).filter((each) => each.module.id === sheet.module.id);
    const place = list.findIndex((each) => each.id === at.sheet);
    const go = (other, word) => other ? h("a", { class: "btn", href: "#" + other.id }, word) : null;
    box.replaceChildren(h("span", { class: "sheet-total" }, "合计 ", h("b", {}, form.total(sheet.aspects, read.marks))),
      delivery.states(sheet, item, await store.get("drafts", key(at.sheet))),
      h("div", { class: "sheet-buttons" }, go(list[place - 1], "上一位"), locked || item?.state === "conflict" ? null : h("button", { type: "button", class: "btn btn-primary", id: "sheet-submit", onclick: () => submit() }, "提交"),
        go(list[place + 1], "下一位"), h("a", { class: "btn", href: "#" }, "列表")));
  }

  function signing(sheet) {
    return notice(h("p", {}, "本模块要求裁判本人签字。请核对各项给分，无误后签字。"),
      h("button", { type: "button", class: "btn btn-primary", id: "sheet-sign", onclick: () => sign(sheet) }, "本人签字"));
  }

  /* At once or not at all: a signature is never queued. */
  async function sign(sheet) {
    const owner = at.owner;
    if (!(await tell("签字表示 " + sheet.code + " 第 " + sheet.revision + " 版的给分（合计 " + sheet.total + "）由本人作出，摘要 " + sheet.digest.slice(0, 16) + "。签字后如再修改，须重新签字。", "确认签字"))) return;
    try {
      const answer = await outbox.act(owner, "/api/sheets/" + sheet.id + "/sign", { revision: sheet.revision });
      if (!answer || answer.status === 401) return void askSignIn();
      if (answer.status >= 400) await tell(answer.body.error?.message || "签字没有记录，请再试一次。");
      await refresh();
      await show();
    } catch { await tell("网络不通，签字没有记录。恢复后请再签一次。"); }
  }

  function problem(item, draft) {
    if (!item || item.state === "waiting") return null;
    if (item.state === "conflict") return conflict(item, draft);
    const text = item.answer?.message || (item.state === "late" ? "这份评分送达太晚，没有计入，已交裁判长处理。" : "没有送达，须修改后重新提交。");
    return h("div", { class: "notice notice-danger", role: "alert" }, h("div", {}, text, item.state === "late" || item.answer?.code === "sheet_confirmed" || item.answer?.code === "not_found" ?
      h("p", {}, h("button", { type: "button", class: "btn", onclick: () => drop(item) }, "知道了")) : null));
  }

  /* Both versions side by side; the judge chooses. */
  function conflict(item, draft) {
    const current = item.answer.current || { marks: {} };
    return delivery.conflict(at.document.aspects, current, (draft || item.body).marks, () => drop(item, current),
      () => submit({ base: current.revision, on: null, chosen: true }));
  }

  async function drop(item, current) {
    await store.drop(item, current);
    await show();
    await refresh().catch(() => {});
  }

  async function queue(owner, sheet, body, drawn) {
    await store.enqueue(owner, sheet.id, sheet.code, body, drawn);
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
    const draft = { user: at.owner, sheet: at.sheet, tab: TAB, ...read, seconds: at.clock.seconds, started: at.clock.started, at: Date.now() };
    const drawn = at.drawn;
    at.saving = at.saving.then(() => store.saveDraft(draft, drawn)).then(() => { outbox.tellTabs(); return drawBar(false); });
    main.querySelector("#sheet-sign")?.closest(".notice").remove();
  }

  async function submit(chosen) {
    if (at.submitting) return;
    at.submitting = true;
    try { await submitOnce(chosen); } finally { at.submitting = false; }
  }

  async function submitOnce(chosen) {
    await at.saving;
    const owner = at.owner, sheet = at.document, read = form.read(main), found = form.review(main, at.document.aspects, read.marks, {});
    if (found.wrong.length) return tell("请先改正：" + found.wrong.join("、") + "。");
    const others = (await sheets()).filter((each) => each.module.id === at.document.module.id && each.id !== at.sheet && Object.keys(each.marks || {}).length);
    const warnings = [];
    const slips = form.slips(at.document.aspects, read.marks, others.map((each) => each.marks));
    if (slips.length) warnings.push("与本人在其他号上的给分相差约十倍，请核对小数点：" + slips.join("、") + "。");
    const twin = others.find((each) => form.same(at.document.aspects, read.marks, each.marks));
    if (twin) warnings.push("各项给分与本人给 " + twin.code + " 的完全相同，请核对是否填错了号。");
    if (found.blank.length) warnings.push("还有 " + found.blank.length + " 项空白（空白不等于 0）：" + found.blank.join("、") + "。仍然提交则只作为草稿送达。");
    if (warnings.length && !(await tell(warnings.join("\n"), "仍然提交"))) return undefined;
    const device = await store.device();
    if (at.owner !== owner || at.document.id !== sheet.id) return undefined;
    at.clock = timer.stopped(at.clock);
    return queue(owner, sheet, { ...read, seconds: at.clock.seconds, complete: !found.blank.length, client: { device, time: new Date().toISOString() } }, chosen || at.drawn);
  }

  function toggleTimer() {
    at.clock = at.clock.started ? timer.stopped(at.clock) : { ...at.clock, started: Date.now() };
    corrected(at.clock);
  }
  function corrected(clock) {
    at.clock = clock;
    timer.show(clock, at.document);
    typed();
  }
  setInterval(() => { if (at.clock && at.document) timer.show(at.clock, at.document); }, 1000);

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
    else {
      const back = at.sheet !== null;
      at.sheet = at.document = null;
      await drawList();
      if (back) window.scrollTo(0, at.listAt || 0);
    }
    await bar();
  });

  const seen = ({ revision, state, reevaluate, aspects, signature, limit_seconds }) => JSON.stringify([revision, state, reevaluate, aspects, signature, limit_seconds]);
  const changed = inTurn(async () => {
    await bar();
    if (!at.sheet) return location.hash.length > 1 ? undefined : drawList();
    if (main.querySelector("#sheet-bar")) {
      const kept = await store.get("sheets", key(at.sheet)), item = await itemOf(at.sheet);
      const draft = await store.get("drafts", key(at.sheet));
      if (draft && draft.tab !== TAB && at.shown !== draft.at) return drawSheet(at.sheet);
      if (kept && Boolean(kept.gone) !== at.gone) return drawSheet(at.sheet);
      if (kept && !draft && (seen(kept.document) !== seen(at.document) || (item && (item.state !== "waiting" || item.key !== at.drawn.on)))) return drawSheet(at.sheet);
      return drawBar(!main.querySelector("#sheet-timer"));
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
    document.getElementById("tablet-desk").hidden = event.detail.card === true;   /* a judge's card opens no desk */
    document.getElementById("tablet-card").hidden = event.detail.card !== true;
    if (event.detail.user && at.user && event.detail.user !== at.user) {
      at.user = event.detail.user;
      at.sheet = at.document = null;
      main.replaceChildren();   /* nothing of the other judge stays on the screen */
      if (location.hash.length > 1) location.hash = ""; else show();
    }
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
  document.getElementById("tablet-night").addEventListener("click", () => store.put("meta", "night", document.body.classList.toggle("night")));

  async function start() {
    navigator.storage?.persist?.();
    document.body.classList.toggle("night", (await store.get("meta", "night")) === true);
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
