/* Elements in a line, and parts of the page that are drawn again only when they say something else: what a judge is
   pressing, reading or typing in stays where it is. Knows no sheet. */

/* h("p", { class: "tell" }, "words", null): attributes and children that are null or false are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

const isThere = (child) => child !== null && child !== undefined && child !== false;
const present = (children) => children.flat(Infinity).filter(isThere);

const drawn = new WeakMap();

/* Put into `element` what `build` gives, unless it shows the same `facts` already; whether it was drawn. */
export function part(element, facts, build) {
  const says = JSON.stringify(facts);
  if (drawn.get(element) === says) return false;
  drawn.set(element, says);
  element.replaceChildren(...present([build()]));
  return true;
}

/* A text that is announced when it changes, and only then. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* The field of `root` in which somebody is typing, or is about to; null without one. */
export function fieldInUse(root) {
  const field = document.activeElement, isField = field?.matches("input:not([readonly]), textarea:not([readonly])");
  return isField && root.contains(field) ? field : null;
}
