import { Secret, secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { type HeaderFields, headerAuth } from "./headers.ts";

/** A key sent as a bearer token. */
export function bearerAuth({ token, headers }: { token: string | Secret; headers?: HeaderFields }): Auth {
  const auth = headerAuth({ ...headers, authorization: secret`Bearer ${token}` });
  return { ...auth, secrets: [...auth.secrets, ...(token instanceof Secret ? [token] : [])] };
}
