import { z } from "zod";

/** What a value that does not fit becomes: nothing. */
const NOTHING = Symbol("nothing");

/**
 * The part of a value that its schema names. What the schema does not name is left out; so is what has another type, because
 * specs lie and one odd field must not cost the whole answer. Null counts as missing. Numbers and texts of numbers turn into each other.
 * @returns undefined when something required is missing at the root
 */
export function project(schema: z.ZodType, value: unknown): unknown {
  const fitting = fitValue(schema, value);
  return fitting === NOTHING ? undefined : fitting;
}

function fitValue(schema: z.ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly)
    return fitValue(schema.unwrap() as z.ZodType, value); // zod types inner schemas as its core interface
  if (schema instanceof z.ZodDefault)
    return value === null || value === undefined
      ? schema.parse(undefined)
      : fitValue(schema.unwrap() as z.ZodType, value);
  if (value === null || value === undefined) return NOTHING;
  if (schema instanceof z.ZodObject) return fitObject(schema, value);
  if (schema instanceof z.ZodArray)
    return Array.isArray(value)
      ? value.map((item) => fitValue(schema.element as z.ZodType, item)).filter((item) => item !== NOTHING)
      : NOTHING;
  if (schema instanceof z.ZodRecord) return fitRecord(schema.valueType as z.ZodType, value);
  return fitLeaf(schema, value);
}

function fitObject(schema: z.ZodObject, value: unknown): unknown {
  if (!isObject(value)) return NOTHING;
  const fitting: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const part = fitValue(field, Object.hasOwn(value, key) ? value[key] : undefined);
    if (part !== NOTHING) fitting[key] = part;
    else if (!(field instanceof z.ZodOptional || field instanceof z.ZodDefault)) return NOTHING;
  }
  return fitting;
}

function fitRecord(schema: z.ZodType, value: unknown): unknown {
  if (!isObject(value)) return NOTHING;
  const entries = Object.entries(value).map(([key, part]) => [key, fitValue(schema, part)] as const);
  return Object.fromEntries(entries.filter(([, part]) => part !== NOTHING));
}

function fitLeaf(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const turned = turn(value);
  const again = turned === undefined ? parsed : schema.safeParse(turned);
  return again.success ? again.data : NOTHING;
}

/** A number as text, or a text as the number it is, unless digits would be lost. */
function turn(value: unknown): string | number | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
