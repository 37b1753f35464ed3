import {
  codiceFiscale,
  dni,
  ean13,
  elevenTest,
  luhn,
  nhsNumber,
  nir,
  steuerId,
  taxFileNumber,
} from "./check-digits.ts";
import { around, before, COUNTS_THINGS, type Detector, hasDigits, matches } from "./detector.ts";

interface NationalId {
  readonly mark: string;
  readonly shape: RegExp;
  readonly isValid: (bare: string) => boolean;
  /** Words nearby that say what it is. */
  readonly context: RegExp;
  /** Written like this it needs no such words, unless they say that it is something else. */
  readonly alone?: RegExp;
}

const IDS: readonly NationalId[] = [
  {
    mark: "[ssn]",
    shape: /(?<![\w.-])\d{3}([ -]?)\d{2}\1\d{4}(?![\w-]|\.\d)/g,
    isValid: (digits) => !/^(?:000|666|9)|^.{3}00|0000$/.test(digits),
    context: /\b(?:ssn|ss#|ss #|social security|soc\.? sec|social)\b/i,
    alone: /^\d{3}-\d{2}-\d{4}$/,
  },
  {
    mark: "[national insurance number]",
    shape: /(?<![\w-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\w-])/g,
    isValid: (text) => !/^(?:BG|GB|NK|KN|TN|NT|ZZ)/.test(text),
    context: /\b(?:nino|national insurance|ni (?:number|no)|nat\.? ins)\b/i,
    alone: /^\w\w \d\d \d\d \d\d \w$/,
  },
  {
    mark: "[tax id]",
    shape: /(?<![\w.-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-]|\.\d)/g,
    isValid: steuerId,
    context: /steuer|\bid-?nr|\bidentifikationsnummer|\btin\b|\btax (?:id|number)/i,
  },
  {
    mark: "[bsn]",
    shape: /(?<![\w.-])\d{4}[. ]?\d{2}[. ]?\d{3}(?![\w-]|\.\d)/g,
    isValid: elevenTest,
    context: /\b(?:bsn|burgerservicenummer|burger service nummer|sofi)/i,
  },
  {
    mark: "[dni]",
    shape: /(?<![\w.-])(?:\d{2}\.?\d{3}\.?\d{3}|[XYZ]-?\d{7})-?[A-Z](?![\w-])/g,
    isValid: dni,
    context: /\b(?:dni|nif|nie|documento|identidad)\b/i,
    alone: /^\d{2}\.\d{3}\.\d{3}-[A-Z]$|^\d{8}-[A-Z]$|^[XYZ]-\d{7}-[A-Z]$/,
  },
  {
    mark: "[nir]",
    shape: /(?<![\w.-])[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w-])/g,
    isValid: nir,
    context: /\b(?:nir|insee|sécu\w*|secu|sécurité sociale|securite sociale|num[ée]ro de s)/i,
    alone: /^/,
  },
  {
    mark: "[codice fiscale]",
    shape: /(?<![\w-])[A-Za-z]{6}\d{2}[ABCDEHLMPRSTabcdehlmprst]\d{2}[A-Za-z]\d{3}[A-Za-z](?![\w-])/g,
    isValid: (text) => codiceFiscale(text.toUpperCase()),
    context: /\b(?:codice fiscale|cod\.? fisc|c\.?f\.?)/i,
    alone: /^/,
  },
  {
    mark: "[sin]",
    shape: /(?<![\w.-])[1-79]\d{2}[ -]?\d{3}[ -]?\d{3}(?![\w-]|\.\d)/g,
    isValid: luhn,
    context: /\bSIN\b|\bsocial insurance|\bassurance sociale|\bNAS\b/,
  },
  {
    mark: "[ahv]",
    shape: /(?<![\w.-])756\.?\d{4}\.?\d{4}\.?\d{2}(?![\w-]|\.\d)/g,
    isValid: ean13,
    context: /\b(?:ahv|avs|oasi)\b/i,
    alone: /^756\.\d{4}\.\d{4}\.\d{2}$/,
  },
  {
    mark: "[tfn]",
    shape: /(?<![\w.-])\d{3} ?\d{3} ?\d{3}(?![\w-]|\.\d)/g,
    isValid: taxFileNumber,
    context: /\b(?:tfn|tax file)/i,
  },
  {
    mark: "[nhs number]",
    shape: /(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-]|\.\d)/g,
    isValid: nhsNumber,
    context: /\bnhs\b/i,
  },
];

export const nationalIds: Detector = {
  dataClass: "personal",
  mayHold: (text) => text.length >= 9 && hasDigits(text, 6),
  find: (text) =>
    /\d{2}/.test(text)
      ? IDS.flatMap(({ shape, mark, isValid, context, alone }) =>
          matches(text, shape, mark, (value, match) => {
            if (!isValid(value.replace(/[ .-]/g, ""))) return false;
            return context.test(around(match)) || (alone?.test(value) === true && !COUNTS_THINGS.test(before(match)));
          }),
        )
      : [],
};
