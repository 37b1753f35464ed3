import { scrub } from "./scrub.ts";
import type { Secret } from "./secret.ts";
import { stripInvisible } from "./text.ts";

const MAX_DEPTH = 20;

/**
 * A copy that is safe to hand to a model: no nulls, no invisible characters in texts and names, none of the given secrets,
 * and no nesting without end. What an organisation or our detectors hide goes afterwards (redaction.ts).
 */
export function clean(value: unknown, secrets: readonly Secret[]): unknown {
  const text = (raw: string) => scrub(stripInvisible(raw), secrets);
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
