import { z } from "zod";
import { classOfName, type DataClass } from "./data-class.ts";
import type { Tool } from "./tool.ts";

export type ClassedTool = Pick<Tool, "name" | "access" | "output" | "redact" | "classes" | "dataClass">;

/** Says whether the property at a path is hidden, and by what: a class, `field`, `redact`. */
export interface Hiding {
  by(path: string, name: string, isOpen: boolean): string | undefined;
  /** Where a reveal tool shows what it is for; no other tool has such a place. */
  readonly isRevealed: ((path: string) => boolean) | undefined;
  /** Nothing can be hidden by it. */
  readonly isIdle: boolean;
}

/** Parts of an answer that are ours: they say how whole it is and hold nothing of anybody. */
const OURS = new Set(["truncated", "coverage", "done", "partial", "notConnected", "status"]);

export function hidingFor(
  { classes, fields }: { readonly classes: readonly DataClass[]; readonly fields: readonly string[] },
  tool: ClassedTool,
): Hiding {
  const paths = new Map<string, string>();
  const names = new Set<string>();
  for (const path of tool.redact ?? []) paths.set(path, "redact");
  for (const entry of fields) entry.includes(".") ? paths.set(entry, "field") : names.add(entry.toLowerCase());
  for (const dataClass of classes) for (const path of tool.classes?.[dataClass] ?? []) paths.set(path, dataClass);
  const revealed = new Set(tool.access === "reveal" ? tool.classes?.secret : []);
  const whole = tool.dataClass !== undefined && classes.includes(tool.dataClass) ? tool.dataClass : undefined;
  return {
    isRevealed: revealed.size > 0 ? (path) => revealed.has(path) : undefined,
    isIdle: paths.size === 0 && names.size === 0 && whole === undefined && classes.every((each) => each === "secret"),
    by(path, name, isOpen) {
      if (revealed.has(path)) return undefined;
      const said = paths.get(path) ?? (names.has(name.toLowerCase()) ? "field" : undefined);
      if (said !== undefined) return said;
      if (whole !== undefined && !(OURS.has(name) && path === name)) return whole;
      // Names in open objects are the vendor's or people's own: nobody could mark them when the tool was made.
      const own = isOpen && classes.length > 0 ? classOfName(name, path.split(".").at(-2)) : undefined;
      return own !== undefined && classes.includes(own) ? own : undefined;
    },
  };
}

const labelFor = (by: string): string =>
  by === "redact" ? "[redacted]" : `[hidden: ${by === "field" ? "by rule" : `${by} data`}]`;

/** What cannot stay in any form. */
const GONE = Symbol("gone");

/** Called for each hidden value, with what it was. */
type Note = (by: string, value: unknown) => void;

/**
 * A copy without the hidden properties that is valid against the schema still: a text says that it is hidden, anything else
 * goes when it may be missing. What may not: a list or map is empty, an object hides its own parts, and with a number or
 * boolean goes the object that it is in.
 * @returns undefined when that object is the whole answer
 */
export function hideFields(schema: z.ZodObject, value: object, hiding: Hiding, note: Note): object | undefined {
  const hide = (part: unknown, type: z.ZodType | undefined, path: string): unknown => {
    if (Array.isArray(part)) {
      const element = type instanceof z.ZodArray ? typeOf(type.element as z.ZodType) : undefined;
      return part.map((item) => hide(item, element, path)).filter((item) => item !== GONE);
    }
    if (typeof part !== "object" || part === null) return part;
    const kept: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(part)) {
      const here = path === "" ? name : `${path}.${name}`;
      const { field, isOpen } = fieldOf(type, name);
      const by = hiding.by(here, name, isOpen && !isObject(inner));
      const isRequired = field !== undefined && !isOpen && !(field instanceof z.ZodOptional);
      const left =
        by === undefined ? hide(inner, typeOf(field), here) : hideWhole(inner, { type: typeOf(field), isRequired, by });
      if (left !== GONE) kept[name] = left;
      else if (isRequired) return GONE;
    }
    return kept;
  };

  const hideWhole = (
    part: unknown,
    { type, isRequired, by }: { type: z.ZodType | undefined; isRequired: boolean; by: string },
  ): unknown => {
    if (part === "" || (typeof part === "string" && /^\[(?:hidden(?:: [^\]]*)?|redacted)\]$/.test(part))) return part;
    const isText = typeof part === "string" && (type === undefined || type instanceof z.ZodString || isAny(type));
    if (isText || !isRequired) {
      note(by, part);
      return isText ? labelFor(by) : GONE;
    }
    if (type instanceof z.ZodArray || type instanceof z.ZodRecord) {
      if (Object.keys(part as object).length > 0) note(by, part);
      return type instanceof z.ZodArray ? [] : {};
    }
    if (!(type instanceof z.ZodObject)) {
      note(by, part);
      return GONE;
    }
    const all: Hiding = { by: () => by, isRevealed: undefined, isIdle: false };
    return hideFields(type, part as object, all, note) ?? GONE;
  };

  const left = hiding.isIdle ? value : hide(value, schema, "");
  return left === GONE ? undefined : (left as object); // an object stays an object
}

/** A copy with every text rewritten, given its path and name, and with the names that are not ours. */
export function mapTexts(
  schema: z.ZodObject,
  value: object,
  rewrite: (text: string, name: string) => string,
  isRevealed: Hiding["isRevealed"],
): object {
  const map = (part: unknown, type: z.ZodType | undefined, path: string, name: string): unknown => {
    if (typeof part === "string") return isRevealed?.(path) ? part : rewrite(part, name);
    if (typeof part === "number" && (type === undefined || isAny(type))) {
      const text = rewrite(String(part), name);
      return text === String(part) ? part : text;
    }
    if (Array.isArray(part)) {
      const element = type instanceof z.ZodArray ? typeOf(type.element as z.ZodType) : undefined;
      return part.map((item) => map(item, element, path, name));
    }
    if (typeof part !== "object" || part === null) return part;
    const mapped: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(part)) {
      const here = isRevealed ? (path === "" ? key : `${path}.${key}`) : "";
      const { field, isOpen } = fieldOf(type, key);
      mapped[isOpen ? free(rewrite(key, ""), mapped) : key] = map(inner, typeOf(field), here, key);
    }
    return mapped;
  };
  return map(value, schema, "", "") as object; // an object stays an object
}

/** A name that is not taken: two people whose names are hidden are two still. */
function free(name: string, taken: object): string {
  let free = name;
  for (let number = 2; Object.hasOwn(taken, free); number++) free = `${name} (${number})`;
  return free;
}

/** The schema of a property, and whether its name is one that no schema of ours knows. */
function fieldOf(type: z.ZodType | undefined, name: string): { field: z.ZodType | undefined; isOpen: boolean } {
  if (type instanceof z.ZodObject && Object.hasOwn(type.shape, name))
    return { field: type.shape[name] as z.ZodType, isOpen: false };
  return { field: type instanceof z.ZodRecord ? (type.valueType as z.ZodType) : undefined, isOpen: true };
}

/** Zod types inner schemas as its core interface. */
function typeOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly;
  return wraps ? typeOf(schema.unwrap() as z.ZodType) : schema;
}

/** An object, or a list of such: its own parts have names. */
const isObject = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(isObject) : typeof value === "object" && value !== null;

const isAny = (type: z.ZodType) => type instanceof z.ZodUnknown || type instanceof z.ZodAny;
