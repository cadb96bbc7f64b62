/* The page's one dialog for words of its own. */

/* True when the judge goes on by the button with this word; without a word it only tells. */
export function ask(text, word) {
  const dialog = document.getElementById("tablet-tell"), yes = dialog.querySelector("[value=yes]");
  dialog.querySelector("p").textContent = text;
  yes.hidden = !word;
  yes.textContent = word || "";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}
