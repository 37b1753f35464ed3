import { cards } from "./cards.ts";
import type { Detector, Finding } from "./detector.ts";
import { email } from "./email.ts";
import { health } from "./health.ts";
import { iban } from "./iban.ts";
import { keys } from "./keys.ts";
import { nationalIds } from "./national-ids.ts";
import { passwords } from "./passwords.ts";
import { phone } from "./phone.ts";

/** All detectors, by the name that an organisation switches them with. */
export const DETECTORS = { keys, passwords, cards, iban, nationalIds, email, phone, health } as const satisfies Record<
  string,
  Detector
>;
export type DetectorName = keyof typeof DETECTORS;

export const DETECTOR_NAMES = Object.keys(DETECTORS) as readonly DetectorName[]; // its keys are just these

/** Of findings that overlap, the one that begins first counts, and of those the longest; in the order of the text. */
export function apart<Found extends Finding>(findings: readonly Found[]): Found[] {
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Found[] = [];
  for (const finding of sorted) if (finding.start >= (kept.at(-1)?.end ?? 0)) kept.push(finding);
  return kept;
}

export function replaced(text: string, findings: readonly Finding[]): string {
  let at = 0;
  let out = "";
  for (const { start, end, mark } of findings) {
    out += text.slice(at, start) + mark;
    at = end;
  }
  return out + text.slice(at);
}
