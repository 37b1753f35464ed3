/**
 * The conditions of own filters. Text compares without regard to case; a wanted value that is undefined means that the filter
 * is not set, and everything passes.
 */
export const is = (value: unknown, wanted: unknown): boolean => wanted === undefined || plain(value) === plain(wanted);

export const isNot = (value: unknown, unwanted: unknown): boolean =>
  unwanted === undefined || plain(value) !== plain(unwanted);

export const contains = (value: unknown, text: string | undefined): boolean =>
  text === undefined || (isPresent(value) && plain(value).includes(plain(text)));

export const isIn = (value: unknown, wanted: readonly unknown[] | undefined): boolean =>
  wanted === undefined || wanted.some((one) => plain(one) === plain(value));

/** Null, missing, an empty text or an empty list. `wanted: false` turns it round. */
export const isMissing = (value: unknown, wanted: boolean | undefined = true): boolean => wanted !== isPresent(value);

/** The moment is more than so many days ago. A value that is no moment is not older. */
export const olderThan = (value: unknown, days: number | undefined, now: number): boolean =>
  days === undefined || now - momentOf(value) > days * DAY_MS;

/** The moment lies within so many hours before or after now. */
export const within = (value: unknown, hours: number | undefined, now: number): boolean =>
  hours === undefined || Math.abs(now - momentOf(value)) <= hours * HOUR_MS;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const plain = (value: unknown) => String(value ?? "").toLowerCase();

const isPresent = (value: unknown) =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

const momentOf = (value: unknown) =>
  typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
