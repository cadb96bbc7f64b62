/* Exact decimals as whole numbers of millionths (BigInt): a binary float shows 0.1 + 0.2 as 0.30000000000000004.
   Reads what the server reads (nine digits, six decimals; full-width ones too). Pure: knows no page. */
export const UNIT = 1000000n;
const WRITTEN = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/* The text of a field as it counts: full-width digits narrow, without the blanks around it. */
export const tidy = (text) => String(text ?? "").normalize("NFKC").trim();

/* Millionths; null when the text is blank or no such number. */
export function exact(text) {
  const found = WRITTEN.exec(tidy(text));
  return found ? BigInt(found[1]) * UNIT + BigInt((found[2] || "").padEnd(6, "0")) : null;
}

/* Millionths as a decimal, as short as it goes. */
export function shown(units) {
  const rest = (units % UNIT).toString().padStart(6, "0").replace(/0+$/, "");
  return (units / UNIT).toString() + (rest ? "." + rest : "");
}
