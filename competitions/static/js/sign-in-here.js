/* A sign-in that ended while a page of the desk is open: says so, and lets the same person sign in without leaving the
   page, so that what is typed and the files chosen stay. He presses his button again himself. Other scripts call
   window.site.signedOut() when an answer says 401, or 400 because the form belongs to an earlier sign-in. */
(function () {
  "use strict";
  const WORDS = { 422: "用户名或密码不正确。", 429: "尝试次数过多，请 15 分钟后再试。" };
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

  async function enter(event) {
    event.preventDefault();
    const { username, password } = event.target.elements;
    try {
      const { csrf } = await session();
      const body = new URLSearchParams({ username: username.value, password: password.value, csrf_token: csrf });
      const answer = await fetch("/login", { method: "POST", body, credentials: "same-origin", redirect: "manual" });
      const isIn = answer.type === "opaqueredirect" || answer.status === 303;
      if (!isIn) { says(WORDS[answer.status] || "没有登录成功，请再试一次。"); return; }
      password.value = "";
      const now = await session();
      if (now.user?.id === meta("signed-in-as").content) renew(now);
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
