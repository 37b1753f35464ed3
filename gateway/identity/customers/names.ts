/** A name as it is kept: one line, without what cannot be seen. */
export const plainName = (text: string): string =>
  text.normalize("NFC").replace(/\s+/gu, " ").replace(/\p{C}/gu, "").trim().slice(0, LONGEST).trim();

export const LONGEST = 120;

/** As names are sorted and looked for: without case, accents and punctuation. */
export const nameKey = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/&/g, " and ")
    .replace(/['’.]/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/** As names are compared: the legal form says nothing about which company it is. */
export function matchKey(name: string): string {
  const words = nameKey(name).split(" ");
  while (words.length > 1 && LEGAL.has(words.at(-1)!)) words.pop();
  return (words[0] === "the" && words.length > 1 ? words.slice(1) : words).join(" ");
}

const LEGAL: ReadonlySet<string> = new Set(
  (
    "ab ag aps as asa bv co company corp corporation cv ek eg ev gbr gmbh inc incorporated kft kg kgaa limited llc llp lp ltd ltda " +
    "mbh nv ohg oy oyj plc pllc pte pty sa sarl sas se sl sp spa srl sro ug zoo and"
  ).split(" "),
);
