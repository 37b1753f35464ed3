import { luhn } from "./check-digits.ts";
import { around, before, COUNTS_THINGS, type Detector, digitsOf, hasDigits, matches } from "./detector.ts";

const NUMBER = /(?<![\w.,+/#:-])\d(?:[ -]?\d){12,18}(?![\w]|[.,:-]\d| ?(?:bytes|[kmgt]i?b|rows|ms|ns)\b)/g;

/** First digits and lengths of the issuers that cards are seen of. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^(?:30[0-5]|3095|36|38|39)/, [14]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [13, 16, 19]],
];

/** As cards are embossed and people type them. */
const GROUPED = /^(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5})$/;

const SAYS_CARD =
  /\b(?:card|credit|debit|visa|master ?card|amex|american express|discover|diners|jcb|maestro|pan|cc|ccn|cvv|cvc|exp|expiry|expires|kreditkarte|carte|tarjeta|creditcard)\b/i;

export const cards: Detector = {
  dataClass: "financial",
  mayHold: (text) => text.length >= 13 && hasDigits(text, 13),
  find(text) {
    return matches(text, NUMBER, "[card]", (value, match) => {
      const digits = digitsOf(value);
      if (!ISSUERS.some(([first, lengths]) => first.test(digits) && lengths.includes(digits.length))) return false;
      if (!luhn(digits)) return false;
      if (digits !== value && !GROUPED.test(value)) return false;
      if (SAYS_CARD.test(around(match))) return true;
      // An order number may pass both tests by chance; a number of 13 digits is more often a time than an old card.
      return digits.length > 13 && !COUNTS_THINGS.test(before(match));
    });
  },
};
