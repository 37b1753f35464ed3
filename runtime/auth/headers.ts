import { reveal, Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";

/** Keys in headers: `headerAuth({ "x-api-key": apiKey })`. Fields left empty send no header. */
export function headerAuth(fields: Readonly<Record<string, string | Secret | undefined>>): Auth {
  const given = Object.entries(fields).filter((entry): entry is [string, string | Secret] => entry[1] !== undefined);
  return {
    secrets: given.map(([, value]) => value).filter((value) => value instanceof Secret),
    authorize: async () => ({ headers: Object.fromEntries(given.map(([name, value]) => [name, reveal(value)])) }),
  };
}
