import { z } from "zod";

/** What a value that does not fit becomes: nothing. */
const NOTHING = Symbol("nothing");

/** Takes the fitting part of a value. */
type Picking = (value: unknown) => unknown;

/**
 * The part of a value that its schema names. What the schema does not name is left out; so is what has another type, because
 * specs lie and one odd field must not cost the whole answer. Null counts as missing. Numbers and texts of numbers turn into each other.
 * @returns undefined when something required is missing at the root
 */
export function project(schema: z.ZodType, value: unknown): unknown {
  const fitting = pickFor(schema)(value);
  return fitting === NOTHING ? undefined : fitting;
}

const known = new WeakMap<z.ZodType, Picking>();

/** Made once per schema: asking zod what a schema is costs more than using the answer. */
function pickFor(schema: z.ZodType): Picking {
  const pick = known.get(schema) ?? makePick(schema);
  known.set(schema, pick);
  return pick;
}

function makePick(schema: z.ZodType): Picking {
  if (schema instanceof z.ZodDefault) {
    const inner = pickFor(schema.unwrap() as z.ZodType); // zod types inner schemas as its core interface
    return (value) => (isMissing(value) ? schema.parse(undefined) : inner(value));
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly)
    return pickFor(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject) return pickObject(schema);
  if (schema instanceof z.ZodArray) return pickArray(schema);
  if (schema instanceof z.ZodRecord) return pickRecord(schema);
  return pickLeaf(schema);
}

function pickObject({ shape }: z.ZodObject): Picking {
  const fields = Object.entries(shape as Record<string, z.ZodType>).map(([key, field]) => ({
    key,
    pick: pickFor(field),
    required: !(field instanceof z.ZodOptional),
  }));
  return (value) => {
    if (!isObject(value)) return NOTHING;
    const fitting: Record<string, unknown> = {};
    for (const { key, pick, required } of fields) {
      const part = pick(Object.hasOwn(value, key) ? value[key] : undefined);
      if (part !== NOTHING) fitting[key] = part;
      else if (required) return NOTHING;
    }
    return fitting;
  };
}

function pickArray({ element }: z.ZodArray): Picking {
  const pick = pickFor(element as z.ZodType);
  return (value) => (Array.isArray(value) ? value.map(pick).filter((item) => item !== NOTHING) : NOTHING);
}

function pickRecord({ valueType }: z.ZodRecord): Picking {
  const pick = pickFor(valueType as z.ZodType);
  return (value) => {
    if (!isObject(value)) return NOTHING;
    const entries = Object.entries(value).map(([key, part]) => [key, pick(part)] as const);
    return Object.fromEntries(entries.filter(([, part]) => part !== NOTHING));
  };
}

function pickLeaf(schema: z.ZodType): Picking {
  return (value) => {
    if (isMissing(value)) return NOTHING;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const turned = turn(value);
    const again = turned === undefined ? parsed : schema.safeParse(turned);
    return again.success ? again.data : NOTHING;
  };
}

/** A number as text, or a text as the number it is, unless digits would be lost. */
function turn(value: unknown): string | number | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
}

const isMissing = (value: unknown) => value === null || value === undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
