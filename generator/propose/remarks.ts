import { type JsonObject, objectOf } from "../model/json.ts";
import { safe } from "./address.ts";
import type { Proposed, Review } from "./draft.ts";

/** Everything that somebody should look at, with the key it stands above. */
export function reviewsFor(
  of: { readonly baseUrl: readonly string[]; readonly auth: readonly string[]; readonly verify: readonly string[] },
  made: readonly Proposed[],
  isPaged: boolean,
  constants: ReadonlyMap<string, string>,
): Review[] {
  const at = (path: readonly string[], texts: readonly string[]) => texts.map((text) => ({ path, text }));
  return [
    ...at(["prefix"], ["this begins the name of every tool, and cannot change later without breaking clients"]),
    ...at(["title"], ["the name that people know"]),
    ...at(["baseUrl"], of.baseUrl),
    ...at(["credentials", "help"], ["the vendor's page about its keys"]),
    ...at(["auth"], of.auth),
    ...at(["verify"], of.verify),
    ...at(["limits"], ["what the vendor allows"]),
    ...at(["customer"], ["people who are limited to some customers are refused until it says how these are named"]),
    ...(isPaged ? at(["pages"], ["guessed by the names of parameters and of what stands beside the items"]) : []),
    ...made.flatMap(({ operationName, operation }) => [
      ...(operation.pages && !isPaged ? at(["operations", operationName], ["how the list goes on is a guess"]) : []),
      ...(operation.always
        ? at(
            ["operations", operationName],
            [`${[...constants.keys()].map(safe).join(", ")}: the only value, or the version of the description`],
          )
        : []),
    ]),
    ...at(["tools"], ["names, words and the choice of fields; bounds of numbers are guesses"]),
    ...made.flatMap(({ key, reviews }) => at(["tools", key], reviews)),
  ];
}

export function titleFor(document: JsonObject, slug: string): string {
  const { title } = objectOf(document.info);
  const plain =
    typeof title === "string"
      ? safe(title)
          .replaceAll(/[<>{}`"\\]/g, "")
          .replace(/\s*\b(rest|public)?\s*api\b.*$/i, "")
      : "";
  return plain.slice(0, 40).trim() || slug;
}

export function helpOf(document: JsonObject): string {
  const info = objectOf(document.info);
  const given = [objectOf(document.externalDocs).url, objectOf(info.contact).url, info.termsOfService];
  const known = given.find((url) => typeof url === "string" && /^https:\/\/[\w.-]+(\/[\w./~%-]*)?$/.test(url));
  return typeof known === "string" ? known : "https://example.com/where-keys-are-made";
}
