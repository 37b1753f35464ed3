import type { DataClass } from "../data-class.ts";

/** Where something was found in a text, and what stands there instead: `[card]`. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

/** Finds one kind of data in a text: pure, and in time that grows with the text's length and no faster. */
export interface Detector {
  readonly dataClass: DataClass;
  /** A quick no for texts in which it cannot find anything by themselves: most texts are such. */
  mayHold(text: string): boolean;
  /** Names under which any value may be one: `password`, `ssn`. */
  readonly names?: RegExp;
  find(text: string): Finding[];
}

/** Every match of a shape that `isMeant`; only its end is replaced when that is a group named `value`. */
export function matches(
  text: string,
  shape: RegExp,
  mark: string,
  isMeant: (value: string, match: RegExpExecArray) => boolean = () => true,
): Finding[] {
  const findings: Finding[] = [];
  for (const match of text.matchAll(shape) as Iterable<RegExpExecArray>) {
    const value = match.groups?.["value"] ?? match[0];
    if (!isMeant(value, match)) continue;
    const end = match.index + match[0].length;
    findings.push({ start: end - value.length, end, mark });
  }
  return findings;
}

/** How far around a match its context is looked for. */
const BEFORE = 40;
const AFTER = 24;

export const before = (match: RegExpExecArray) => match.input.slice(Math.max(0, match.index - BEFORE), match.index);

export const around = (match: RegExpExecArray) => {
  const end = match.index + match[0].length;
  return `${before(match)}\n${match.input.slice(end, end + AFTER)}`;
};

/** Words that say a number counts things and names nobody. */
export const COUNTS_THINGS =
  /\b(?:product|order|invoice|ticket|case|serial|s\/n|sn|imei|imsi|iccid|meid|tracking|shipment|parcel|part|p\/n|pn|sku|model|po|quote|asset|tag|rma|build|version|firmware|mac|guid|uuid|hash|session|license|job|task|batch|ref|reference|article|barcode|ean|upc|gtin|bestell\w*|auftrag\w*|rechnung\w*)\b[^\n]{0,16}$/i;

/** Whether a text has so many digits. */
export function hasDigits(text: string, least: number): boolean {
  let digits = 0;
  for (let index = 0; index < text.length && digits < least; index++) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) digits++;
  }
  return digits >= least;
}

export const digitsOf = (text: string) => text.replace(/\D/g, "");
