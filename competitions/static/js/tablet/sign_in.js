/* Signing in in place, when nobody is signed in any more. The dialog takes the keys, so it waits until no field is in
   use; a note and a button say meanwhile that the sign-in has ended. */
import { draw } from "./drawing.js";
import { fieldInUse, part } from "./elements.js";
import { flush } from "./outbox.js";
import { main, page } from "./page.js";
import { refresh } from "./refresh.js";
import { signIn } from "./server.js";

const WORDS = {
  wrong: "用户名或密码不正确。", locked: "尝试次数过多，请 15 分钟后再试。", failed: "没有登录成功，请再试一次。",
};
const dialog = document.getElementById("tablet-sign-in");

function open() {
  if (!dialog.open) dialog.showModal();
}

export function askSignIn() {
  if (!fieldInUse(main)) open();
}

async function enter(event) {
  event.preventDefault();
  const fields = event.target.elements, says = dialog.querySelector(".form-error");
  try {
    const outcome = await signIn(fields.username.value, fields.password.value);
    says.textContent = WORDS[outcome] || "";
    if (outcome === "more") location.assign("/login/code");   /* what was typed lies on this device */
    if (outcome !== "ok") return;
    fields.password.value = "";
    dialog.close();
    await refresh();
    await draw();
    flush();
  } catch {
    says.textContent = "网络不通，已填写的都存在本机。恢复后再登录。";
  }
}

/* Who is signed in now, as the server says. Of another judge nothing stays on the page. */
export function follow({ user, card }) {
  document.getElementById("tablet-desk").hidden = card === true;   /* a judge's card opens no desk */
  document.getElementById("tablet-card").hidden = card !== true;
  page.signedOut = !user;
  if (user && page.user && user !== page.user) {
    Object.assign(page, { user, open: null });
    part(main, ["nobody"], () => null);
    location.hash = "";
  }
  draw();
  if (!user && navigator.onLine) askSignIn();
}

export function watchSignIn() {
  dialog.addEventListener("submit", enter);
  document.getElementById("tablet-renew").addEventListener("click", open);
}
