import { asText } from "./convert.ts";

/*
 * The conditions of own filters. Text compares without regard to case. A wanted value that is undefined means that the filter is
 * not set: everything passes. A value that is missing passes only what asks for it.
 */

export const is = (value: unknown, wanted: unknown): boolean => wanted === undefined || plain(value) === plain(wanted);

export const isNot = (value: unknown, unwanted: unknown): boolean =>
  unwanted === undefined || plain(value) !== plain(unwanted);

/** Has the text in it; of a list, has it among its items. */
export const contains = (value: unknown, text: string | undefined): boolean =>
  text === undefined ||
  (Array.isArray(value) ? isIn(text, value) : isPresent(value) && plain(value).includes(plain(text)));

export const isIn = (value: unknown, wanted: readonly unknown[] | undefined): boolean =>
  wanted === undefined || wanted.some((one) => plain(one) === plain(value));

/** Null, not there, an empty text or an empty list; `wanted` false turns it round. */
export const missing = (value: unknown, wanted: boolean | undefined): boolean =>
  wanted === undefined || wanted !== isPresent(value);

/** The moment is more than so many days ago. */
export const olderThanDays = (value: unknown, days: number | undefined, now: number): boolean =>
  days === undefined || now - momentOf(value) > days * DAY_MS;

/** The moment lies at most so many hours before or after now. */
export const withinHours = (value: unknown, hours: number | undefined, now: number): boolean =>
  hours === undefined || Math.abs(now - momentOf(value)) <= hours * HOUR_MS;

/** The moment is past, or comes within so many hours. */
export const dueInHours = (value: unknown, hours: number | undefined, now: number): boolean =>
  hours === undefined || momentOf(value) - now <= hours * HOUR_MS;

export const before = (value: unknown, moment: string | number | undefined): boolean =>
  moment === undefined || momentOf(value) < momentOf(moment);

export const after = (value: unknown, moment: string | number | undefined): boolean =>
  moment === undefined || momentOf(value) > momentOf(moment);

export const atLeast = (value: unknown, least: number | undefined): boolean =>
  least === undefined || numberOf(value) >= least;

export const atMost = (value: unknown, most: number | undefined): boolean =>
  most === undefined || numberOf(value) <= most;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const plain = (value: unknown) => (asText(value) ?? "").toLowerCase();

const isPresent = (value: unknown) =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

/** NaN for what is no number, as for what is missing. */
const numberOf = (value: unknown) => (isPresent(value) ? Number(asText(value)) : Number.NaN);

/** NaN compares false with everything, so what is no moment is neither old nor new. */
const momentOf = (value: unknown) =>
  typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
