/** The fields of `before` with those of `changes` over them; undefined changes nothing, null is a value. */
export function merge<Before extends object, Changes extends object>(
  before: Before | null | undefined,
  changes: Changes | null | undefined,
): Before & Changes {
  const given = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) } as Before & Changes; // the spread's type, without the undefined ones
}

/** A copy of an open object without these keys at any depth; `otp_secret`, `otp-secret` and `otpSecret` are one key. */
export function withoutKeys<T>(value: T, names: readonly string[]): T {
  const unwanted = new Set(names.map(bare));
  const copy = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(
      Object.entries(part)
        .filter(([key]) => !unwanted.has(bare(key)))
        .map(([key, entry]) => [key, copy(entry)]),
    );
  };
  return copy(value) as T; // the same shape with less in it
}

const bare = (key: string) => key.toLowerCase().replace(/[^a-z0-9]/g, "");
