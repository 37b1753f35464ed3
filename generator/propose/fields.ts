import { fieldNames, fieldOf, typeOf } from "../build/schemas.ts";
import { looksSecret } from "../build/secrets.ts";
import { words } from "../model/names.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import { scalarNames, scalarOf } from "./answers.ts";
import { capital, nameFor } from "./nouns.ts";

const WORTH: readonly (readonly [RegExp, number])[] = [
  [/^(id|uid|uuid|guid|key|number|code)$/i, 12],
  [/^(name|title|subject|label|display_?name|full_?name)$/i, 11],
  [/(name|title)$/i, 4],
  [/^(status|state)$/i, 9],
  [/(status|state|type|kind|category|priority|severity)$/i, 6],
  [/^(email|phone|city|country|currency)/i, 5],
  [/(created|updated|modified|date|time|_at|At)$/i, 5],
  [/(amount|total|price|balance|quantity|count)$/i, 5],
  [/^(description|summary|notes?|message|text)$/i, 4],
  [/id$/i, 3],
  [/(url|uri|link|href|html|image|icon|etag|self)$/i, -2],
];

export const worth = (name: string) => WORTH.find(([pattern]) => pattern.test(name))?.[1] ?? 1;

/** A name that an output can read by a path. */
const isReadable = (name: string) => /^[A-Za-z_@][\w-]*$/.test(name);

/**
 * The fields that people ask for first, as the output of a tool: plain values, the names of things beside it, and no secret.
 * Fields of one name in ours keep the better one.
 */
export function fieldsOf(shapes: readonly Schema[], document: OpenApi, most: number): Record<string, string> {
  const plain = scalarNames(shapes, document)
    .filter((name) => isReadable(name) && !looksSecret(name, []) && !isHidden(name, shapes, document))
    .map((name) => ({ path: name, name: nameFor(name), worth: worth(name) }));
  const found = [...plain, ...namesBeside(shapes, document)].sort(
    (a, b) => b.worth - a.worth || (a.path < b.path ? -1 : 1),
  );
  const fields: Record<string, string> = {};
  for (const { path, name } of found)
    if (name !== undefined && !(name in fields) && Object.keys(fields).length < most) fields[name] = path;
  return fields;
}

const HIDDEN_FORMATS = new Set<unknown>(["password", "binary", "byte"]);

/** Not for readers; and what tells types apart is not always kept in the types made of it. */
function isHidden(name: string, shapes: readonly Schema[], document: OpenApi): boolean {
  if (shapes.some(({ discriminator }) => discriminator?.propertyName === name)) return true;
  const fields = fieldOf(shapes, name, document)?.shapes ?? [];
  return fields.some(
    ({ writeOnly, deprecated, format }) => writeOnly === true || deprecated === true || HIDDEN_FORMATS.has(format),
  );
}

/** `customer.name` as customerName, of things that stand inside. */
function namesBeside(shapes: readonly Schema[], document: OpenApi) {
  return fieldNames(shapes).flatMap((name) => {
    const inner = isReadable(name) ? (fieldOf(shapes, name, document)?.shapes ?? []) : [];
    if (inner.length === 0 || !inner.every((shape) => typeOf(shape) === "object")) return [];
    const names = fieldNames(inner);
    const best = ["name", "title", "displayName", "display_name", "fullName"].find(
      (each) => names.includes(each) && scalarOf(fieldOf(inner, each, document)?.shapes ?? []) === "string",
    );
    const prefix = nameFor(name);
    return best && prefix ? [{ path: `${name}.${best}`, name: `${prefix}${capital(nameFor(best)!)}`, worth: 7 }] : [];
  });
}

/** `Customer email.` of customer_email. */
export const aboutOf = (name: string) => `${capital(words(name).join(" "))}.`;
