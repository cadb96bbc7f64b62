/* Where a sheet stands on its way to the server, in words and colour: the three states, the list's word, two versions side by
   side, the clock. Knows no network and no storage. window.judgeDelivery */
(function () {
  "use strict";
  const h = window.judgeSheet.h;
  const WORDS = { empty: "未评", draft: "草稿", submitted: "已送达", confirmed: "已复核", signed: "已签字" };
  const MOST_SKEW = 120;

  /* Whether the judge's own signature is still to be given. */
  const awaitsSign = (sheet) => Boolean(sheet.judges_sign && sheet.complete && !sheet.signature && ["submitted", "confirmed"].includes(sheet.state));

  /* The list's word for a sheet. */
  function word(sheet, item, draft) {
    if (item) return item.state === "waiting" ? "已存本机，未送达" : item.state === "late" ? "已交裁判长" : "须处理";
    if (draft) return "已存本机，未提交";
    return WORDS[sheet.state] + (awaitsSign(sheet) ? "，待签字" : "");
  }

  function signedWords(sheet, sent) {
    if (sheet.state === "signed" || !sheet.judges_sign) return "③ 已签字";
    if (!sheet.signature || !sent) return "③ 待本人签字";
    const at = new Date(sheet.signature.at);
    return "③ 本人已签字 " + String(at.getHours()).padStart(2, "0") + ":" + String(at.getMinutes()).padStart(2, "0") + " 摘要 " + sheet.signature.digest.slice(0, 8);
  }

  /* ① 已存本机 → ② 已送达 # → ③ 已签字 */
  function states(sheet, item, draft) {
    const waits = item && item.state === "waiting";
    const bad = item && (item.state === "conflict" || item.state === "refused" || item.state === "late");
    const sent = sheet.receipt && !draft && !item;
    const here = draft || waits || bad;
    return h("ol", { class: "delivery", "aria-label": "送达状态" },
      h("li", { class: here ? (bad ? "is-late" : "is-now") : sent ? "is-done" : null, "data-state": "kept" }, bad ? "① 已存本机，须处理" : waits ? "① 已存本机，未送达" : draft ? "① 已存本机，未提交" : "① 已存本机"),
      h("li", { class: sent ? "is-done" : null, "data-state": "delivered" }, sent ? "② 已送达 #" + sheet.receipt.slice(0, 8) : "② 已送达"),
      h("li", { class: sheet.state === "signed" || (sheet.signature && sent) ? "is-done" : null, "data-state": "signed" }, signedWords(sheet, sent)));
  }

  function conflict(aspects, current, marks, keepTheirs, keepMine) {
    return h("div", { class: "notice notice-warning", role: "alert" }, h("div", {}, h("p", { class: "notice-title" }, "这份评分表在别处已送达第 " + current.revision + " 版，请选择以哪一份为准"),
      h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", {}, "评分项"), h("th", {}, "已送达"), h("th", {}, "本机"))),
        h("tbody", {}, aspects.map((aspect) => {
          const [theirs, mine] = [current.marks[aspect.id] ?? "空白", marks[aspect.id] ?? "空白"];
          return h("tr", { class: theirs === mine ? null : "is-different" }, h("td", {}, aspect.name, theirs === mine ? null : "（不同）"), h("td", {}, theirs), h("td", {}, mine));
        }))),
      h("button", { type: "button", class: "btn", onclick: keepTheirs }, "保留已送达的"), " ",
      h("button", { type: "button", class: "btn btn-primary", onclick: keepMine }, "以本机的为准")));
  }

  /* `seconds` that this tablet is ahead of the server; "" when it is near enough. */
  function skewWords(seconds) {
    const apart = Math.abs(seconds);
    if (apart <= MOST_SKEW) return "";
    const much = apart < 5400 ? Math.round(apart / 60) + " 分钟" : Math.round(apart / 3600) + " 小时";
    return "本平板的时间比服务器" + (seconds > 0 ? "快 " : "慢 ") + much + "，请校准。记录一律以服务器时间为准。";
  }

  window.judgeDelivery = { awaitsSign, conflict, skewWords, states, word };
})();
