import { isObject, type Json, type JsonObject } from "../model/json.ts";

/**
 * What an example shows of a type, for answers that are described by nothing else. Every field is optional, null and an empty
 * list leave the type open, and the elements of a list are taken together. An overlay can say more.
 */
export function schemaOfExample(value: Json): JsonObject {
  if (isList(value)) return { type: "array", items: value.map(schemaOfExample).reduce(together, {}) };
  if (!isObject(value)) return scalar(value);
  const fields = Object.entries(value).map(([name, field]) => [name, schemaOfExample(field)] as const);
  return fields.length === 0
    ? { type: "object", additionalProperties: true }
    : { type: "object", properties: Object.fromEntries(fields) };
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function scalar(value: string | number | boolean | null): JsonObject {
  if (value === null) return {};
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return { type: typeof value };
}

/** One type for two elements of a list; where they disagree nothing is known. */
function together(a: JsonObject, b: JsonObject): JsonObject {
  if (a.type === undefined) return b;
  if (b.type === undefined) return a;
  if (isNumber(a) && isNumber(b)) return a.type === b.type ? a : { type: "number" };
  if (a.type !== b.type) return {};
  if (a.type === "array") return { type: "array", items: together(part(a, "items"), part(b, "items")) };
  if (a.type !== "object") return a;
  const [fields, more] = [part(a, "properties"), part(b, "properties")];
  const names = [...new Set([...Object.keys(fields), ...Object.keys(more)])];
  if (names.length === 0) return a;
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, together(part(fields, name), part(more, name))])),
  };
}

const isNumber = ({ type }: JsonObject) => type === "integer" || type === "number";

function part(of: JsonObject, name: string): JsonObject {
  const found = of[name];
  return isObject(found) ? found : {};
}

/** The example of a media type object, be it `example` or the first of `examples`. */
export function exampleIn(media: JsonObject): Json | undefined {
  if (media.example !== undefined) return media.example;
  const [first] = Object.values(isObject(media.examples) ? media.examples : {});
  return isObject(first) ? first.value : undefined;
}
