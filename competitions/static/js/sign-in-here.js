/* A sign-in that ended while a page of the desk is open: says so, and lets the same person sign in without leaving the
   page, so that what is typed and the files chosen stay. He presses his button again himself. Other scripts call
   window.site.signedOut() when an answer says 401, or 400 because the form belongs to an earlier sign-in. */
(function () {
  "use strict";
  const WORDS = { 422: "用户名或密码不正确。", 429: "尝试次数过多，请 15 分钟后再试。" };
  const CODE_WORDS = { ...WORDS, 422: "动态口令不正确，或已经用过。请填手机上正在显示的数字。" };
  const bar = document.querySelector("[data-signed-out]"), dialog = document.getElementById("sign-in-here");
  if (!bar || !dialog) return;
  const meta = (name) => document.querySelector("meta[name=" + name + "]");
  const says = (words) => { dialog.querySelector("[data-says]").textContent = words; };

  async function session() {
    const answer = await fetch("/api/session", { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  /* every form of the page belongs to the new sign-in now */
  function renew({ csrf }) {
    meta("csrf-token").content = csrf;
    document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = csrf; });
    bar.hidden = true;
    dialog.close();
    window.site.toast("登录已恢复，请再按一次刚才的按钮。");
  }

  /* of another person nothing is to be sent from here */
  function leave() {
    document.querySelectorAll("form[data-dirty]").forEach((form) => { delete form.dataset.dirty; });
    location.assign("/desk/");
  }

  function open() {
    if (dialog.open) return;
    says("");
    dialog.showModal();
  }

  async function signedOut() {
    const isTyping = document.activeElement?.matches("input, textarea, select, tr");
    try {
      const now = await session();
      if (now.user && now.user.id === meta("signed-in-as").content) { renew(now); return; }
    } catch { /* the network: what follows says the same */ }
    bar.hidden = false;
    if (!isTyping) open();   /* the dialog takes the keys of whoever is typing: the bar has a button */
  }

  async function send(address, fields) {
    const body = new URLSearchParams({ ...fields, csrf_token: (await session()).csrf });
    const answer = await fetch(address, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
    return answer.type === "opaqueredirect" ? 303 : answer.status;
  }

  /* the second factor, where the account has one, is asked for in the same dialog */
  function askCode(asked) {
    const place = dialog.querySelector("[data-code]");
    const { code, username, password } = dialog.querySelector("form").elements;
    place.hidden = code.disabled = !asked;
    username.disabled = password.disabled = asked;
    code.value = "";
    if (asked) code.focus();
  }

  async function enter(event) {
    event.preventDefault();
    const { username, password, code } = event.target.elements, atCode = !code.disabled;
    try {
      const status = atCode ? await send("/login/code", { code: code.value })
        : await send("/login", { username: username.value, password: password.value });
      if (status !== 303) { says((atCode ? CODE_WORDS : WORDS)[status] || "没有登录成功，请再试一次。"); return; }
      const now = await session();
      askCode(!now.user && !atCode);
      says(now.user ? "" : atCode ? "时间过长，请重新输入密码。" : "密码正确，请再输入手机上的动态口令。");
      if (!now.user) return;
      password.value = "";
      if (now.user.id === meta("signed-in-as").content) renew(now);
      else leave();
    } catch {
      says("网络不通，没有登录。页面上填写的都还在，恢复后再试。");
    }
  }

  dialog.addEventListener("submit", enter);
  dialog.querySelector("[data-not-now]").addEventListener("click", () => dialog.close());
  bar.querySelector("[data-sign-in-here]").addEventListener("click", open);
  window.site.signedOut = signedOut;
})();
