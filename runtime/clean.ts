import { scrub } from "./scrub.ts";
import type { Secret } from "./secret.ts";
import { stripInvisible } from "./text.ts";

const MAX_DEPTH = 20;

/**
 * A copy that is safe to hand to a model: no nulls, no invisible characters in texts and names, nothing that looks like a key or
 * token, none of the given secrets, and no nesting without end.
 */
export function clean(
  value: unknown,
  secrets: readonly Secret[],
  { shapes = true }: { shapes?: boolean } = {},
): unknown {
  const text = (raw: string) => {
    const visible = scrub(stripInvisible(raw), secrets);
    return shapes ? hideSecretShapes(visible) : visible;
  };
  const copyList = (list: readonly unknown[], depth: number) =>
    list.map((item) => copy(item, depth)).filter((item) => item !== undefined);

  const copyFields = (fields: object, depth: number) => {
    const copied: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(fields)) {
      const name = text(key);
      const part = name === "__proto__" ? undefined : copy(field, depth);
      if (part !== undefined) copied[name] = part;
    }
    return copied;
  };

  const copy = (part: unknown, depth: number): unknown => {
    if (typeof part === "string") return text(part);
    if (typeof part === "number") return Number.isFinite(part) ? part : undefined;
    if (typeof part === "boolean") return part;
    if (typeof part !== "object" || part === null || depth === MAX_DEPTH) return undefined;
    return Array.isArray(part) ? copyList(part, depth + 1) : copyFields(part, depth + 1);
  };
  return copy(value, 0);
}

/**
 * Keys and tokens that people paste where they do not belong: notes, script output, descriptions.
 * Each reads a text in one pass, whatever the text: no match can begin inside another's run.
 */
const SECRET_SHAPES = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b[rs]k_live_[A-Za-z0-9]{16,}\b/g,
  /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/g,
  /\bAIza[A-Za-z0-9_-]{35}\b/g,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /(?<=\b(?:[Bb]earer|[Bb]asic) )[A-Za-z0-9._~+/-]{20,}=*/g,
];
const MAYBE_SECRET = /-----BEGIN|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|k_live_|sk-|AIza|eyJ|earer |asic /;

export const hideSecretShapes = (text: string): string =>
  MAYBE_SECRET.test(text) ? SECRET_SHAPES.reduce((hidden, shape) => hidden.replace(shape, "[secret]"), text) : text;

/** Hides the values at dotted paths; lists on the way are stepped through. */
export function redact(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce((part, path) => hide(part, path.split(".")), value);
}

function hide(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return "[redacted]";
  if (Array.isArray(value)) return value.map((item) => hide(item, [key, ...rest]));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return value;
  const inner = (value as Record<string, unknown>)[key];
  // Only a text can say that it is hidden; anything else goes, so that the answer keeps its schema.
  if (rest.length === 0 && typeof inner !== "string")
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  return { ...value, [key]: hide(inner, rest) };
}
