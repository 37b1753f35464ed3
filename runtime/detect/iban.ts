import { mod97 } from "./check-digits.ts";
import { before, type Detector, hasDigits, matches } from "./detector.ts";

const SHAPE = /(?<![A-Za-z0-9-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])/g;

/** How many characters each country's numbers have. */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    "NO15 BE16 DK18 FO18 FI18 GL18 NL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 CR22 CH21 HR21 LI21 LV21 BG22 BH22 DE22 GB22 GE22 IE22 ME22 RS22 AE23 GI23 IL23 " +
    "AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 PT25 IS26 TR26 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 PL28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 MT31"
  )
    .split(" ")
    .map((each) => [each.slice(0, 2), Number(each.slice(2))] as const),
);

export const iban: Detector = {
  dataClass: "financial",
  mayHold: (text) => text.length >= 15 && hasDigits(text, 8),
  find: (text) =>
    matches(
      text,
      SHAPE,
      "[iban]",
      (_, match) => !/\b(?:serial|s\/n|sku|part|model)\b[^\n]{0,8}$/i.test(before(match)),
    ).flatMap((finding) => {
      // What follows may have been read along: `… 00 BIC COBADEFF`.
      const length = LENGTHS[text.slice(finding.start, finding.start + 2)] ?? 0;
      let end = finding.start;
      for (let seen = 0; seen < length && end < finding.end; end++) if (text[end] !== " ") seen++;
      const bare = text.slice(finding.start, end).replaceAll(" ", "");
      const isWhole = bare.length === length && !/[A-Za-z0-9]/.test(text[end] ?? "");
      return length > 0 && isWhole && mod97(bare) ? [{ ...finding, end }] : [];
    }),
};
