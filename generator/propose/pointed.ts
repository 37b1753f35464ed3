import { resolve, tokensOf } from "../intake/pointer.ts";
import { isObject, type Json } from "../model/json.ts";

/** What a reference inside the document leads to, or the value itself. */
export function resolvePointer(document: Json, value: Json): Json | undefined {
  let found: Json | undefined = value;
  for (let hops = 0; hops < 10 && isObject(found) && typeof found.$ref === "string"; hops++) {
    const tokens = tokensOf(found.$ref);
    found = tokens && resolve(document, tokens);
  }
  return found;
}
