import { words } from "../model/names.ts";

const secretWords = [
  ["password"],
  ["passwd"],
  ["passphrase"],
  ["secret"],
  ["token"],
  ["otp"],
  ["totp"],
  ["pin"],
  ["credential"],
  ["credentials"],
  ["api", "key"],
  ["access", "key"],
  ["private", "key"],
  ["secret", "key"],
  ["encryption", "key"],
  ["license", "key"],
  ["recovery", "key"],
];

/** A field that is a secret by its name: `apiKey`, `proxy-password`; not `password-updated-at`, which only speaks of one. */
export function looksSecret(name: string, declared: readonly string[]): boolean {
  const own = words(name);
  const ends = (suffix: readonly string[]) => suffix.every((word, index) => own.at(index - suffix.length) === word);
  return secretWords.some(ends) || declared.some((each) => words(each).join() === own.join());
}
