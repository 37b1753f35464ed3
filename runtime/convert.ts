import { decodeEntities, withoutTags } from "./html.ts";

const DAY_MS = 86_400_000;
const MAX_MS = 8.64e15;

/**
 * Seconds or milliseconds since 1970 → ISO 8601. Texts that are dates pass as they are, but for `utc`: those without an offset get
 * the Z that their vendor leaves out. Anything else is left out.
 */
export function isoTime(value: unknown, unit: "ms" | "s" | "utc"): string | undefined {
  if (typeof value === "string" && (unit === "utc" || !/^-?\d+(\.\d+)?$/.test(value))) {
    if (Number.isNaN(Date.parse(value))) return undefined;
    return unit === "utc" && /^[^T]+T[\d:.]+$/.test(value) ? `${value}Z` : value;
  }
  if ((typeof value !== "string" && typeof value !== "number") || value === "") return undefined;
  const ms = Number(value) * (unit === "s" ? 1000 : 1);
  return Math.abs(ms) <= MAX_MS ? new Date(ms).toISOString() : undefined;
}

/** The moment at which a day begins in UTC, for a vendor that wants moments where it means days. */
export function midnight(day: string): string;
export function midnight(day: string | undefined): string | undefined;
export function midnight(day: string | undefined): string | undefined {
  return day === undefined ? undefined : `${day}T00:00:00Z`;
}

/** A moment for a vendor that writes times in UTC without saying so: no fraction, no Z. */
export function utcTime(moment: string): string;
export function utcTime(moment: string | null | undefined): string | undefined;
export function utcTime(moment: string | null | undefined): string | undefined {
  const at = new Date(moment ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 19);
}

/** HTML as text: paragraphs and rows on lines, list items with a dash, entities decoded, scripts and styles gone. */
export const plainText = (html: unknown): string | undefined =>
  typeof html === "string"
    ? decodeEntities(withoutTags(html))
        .replace(/[^\S\n]+/g, " ")
        .replace(/ ?\n ?/g, "\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim()
    : asText(html);

/** Whole days since a moment, given as text or ms since 1970. */
export function ageDays(value: unknown, now: number): number | undefined {
  const moment = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.floor((now - moment) / DAY_MS);
}

/** An id that comes as a number here and as text there, as text; lists and objects are no text. */
export const asText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
