import { HIDDEN } from "../model/hidden.ts";

/**
 * The only door through which foreign text enters TypeScript. Whatever goes in, one literal comes out:
 * nothing ends a string or a comment early, nothing hidden stays hidden, and no key sets a prototype.
 */

const hidden = new RegExp(HIDDEN, "gu");

const escaped = (text: string) =>
  text.replaceAll(hidden, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );

/** Text, numbers, booleans, lists and plain objects as TypeScript. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return `{ ${entries.map(([key, entry]) => `${propertyKey(key)}: ${literal(entry)}`).join(", ")} }`;
  }
  if (typeof value === "number") return numberLiteral(value);
  return escaped(JSON.stringify(value ?? null));
}

/** `60_000`, so that long numbers can be read. */
function numberLiteral(value: number): string {
  if (value === Number.MAX_SAFE_INTEGER) return "Number.MAX_SAFE_INTEGER";
  if (value === Number.MIN_SAFE_INTEGER) return "Number.MIN_SAFE_INTEGER";
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no literal`);
  return Number.isInteger(value) && Math.abs(value) >= 10_000
    ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, "_")
    : String(value);
}

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A key of an object literal. */
export function propertyKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return IDENTIFIER.test(name) ? name : literal(name);
}

/** `.name` or `["odd name"]`, with `?.` where what stands before may be missing. */
export function access(name: string, optional: boolean): string {
  if (IDENTIFIER.test(name)) return `${optional ? "?" : ""}.${name}`;
  return `${optional ? "?." : ""}[${literal(name)}]`;
}

/** Text for the inside of a template literal. */
export const templateText = (text: string) =>
  literal(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll(/`|\$\{/g, "\\$&");

/** One line of text for the inside of a comment. */
export function commentText(text: string): string {
  return escaped(
    text
      .replaceAll(/\s+/g, " ")
      .replaceAll(/[\u0000-\u001F]/g, "")
      .trim(),
  ).replaceAll("*/", "*\\/");
}
