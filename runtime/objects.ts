import { asText } from "./convert.ts";

/**
 * An object that is of use only whole: nothing when something it needs was not given.
 * `rest` is what it may have besides.
 */
export function whole<Needs extends object, Rest extends object = object>(
  needs: { [Key in keyof Needs]: Needs[Key] | null | undefined },
  rest?: Rest,
): (Needs & Rest) | undefined {
  const isWhole = Object.values(needs).every((value) => value !== undefined && value !== null);
  return isWhole ? ({ ...needs, ...rest } as Needs & Rest) : undefined; // just checked
}

/** An object in which something was given; nothing otherwise. */
export const filled = <Fields extends object>(fields: Fields): Fields | undefined =>
  Object.values(fields).some((value) => value !== undefined && value !== null) ? fields : undefined;

/** The fields of `before` with those of `changes` over them; undefined changes nothing, null is a value. */
export function merge<Before extends object, Changes extends object>(
  before: Before | null | undefined,
  changes: Changes | null | undefined,
): Before & Changes {
  const given = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) } as Before & Changes; // the spread's type, without the undefined ones
}

/** A list of one; of nothing there is none. */
export const listOf = <T>(value: T | null | undefined): T[] | undefined =>
  value === null || value === undefined ? undefined : [value];

/**
 * Links as they are written instead of as they are read: `{ tags: { values: [{ id: 7, … }] } }` becomes `{ tags: [7] }`.
 * Fields without such a list stay as they are.
 */
export function withIds<T extends object>(
  object: T | null | undefined,
  list: string,
): Record<string, unknown> | undefined {
  if (!object) return undefined;
  const entries = Object.entries(object).map(([key, value]) => [key, idsIn(value, list) ?? value] as const);
  return Object.fromEntries(entries);
}

function idsIn(value: unknown, list: string): unknown[] | undefined {
  const items: unknown = isObject(value) ? value[list] : undefined;
  const linked = Array.isArray(items) && items.every((item) => isObject(item) && "id" in item);
  return linked ? items.map(({ id }) => id) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Parts of names under which people and vendors keep what must not be shown. */
const SECRET_NAME =
  /pass(word|wd|phrase|code)|secret|(api|access|private|encryption|license)key|token|credential|otp|mfaseed|recoverycode|^(pwd|pin|key)$/;

/**
 * A copy of an open object without the keys that are named, at any depth, and without those that sound like secrets.
 * `otp_secret`, `otp-secret` and `otpSecret` are one key.
 */
export function withoutSecrets<T>(value: T, names: readonly string[] = []): T {
  // Names may come from the vendor too, and so be anything.
  const named = new Set(names.map((name) => bare(asText(name) ?? "")).filter((name) => name !== ""));
  const copy = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== "object" || part === null) return part;
    const entries = Object.entries(part).filter(([key]) => !named.has(bare(key)) && !SECRET_NAME.test(bare(key)));
    return Object.fromEntries(entries.map(([key, entry]) => [key, copy(entry)]));
  };
  return copy(value) as T; // the same shape with less in it
}

const bare = (key: string) => key.toLowerCase().replace(/[^a-z0-9]/g, "");
