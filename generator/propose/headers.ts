import { OF_HTTP } from "../build/headers.ts";
import { arrayOf, type JsonObject, objectOf } from "../model/json.ts";
import type { CredentialYaml, SchemeYaml } from "../read/schema.ts";
import { titleOf } from "./address.ts";
import { nameFor } from "./nouns.ts";
import { resolvePointer } from "./pointed.ts";
import type { Route } from "./routes.ts";
import type { SignIn } from "./sign-in.ts";

const OWN = new Set([...OF_HTTP, "authorization", "accept", "content-type"]);

/** Headers that operations demand become part of signing in: an operation of ours has no headers of its own. */
export function headersOf(routes: readonly Route[], document: JsonObject, { auth, credentials }: SignIn) {
  const headers: Record<string, string> = { ...("headers" in auth ? auth.headers : {}) };
  const added: Record<string, CredentialYaml> = {};
  const reviews: string[] = [];
  const have = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const { value, item } of routes) {
    for (const each of [...arrayOf(item.parameters), ...arrayOf(value.parameters)]) {
      const { name, in: place, required } = objectOf(resolvePointer(document, each));
      if (place !== "header" || required !== true || typeof name !== "string" || !/^[\w-]+$/.test(name)) continue;
      if (OWN.has(name.toLowerCase()) || have.has(name.toLowerCase())) continue;
      have.add(name.toLowerCase());
      const field = nameFor(name);
      if (field === undefined || field in credentials || field in added) continue;
      headers[name] = `{${field}}`;
      added[field] = { title: titleOf(name), secret: /key|token|secret|auth|password/i.test(name) };
      reviews.push(`operations demand the header ${name}; is it the same for a whole account?`);
    }
  }
  const isAny = Object.keys(headers).length > 0 && auth.scheme !== "passwordGrant";
  return { auth: (isAny ? { ...auth, headers } : auth) as SchemeYaml, credentials: added, reviews };
}
