import { fieldNames, fieldOf, shapesOf, typeOf } from "../build/schemas.ts";
import { looksSecret } from "../build/secrets.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { InputYaml } from "../read/schema.ts";
import { aboutOf, worth } from "./fields.ts";
import { typeFor } from "./inputs.ts";
import { nameFor } from "./nouns.ts";

/** How a list is asked for: of numbers, or of objects with the fields that each must have and a few others. */
export function listFor(items: readonly Schema[], document: OpenApi): InputYaml | undefined {
  const types = new Set(items.map(typeOf));
  const [type] = types;
  if (types.size !== 1 || items.some((item) => item.enum && type !== "string")) return undefined;
  if (type === "string") return {};
  if (type === "integer" || type === "number") return { type: `${type}[]` };
  if (type !== "object") return undefined;
  const required = new Set(items.flatMap((item) => item.required ?? []));
  const others = fieldNames(items)
    .filter((name) => !required.has(name) && !looksSecret(name, []) && worth(name) > 3 && nameFor(name) === name)
    .slice(0, 4);
  const fields: Record<string, InputYaml> = {};
  for (const name of [...required, ...others]) {
    const field = fieldOf(items, name, document);
    const input = field && plainFor(field.fields[0]!, name, document);
    if (input && !field.fields[0]!.readOnly)
      fields[name] = { ...input, about: aboutOf(name), ...(!required.has(name) && { optional: true }) }; // biome-ignore format: one thought
    else if (required.has(name)) return undefined;
  }
  return Object.keys(fields).length > 0 ? { type: "object[]", fields } : undefined;
}

/** A plain value as an input that needs no operation to say its type. */
function plainFor(schema: Schema, name: string, document: OpenApi): InputYaml | undefined {
  const [shape, ...more] = shapesOf(schema, document);
  const type = shape && typeOf(shape);
  if (!shape || more.length > 0) return undefined;
  const values = shape.enum?.filter((value) => typeof value === "string" && value.trim() !== "") as
    | string[]
    | undefined;
  if (type === "string" && values && values.length > 0) return { enum: values };
  if (type !== "string" && type !== "integer" && type !== "number" && type !== "boolean") return undefined;
  const known = typeFor(schema, name, document);
  return known && !known.enum ? { type, ...known } : undefined;
}
