/* Where a sheet stands on its way to the server, in words: the list's word, the three steps, what is said above the
   page. Pure: knows no page, no network, no storage. */
const WORDS = { empty: "未评", draft: "草稿", submitted: "已送达", confirmed: "已复核", signed: "已签字" };
const MOST_SKEW = 120;

/* Whether the judge's own signature is still to be given. */
export const awaitsSign = (sheet) =>
  Boolean(sheet.judges_sign && sheet.complete && !sheet.signature && ["submitted", "confirmed"].includes(sheet.state));

/* The list's word for a sheet. */
export function word(sheet, item, draft) {
  if (item?.state === "late") return "已交裁判长";
  if (item) return item.state === "waiting" ? "已存本机，未送达" : "须处理";
  if (draft) return "已存本机，未提交";
  return WORDS[sheet.state] + (awaitsSign(sheet) ? "，待签字" : "");
}

function kept(item, draft) {
  if (item && item.state !== "waiting") return { text: "① 已存本机，须处理", tone: "is-late" };
  if (item) return { text: "① 已存本机，未送达", tone: "is-now" };
  return draft ? { text: "① 已存本机，未提交", tone: "is-now" } : { text: "① 已存本机", tone: null };
}

function signed(sheet, sent) {
  if (sheet.state === "signed") return { text: "③ 已签字", tone: "is-done" };
  if (!sheet.judges_sign) return { text: "③ 已签字", tone: sheet.signature && sent ? "is-done" : null };
  if (!sheet.signature || !sent) return { text: "③ 待本人签字", tone: null };
  const at = new Date(sheet.signature.at), two = (number) => String(number).padStart(2, "0");
  const words = two(at.getHours()) + ":" + two(at.getMinutes()) + " 摘要 " + sheet.signature.digest.slice(0, 8);
  return { text: "③ 本人已签字 " + words, tone: "is-done" };
}

/* ① 已存本机 → ② 已送达 # → ③ 已签字, each with its tone. Only a receipt counts as delivered. */
export function steps(sheet, item, draft) {
  const sent = Boolean(sheet.receipt && !draft && !item), here = kept(item, draft);
  return [
    { name: "kept", text: here.text, tone: here.tone || (sent ? "is-done" : null) },
    { name: "delivered", text: sent ? "② 已送达 #" + sheet.receipt.slice(0, 8) : "② 已送达", tone: sent ? "is-done" : null },
    { name: "signed", ...signed(sheet, sent) },
  ];
}

/* `seconds` that this tablet is ahead of the server; "" when it is near enough. */
export function skewWords(seconds) {
  const apart = Math.abs(seconds);
  if (apart <= MOST_SKEW) return "";
  const much = apart < 5400 ? Math.round(apart / 60) + " 分钟" : Math.round(apart / 3600) + " 小时";
  return "本平板的时间比服务器" + (seconds > 0 ? "快 " : "慢 ") + much + "，请校准。记录一律以服务器时间为准。";
}

/* What becomes of that which was delivered before the server was restored from a backup; "" when all is as it was. */
export function restoredWords({ offered, aside, homeless }) {
  const said = [];
  if (offered) said.push("服务器从备份恢复过，正在补送 " + offered + " 份送达过的评分，请不要关闭本页。");
  if (aside) said.push("补送的评分中有 " + aside + " 份与现有的给分不一致，已交裁判长处理。");
  if (homeless) said.push("有 " + homeless + " 份送达过的评分在恢复后的服务器上没有评分表，仍存在本机，请告诉裁判长。");
  return said.join("");
}

/* The sentences above the page. */
export function notes({ kept: isKept, full, online, reached, signedOut, mine, restored, others, skew, secure }) {
  const said = [];
  if (!isKept && full) {
    said.push("本机存储空间已满，刚填写的没有存到本机：请不要关闭本页，请清理这台平板的空间，或先把评分写在纸上。系统会继续尝试。");
  } else if (!isKept) said.push("刚填写的没有存到本机，请不要关闭本页，系统会继续尝试。");
  const goOn = isKept ? "可以继续评分，已存在本机，" : "";
  if (!online) said.push("网络断开：" + goOn + "恢复后自动上传。");
  else if (!reached) said.push("连不上服务器：" + goOn + "接通后自动上传。");
  else if (signedOut) said.push("登录已失效：" + goOn + "登录后自动上传。");
  if (mine) said.push("有 " + mine + " 份未送达。");
  if (restored) said.push(restoredWords(restored));
  if (others) said.push("本平板还有另一位裁判的 " + others + " 份未送达，请本人登录后上传。");
  if (skew) said.push(skewWords(skew));
  if (!secure) said.push("当前不是 HTTPS：离线时请勿关闭本页。");
  return said.join("");
}
