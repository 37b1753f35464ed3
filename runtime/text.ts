/**
 * Control, format and unassigned characters (line feed and tab stay), all that Unicode calls ignorable, and what is drawn as nothing
 * though it counts as a symbol: what nobody sees but a model reads.
 */
const INVISIBLE = /[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}|[\ufffc\u{1d159}]/gu;
/** Blanks other than the usual one, of which a row of different ones could spell something. */
const BLANK = /[\p{Zs}\u2800]/gu;
const PLAIN = /^[\u0020-\u007e\n\t]*$/;

/** Text without control, direction, zero-width, tag and private characters; every line end is a line feed, every blank the usual one. */
export const stripInvisible = (text: string): string =>
  PLAIN.test(text)
    ? text
    : text
        .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
        .replace(INVISIBLE, "")
        .replace(BLANK, " ");

/** What people's keyboards make: emoji of several parts, their colour, scripts that join letters, soft hyphens, a mark at the start. */
const USUAL =
  /^\ufeff|(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji}|\u20e3)(?:\ufe0e|\ufe0f)|(?<=\p{L}|\p{M})(?:\u00ad|\u200c|\u200d)(?=\p{L}|\p{M})|\u200e|\u200f|\u061c|\r|\u0085/gu;

/** Whether there are characters in it that nobody sees, and that nobody types. */
export const hidesCharacters = (text: string): boolean =>
  !PLAIN.test(text) && text.replace(USUAL, "").search(INVISIBLE) !== -1;

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
