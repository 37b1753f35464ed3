/** Control, format and unassigned characters (line feed and tab stay), and all that Unicode calls ignorable: what nobody sees but a model reads. */
const INVISIBLE = /[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}/gu;
const PLAIN = /^[\u0020-\u007e\n\t]*$/;

/** Text without control, direction, zero-width, tag and private characters; every kind of line end becomes a line feed. */
export const stripInvisible = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n").replace(INVISIBLE, "");

/** At most `max` characters, never ending in half a surrogate pair, with a mark that says how much is gone. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return `${text.slice(0, end)}… [${text.length - end} more characters]`;
}

/** Vendor text inside one of our sentences: one line, no invisible characters, no double quotes that could end the quotation. */
export function quotable(text: string, max = 300): string {
  const line = stripInvisible(text).replace(/\s+/g, " ").replaceAll('"', "'").trim();
  return line.length <= max
    ? line
    : `${line
        .slice(0, max - 1)
        .toWellFormed()
        .replace(/\ufffd$/, "")}…`;
}
