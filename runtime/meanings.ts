import { valuesAt } from "./paths.ts";

/** What a vendor's own codes mean, for vendors that answer 200, or an odd status, to what failed. */
export interface Meanings {
  /** Where in the body of a failure the codes are, which may come under 200: a dotted path with `*`. */
  readonly code?: string;
  /** The status that a code stands for, or that the vendor should have answered instead of a status. */
  readonly means: Readonly<Record<string, number>>;
}

/** The status that this answer should have had, by a code in its body or by the status it came with. */
export function statusMeant(status: number, meanings: Meanings | undefined, body?: unknown): number {
  const [code = ""] = codesIn(body, meanings);
  return knownMeaning(code, meanings) ?? knownMeaning(String(status), meanings) ?? status;
}

/** The codes in a body, those that we know first. */
export function codesIn(body: unknown, meanings: Meanings | undefined): string[] {
  if (meanings?.code === undefined) return [];
  const codes = valuesAt(body, meanings.code).filter((code) => typeof code === "string" || typeof code === "number");
  const texts = [...new Set(codes.map(String))];
  const known = texts.filter((code) => knownMeaning(code, meanings) !== undefined);
  return [...known, ...texts.filter((code) => !known.includes(code))];
}

export const knownMeaning = (code: string, meanings: Meanings | undefined): number | undefined =>
  meanings && Object.hasOwn(meanings.means, code) ? meanings.means[code] : undefined;
