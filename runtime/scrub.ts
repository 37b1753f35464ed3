import type { Secret } from "./secret.ts";

/** Shorter ones would blot out ordinary words. */
const SHORTEST = 8;

/** Text in which none of these secrets appears, neither plain nor as JSON, a URL or base64 would write it. */
export function scrub(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const value of secrets) {
    if (value.reveal().length < SHORTEST) continue;
    for (const spelling of spellings(value.reveal()))
      if (clean.includes(spelling)) clean = clean.replaceAll(spelling, "[secret]");
  }
  return clean;
}

const spellings = (value: string) =>
  new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    Buffer.from(value).toString("base64"),
  ]);
