import { ToolError } from "../errors.ts";

export type Scalar = string | number | boolean;

/** What a vendor is asked for: fields as the vendor calls them, and what must be so. Undefined asks for nothing. */
export type Where = Readonly<Record<string, Scalar | Tests | undefined>>;

interface Tests {
  readonly is?: Scalar;
  readonly not?: Scalar;
  readonly contains?: string;
  readonly in?: readonly Scalar[];
  /** False asks for what has a value. */
  readonly missing?: boolean;
  /** A date, a moment, or ms since 1970. */
  readonly before?: string | number;
  readonly after?: string | number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** How a vendor calls each test; `present` is `missing: false`. */
export type Operators = Readonly<Partial<Record<keyof Tests | "present", string>>>;

/** One condition with its value as it may be written: moments are ISO 8601 in whole seconds, and every number is one. */
export type Condition =
  | { readonly field: string; readonly test: "contains"; readonly value: string }
  | { readonly field: string; readonly test: "in"; readonly value: readonly Scalar[] }
  | { readonly field: string; readonly test: "before" | "after"; readonly value: string }
  | { readonly field: string; readonly test: "missing" | "present" }
  | { readonly field: string; readonly test: "is" | "not" | "atLeast" | "atMost"; readonly value: Scalar };

/** @throws ToolError INVALID_INPUT for what no vendor could be asked: a list of nothing, a date that is none */
export function conditionsIn(where: Where): Condition[] {
  return Object.entries(where).flatMap(([field, wanted]) => {
    const tests: Tests = typeof wanted === "object" && wanted !== null ? wanted : { is: wanted };
    return Object.entries(tests).flatMap(([test, value]) =>
      value === undefined ? [] : [conditionOf(field, test as keyof Tests, value)],
    );
  });
}

function conditionOf(field: string, test: keyof Tests, value: unknown): Condition {
  switch (test) {
    case "missing":
      return { field, test: value === false ? "present" : "missing" };
    case "before":
    case "after":
      return { field, test, value: momentText(field, value) };
    case "in": {
      const values = Array.isArray(value) ? value.map((one) => scalar(field, one)) : [];
      if (values.length === 0) throw refused(field, "an empty list matches nothing");
      return { field, test, value: values };
    }
    case "contains":
      return { field, test, value: String(scalar(field, value)) };
    default:
      return { field, test, value: scalar(field, value) };
  }
}

function scalar(field: string, value: unknown): Scalar {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refused(field, "expected text, a number, or true or false");
}

function momentText(field: string, value: unknown): string {
  const moment = new Date(value as string | number); // anything else is no date either
  if (Number.isNaN(moment.getTime())) throw refused(field, "expected a date such as 2026-11-20");
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}

/** What cannot be asked of this vendor. The field is the vendor's name, from our YAML; the value is not repeated. */
export const refused = (field: string, why: string): ToolError =>
  new ToolError("INVALID_INPUT", `Cannot search by ${field}: ${why}.`, { fields: [{ field, message: why }] });

/** So many days before now. */
export const daysAgo = (days: number | undefined, now: number): number | undefined => hoursFrom(days, -24, now);

/** So many hours before now. */
export const hoursAgo = (hours: number | undefined, now: number): number | undefined => hoursFrom(hours, -1, now);

/** In so many hours. */
export const hoursAhead = (hours: number | undefined, now: number): number | undefined => hoursFrom(hours, 1, now);

const hoursFrom = (count: number | undefined, hours: number, now: number) =>
  count === undefined ? undefined : now + count * hours * 3_600_000;
