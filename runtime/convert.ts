import { decodeEntities, withoutTags } from "./html.ts";

const DAY_MS = 86_400_000;
const MAX_MS = 8.64e15;

/** Seconds or milliseconds since 1970 → ISO 8601. Texts that are dates pass as they are; anything else is left out. */
export function isoTime(value: unknown, unit: "ms" | "s"): string | undefined {
  if (typeof value === "string" && !/^-?\d+(\.\d+)?$/.test(value))
    return Number.isNaN(Date.parse(value)) ? undefined : value;
  const ms = Number(value) * (unit === "s" ? 1000 : 1);
  if (value === null || value === undefined || value === "" || typeof value === "boolean" || !(Math.abs(ms) <= MAX_MS))
    return undefined;
  return new Date(ms).toISOString();
}

/** HTML as text: paragraphs and rows on lines, list items with a dash, entities decoded, scripts and styles gone. */
export const plainText = (html: string | null | undefined): string | undefined =>
  html === null || html === undefined
    ? undefined
    : decodeEntities(withoutTags(html))
        .replace(/[^\S\n]+/g, " ")
        .replace(/ ?\n ?/g, "\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim();

/** Whole days since a moment, given as text or ms since 1970. */
export function ageDays(value: unknown, now: number): number | undefined {
  const moment = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.floor((now - moment) / DAY_MS);
}

/** An id that comes as a number here and as text there, as text. */
export const asText = (value: string | number | null | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
