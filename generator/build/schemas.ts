import { type OpenApi, referenced, type Schema } from "../model/openapi.ts";

/** Deeper chains of references than this are circles. */
const MAX_DEPTH = 40;

/** The shapes a value may have: references followed, allOf merged, oneOf and anyOf spread, null left out. */
export function shapesOf(schema: Schema, document: OpenApi, depth = 0): readonly Schema[] {
  if (depth > MAX_DEPTH) return [];
  const name = referenced(schema);
  if (name !== undefined) {
    const target = Object.hasOwn(document.components.schemas, name) ? document.components.schemas[name] : undefined;
    return target ? shapesOf(target, document, depth + 1) : [];
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.flatMap((choice) => shapesOf(choice, document, depth + 1));
  if (schema.allOf) return [merged(schema, document, depth)];
  return typeOf(schema) === "null" ? [] : [schema];
}

function merged({ allOf = [], ...own }: Schema, document: OpenApi, depth: number): Schema {
  const parts = [...allOf.flatMap((part) => shapesOf(part, document, depth + 1)), own];
  const properties = Object.assign({}, ...parts.map((part) => part.properties));
  return {
    ...parts[0],
    ...own,
    ...(Object.keys(properties).length > 0 && { type: "object", properties }),
    required: parts.flatMap((part) => part.required ?? []),
  };
}

/** The one type that counts; OpenAPI 3.1 may list `null` beside it. */
export function typeOf(schema: Schema): string | undefined {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (type) => type !== "null" || schema.type === "null",
  );
  if (types[0] !== undefined) return types[0];
  if (schema.properties) return "object";
  return schema.items ? "array" : undefined;
}

function isNullable(schema: Schema, document: OpenApi): boolean {
  if (schema.nullable || (Array.isArray(schema.type) && schema.type.includes("null")) || schema.type === "null")
    return true;
  const name = referenced(schema);
  if (name !== undefined) return isNullable(document.components.schemas[name] ?? {}, document);
  return (schema.oneOf ?? schema.anyOf ?? []).some((choice) => isNullable(choice, document));
}

/** What a reader may find at `name` in values of these shapes; undefined when no shape has such a field. */
export function fieldOf(shapes: readonly Schema[], name: string, document: OpenApi) {
  const found = shapes.filter((shape) => isJson(shape) || Object.hasOwn(shape.properties ?? {}, name));
  if (found.length === 0) return;
  const fields = found.map((shape) => shape.properties?.[name] ?? shape);
  return {
    shapes: fields.flatMap((field) => shapesOf(field, document)),
    fields,
    /** Some of the shapes lack it. */
    partial: found.length < shapes.length,
    maybe:
      found.length < shapes.length ||
      found.some((shape) => !shape.required?.includes(name)) ||
      fields.some((field) => isNullable(field, document)),
  };
}

export function fieldNames(shapes: readonly Schema[]): string[] {
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))].sort();
}

/** Any JSON, in which every name may be read. */
export const isJson = (schema: Schema) => schema["x-json"] === true;

/** An object without declared fields: anything may be in it. */
export const isOpen = (schema: Schema) =>
  typeOf(schema) === "object" && Object.keys(schema.properties ?? {}).length === 0;

/** A JSON:API resource, `{ id, type, attributes: {…} }`, as the one flat object that people think of. */
export function flattened(schema: Schema, document: OpenApi): Schema | undefined {
  const shapes = shapesOf(schema, document);
  const attributes = fieldOf(shapes, "attributes", document);
  const id = fieldOf(shapes, "id", document);
  if (!attributes || !id) return;
  // As `Flat` of the runtime types it: the id is text, and nothing is certain.
  return { type: "object", properties: { ...attributes.shapes[0]?.properties, id: { type: "string" } } };
}
