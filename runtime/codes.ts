/** What the vendor calls the thing that people know by this name; nothing for nothing. */
export function codeOf<const Codes extends Readonly<Record<string, string | number>>>(
  name: keyof Codes,
  codes: Codes,
): Codes[keyof Codes];
export function codeOf<const Codes extends Readonly<Record<string, string | number>>>(
  name: keyof Codes | undefined,
  codes: Codes,
): Codes[keyof Codes] | undefined;
export function codeOf<const Codes extends Readonly<Record<string, string | number>>>(
  name: keyof Codes | undefined,
  codes: Codes,
): Codes[keyof Codes] | undefined {
  return name === undefined ? undefined : codes[name];
}
