import { isObject, type Json, member } from "../model/json.ts";

/** The tokens of a local reference such as `#/paths/~1v2~1site/get`; undefined when it leaves the document. */
export function tokensOf(reference: string): readonly string[] | undefined {
  if (reference === "#") return [];
  if (!reference.startsWith("#/")) return undefined;
  return reference.slice(2).split("/").map(decode);
}

/** Some writers percent-encode, some do not, and a stray `%` is just that. */
function decode(token: string) {
  const plain = token.includes("%") ? token.replace(/(%[0-9a-f]{2})+/gi, unescapePercent) : token;
  return plain.replaceAll("~1", "/").replaceAll("~0", "~");
}

function unescapePercent(text: string) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a reference points at, going through other references on the way; undefined when there is nothing. */
export function resolve(document: Json, tokens: readonly string[], hops = 0): Json | undefined {
  let node: Json | undefined = document;
  for (const token of tokens) {
    let next: Json | undefined = member(node, token);
    if (next === undefined && isObject(node) && typeof node.$ref === "string" && hops < 20) {
      next = member(resolve(document, tokensOf(node.$ref) ?? [""], hops + 1), token);
    }
    if (next === undefined) return undefined;
    node = next;
  }
  return node;
}
