import { z } from "zod";

/*
 * Checked without what zod prints for it: a length costs six tokens in every list of tools, a pattern of a date 150.
 */

/** An argument that is text of a usual length. Whoever needs longer text says so in the schema, where a model sees it. */
export const text = (max = 200) =>
  z.string().refine((value) => value.length <= max, `expected at most ${max} characters`);

/** An argument that is a vendor's number for something. */
export const idNumber = z
  .preprocess(fromDigits, z.number())
  .refine((value) => Number.isSafeInteger(value) && value >= 0, "expected a whole number, such as an id in an answer")
  .meta({ type: "integer" });

/** An argument that says how many. */
export const upTo = (most: number) =>
  z
    .number()
    .refine((value) => Number.isInteger(value) && value >= 1 && value <= most, `expected a number from 1 to ${most}`)
    .meta({ type: "integer" });

const isDay = (text: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;

const isMoment = (text: string) =>
  text.length <= 40 &&
  isDay(text.slice(0, 10)) &&
  /^.{10}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
  !Number.isNaN(Date.parse(text));

/** An argument that is a day: 2026-11-20. */
export const date = z.string().refine(isDay, "expected a date such as 2026-11-20").meta({ format: "date" });

/** An argument that is a moment, whatever its zone: 2026-11-20T08:30:00Z. Some vendors refuse fractions, some other zones. */
export const dateTime = z
  .string()
  .refine(isMoment, "expected a date and time such as 2026-11-20T08:30:00Z")
  .overwrite((text) => (isMoment(text) ? wholeSeconds(text) : text))
  .meta({ format: "date-time" });

const wholeSeconds = (text: string) => `${new Date(text).toISOString().slice(0, 19)}Z`;

/** A union read as one shape: every field of any member, at any depth, all optional. */
export type AnyOf<T> = Merged<NonNullable<T>>;

type Merged<T> = [T] extends [readonly (infer Item)[]]
  ? AnyOf<Item>[]
  : [T] extends [object]
    ? { [Key in KeyOf<T>]?: AnyOf<FieldOf<T, Key>> | Extract<FieldOf<T, Key>, null> }
    : T;
type KeyOf<T> = T extends unknown ? keyof T : never;
type FieldOf<T, Key extends PropertyKey> = T extends unknown ? (Key extends keyof T ? T[Key] : never) : never;

/** Assistants hand ids on as they read them, and some vendors give numbers as text. */
function fromDigits(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
}
