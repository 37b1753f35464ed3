import type { OpenApi } from "./validate.ts";

const TYPES: Record<string, object> = {
  int: { type: "integer" },
  bool: { type: "boolean" },
  double: { type: "number" },
  "List<int>": { type: "string" }, // numbers with commas
};

/**
 * The published document with its types made JSON Schema's and JSON as the only form of bodies. Of types inside bodies only
 * the first level stays: what tools send is flat, and the rest is 700 schemas that refer to each other.
 */
export function readHalo(text: string): OpenApi {
  const document = JSON.parse(text, mended) as OpenApi;
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item)) {
      const json = operation.requestBody?.content?.["application/json"];
      if (operation.requestBody && json) operation.requestBody.content = { "application/json": json };
    }
  for (const schema of Object.values(document.components?.schemas ?? {}) as { properties?: Record<string, object> }[])
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      if (JSON.stringify(property).includes('"$ref"')) schema.properties![name] = {};
  return document;
}

function mended(_key: string, value: unknown) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { type, nullable, ...rest } = value as { type?: unknown; nullable?: unknown };
  const known = typeof type === "string" ? TYPES[type] : undefined;
  if (known) return { ...rest, ...known };
  if (nullable === true && typeof type === "string") return { ...rest, type: [type, "null"] };
  return value;
}
