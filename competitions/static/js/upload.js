/* File fields [data-drop] take a dropped file and show its name; forms [data-upload] show how much of it is sent. */
(function () {
  "use strict";

  function size(bytes) {
    return bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function name(input) {
    const box = input.closest("[data-drop]");
    const files = [...input.files];
    box.classList.toggle("drop-filled", files.length > 0);
    const names = files.map((f) => f.name + "（" + size(f.size) + "）").join("，");
    if (files.length) box.querySelector("[data-drop-name]").textContent = names;
  }

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-drop] input[type=file]")) name(target);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const box = event.target.closest?.("[data-drop]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("drop-over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      const input = box.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  /* The answer replaces the page as a native post would: no second request, so a message shown once is not lost. */
  function show(request) {
    if (request.responseURL && request.responseURL !== location.href) history.pushState(null, "", request.responseURL);
    document.open();
    document.write(request.responseText);
    document.close();
  }

  /* the page stays as it is, with the fields and the file chosen */
  function isSignedOut(request) {
    const isAtSignIn = new URL(request.responseURL || location.href).pathname === "/login";
    return request.status === 401 || request.status === 400 || isAtSignIn;
  }

  function fail(form, words) {
    form.querySelector("[data-upload-progress]").hidden = true;
    for (const b of form.elements) if (b.type === "submit") { b.disabled = false; b.removeAttribute("aria-busy"); }
    window.site?.toast(words, "bad");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const box = form.querySelector("[data-upload-progress]");
    if (!form.hasAttribute("data-upload") || !box) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter || undefined);
    for (const b of form.elements) if (b.type === "submit") b.disabled = true;
    box.hidden = false;
    const bar = box.querySelector("progress");
    const words = box.querySelector("[role=status]");
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (e) => {
      if (!e.lengthComputable) return;
      bar.value = (e.loaded / e.total) * 100;
      words.textContent = "已上传 " + Math.floor(bar.value) + "%";
    });
    request.upload.addEventListener("load", () => { bar.removeAttribute("value"); words.textContent = "正在检查文件"; });
    request.addEventListener("load", () => {
      if (!isSignedOut(request) || !window.site?.signedOut) { show(request); return; }
      fail(form, "没有完成，文件没有保存。");
      window.site.signedOut();
    });
    request.addEventListener("error", () => fail(form, "网络不通，文件没有送到。请检查网络后再试。"));
    request.open("POST", event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action);
    request.send(data);
  });
})();
