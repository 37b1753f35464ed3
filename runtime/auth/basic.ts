import { reveal, Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { type HeaderFields, headerAuth } from "./headers.ts";

interface Basic {
  readonly username: string | Secret;
  readonly password: string | Secret;
  readonly headers?: HeaderFields;
}

/** User name and password with each request, as RFC 7617 has it, in UTF-8. */
export function basicAuth({ username, password, headers }: Basic): Auth {
  const pair = Buffer.from(`${reveal(username)}:${reveal(password)}`).toString("base64");
  const auth = headerAuth({ ...headers, authorization: new Secret(`Basic ${pair}`) });
  const plain = [username, password].filter((value) => value instanceof Secret);
  return { ...auth, secrets: [...auth.secrets, ...plain, new Secret(pair)] };
}
