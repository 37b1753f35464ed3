import { before, COUNTS_THINGS, type Detector, digitsOf, type Finding, hasDigits, matches } from "./detector.ts";

const INTERNATIONAL = /(?<![\w+.])(?:\+|00(?=[1-9]))\d(?:[ ()./-]{0,2}\d){7,14}(?![\w])/g;
const NORTH_AMERICAN = /(?<![\w.+-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)/g;
const AFTER_A_WORD =
  /\b(?:tel|telephone|phone|mobile|cell|mob|handy|fax|call(?: (?:me|him|her|them|back))?(?: (?:at|on))?|ring|whatsapp|direct|ddi|did|telefon|telefoon|mobil|rufnummer|téléphone|portable|teléfono|m[oó]vil|ph)(?: (?:number|no|nr|is|her|him|me|us)){0,2}\.?\s{0,2}[:#]?\s{0,3}(?<value>\(?\d(?:[ ()./-]{0,2}\d){6,14})(?![\w-])/gi;

/** Conservative: with a plus, as North America groups them, or after a word that says so. */
export const phone: Detector = {
  dataClass: "personal",
  mayHold: (text) => text.length >= 7 && hasDigits(text, 7),
  find(text) {
    const findings: Finding[] = [
      ...matches(text, INTERNATIONAL, "[phone]", (value, match) => {
        const digits = digitsOf(value).length;
        return digits >= 9 && digits <= 15 && (value.startsWith("+") || !COUNTS_THINGS.test(before(match)));
      }),
      ...matches(text, NORTH_AMERICAN, "[phone]", (_, match) => !COUNTS_THINGS.test(before(match))),
      ...matches(text, AFTER_A_WORD, "[phone]", (value) => !/^(?:\d{1,3}\.){3}\d{1,3}$|^\d{4}-\d\d-\d\d/.test(value)),
    ];
    return findings;
  },
};
