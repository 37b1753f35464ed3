import { reveal, Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";

/** Header values by name; what was left empty is not sent. */
export type HeaderFields = Readonly<Record<string, string | Secret | undefined>>;

/** Keys in headers: `headerAuth({ "x-api-key": apiKey })`. */
export function headerAuth(fields: HeaderFields): Auth {
  return { secrets: secretsOf(fields), authorize: async () => ({ headers: revealHeaders(fields) }) };
}

export const secretsOf = (fields: HeaderFields): Secret[] =>
  Object.values(fields).filter((value) => value instanceof Secret);

export const revealHeaders = (fields: HeaderFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, reveal(value)]])),
  );
