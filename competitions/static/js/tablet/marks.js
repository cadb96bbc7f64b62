/* What may be given on an aspect and what it is worth: faults, running total, steps, what looks like a slip.
   An aspect is {id, name, kind, max?, step?, per?, cap?}, its numbers decimal texts. Pure: knows no page. */
import { exact, shown, tidy, UNIT } from "./decimals.js";

const LARGE = 20n * UNIT;   /* above it a press of ＋ is a whole point, below it half a point */

export const isBlank = (text) => tidy(text) === "";

/* The same mark, however it is written: "8.50", "８.5 ". */
export function isSame(one, other) {
  const units = exact(one);
  return units === null ? tidy(one) === tidy(other) : units === exact(other);
}

/* A deduction takes `per` for each fault, `cap` at most, and never more than the full marks. */
function worth(aspect, units) {
  if (aspect.kind !== "deduction") return units;
  const taken = units / UNIT * (exact(aspect.per) ?? 0n), cap = exact(aspect.cap);
  const left = (exact(aspect.max) ?? 0n) - (cap !== null && taken > cap ? cap : taken);
  return left > 0n ? left : 0n;
}

/* What is wrong with a mark, as a sentence; "" when it is blank or fits. */
export function fault(aspect, text) {
  if (isBlank(text)) return "";
  const units = exact(text), most = exact(aspect.max), step = exact(aspect.step);
  if (aspect.kind === "deduction") return units === null || units % UNIT ? "请填写扣分次数（0 或正整数）" : "";
  if (units === null) return "请填写数字，例如 8.5";
  if (aspect.kind === "measurement" && most !== null && units > most) return "应在 0 到 " + aspect.max + " 之间";
  return step && units % step ? "应是 " + aspect.step + " 的整数倍" : "";
}

/* The sum of what the marks are worth, as text. Judgements are left out (they combine over the panel), and so are wrong
   marks. */
export function total(aspects, marks) {
  let sum = 0n;
  for (const aspect of aspects) {
    const mark = marks[aspect.id], counts = aspect.kind !== "judgement" && !isBlank(mark) && !fault(aspect, mark);
    if (counts) sum += worth(aspect, exact(mark));
  }
  return shown(sum);
}

/* The mark after a press of ＋ (direction 1) or − (direction -1), inside 0 and the full marks. */
export function stepped(aspect, text, direction) {
  const most = exact(aspect.max);
  const usual = most === null || most > LARGE ? UNIT : UNIT / 2n;
  const step = aspect.kind === "deduction" ? UNIT : exact(aspect.step) || usual;
  const units = (exact(text) ?? 0n) + BigInt(direction) * step;
  if (units < 0n) return "0";
  return shown(aspect.kind === "measurement" && most !== null && units > most ? most : units);
}

/* Ten times more or less than what this judge himself gave elsewhere looks like a slip of the decimal point. */
export function slips(aspects, marks, others) {
  const near = (a, b) => a * 4n >= b * 3n && a * 4n <= b * 5n;
  return aspects.filter((aspect) => {
    const units = exact(marks[aspect.id]);
    const given = others.map((other) => exact(other[aspect.id])).filter(Boolean).sort((a, b) => (a < b ? -1 : 1));
    if (!units || given.length < 2 || aspect.kind !== "measurement") return false;
    const middle = given[Math.floor(given.length / 2)];
    return near(units * 10n, middle) || near(units, middle * 10n);
  }).map((aspect) => aspect.name);
}

/* Whether two sheets have the same mark on every aspect; one aspect alone is no wonder. */
export function isTwin(aspects, one, other) {
  const isEqual = ({ id }) => exact(one[id]) !== null && exact(one[id]) === exact(other[id]);
  return aspects.length > 1 && aspects.every(isEqual);
}
