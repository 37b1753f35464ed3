/** A name as one line of visible characters: no control, bidirectional or zero-width ones. */
export function plainText(text: unknown, most: number): string {
  if (typeof text !== "string") return "";
  const line = text.replace(/[\s\p{Z}]+/gu, " ").replace(/\p{C}/gu, "");
  return [...line.trim()].slice(0, most).join("");
}
