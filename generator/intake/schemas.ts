import { arrayOf, isObject, type Json, type JsonObject, member, objectOf, sorted } from "../model/json.ts";
import { SCHEMAS, type Schema } from "../model/openapi.ts";
import type { Report } from "./distil.ts";
import { claim, identifier, identifiersFor } from "./names.ts";
import { resolve, tokensOf } from "./pointer.ts";
import { primitive } from "./primitives.ts";

/** Facts that are copied as they are. `default` is not among them: it would turn optional fields of answers into certain ones. */
const SCALARS = [
  "format",
  "const",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "readOnly",
  "writeOnly",
  "deprecated",
] as const;

const MAX_DEPTH = 100;

/**
 * Reads schemas as facts. A shared schema is read when something first refers to it, once, under a name that is an
 * identifier; so circles are harmless and what nobody refers to is never looked at.
 */
export function schemaReader(document: JsonObject, report: Report, { wording = false, short = false } = {}) {
  const shared = objectOf(objectOf(document.components).schemas);
  const names = identifiersFor(Object.keys(shared), { short });
  const twins = Map.groupBy(Object.keys(shared), (name) => keysOf(objectOf(objectOf(shared[name]).properties)));
  const taken = new Set(names.values());
  const hoisted = new Map<string, string>();
  const seen = new Map<string, Schema>();
  const waiting: (() => void)[] = [];

  function schema(value: Json | undefined, where: string, depth = 0): Schema {
    if (typeof value === "boolean" || value === undefined) return {};
    if (!isObject(value)) {
      report.problem(where, `expected a schema, got ${JSON.stringify(value)}`);
      return {};
    }
    if (depth > MAX_DEPTH) {
      report.problem(where, `schemas are nested more than ${MAX_DEPTH} deep`);
      return {};
    }
    if (typeof value.$ref === "string") return reference(value.$ref, where);
    return inline(value, where, depth);
  }

  /** The schema of an answer: a shared one where the vendor writes out what a shared one says, as its tools like to do. */
  function answer(value: Json | undefined, where: string): Schema {
    const read = schema(value, where);
    if (wording || !read.properties) return read;
    const text = JSON.stringify(read);
    const twin = twins
      .get(keysOf(read.properties))
      ?.find((name) => JSON.stringify(schema(shared[name], name)) === text);
    return twin === undefined
      ? read
      : reference(`#/components/schemas/${twin.replaceAll("~", "~0").replaceAll("/", "~1")}`, where);
  }

  /** A reference by our name for its target, which is queued to be read. */
  function reference(text: string, where: string): Schema {
    const tokens = tokensOf(text);
    if (!tokens) {
      report.problem(
        where,
        `refers to ${text}, outside this document`,
        "external references are refused: bring the schema in by overlay",
      );
      return {};
    }
    const target = resolve(document, tokens);
    if (target === undefined) {
      report.problem(where, `refers to ${text}, which does not exist`);
      return {};
    }
    const alias = isObject(target) ? target.$ref : undefined;
    if (typeof alias === "string") {
      if (aliasEnds(tokens)) return reference(alias, where);
      report.problem(where, `refers to ${text}, which only refers to itself`);
      return {};
    }
    const name = nameOf(tokens);
    if (!seen.has(name)) {
      seen.set(name, {});
      waiting.push(() => seen.set(name, schema(target, `schema ${name}`)));
    }
    return { $ref: SCHEMAS + name };
  }

  function aliasEnds(start: readonly string[]): boolean {
    let tokens: readonly string[] | undefined = start;
    for (let hops = 0; tokens && hops < 50; hops++) {
      const next: string | undefined = stringOf(member(resolve(document, tokens), "$ref"));
      if (next === undefined) return true;
      tokens = tokensOf(next);
    }
    return tokens === undefined;
  }

  /** `#/components/schemas/X` by its name; anything deeper, or under `#/paths`, gets a schema of its own. */
  function nameOf(tokens: readonly string[]): string {
    const [section, kind, name, ...rest] = tokens;
    if (section === "components" && kind === "schemas" && name !== undefined && rest.length === 0) {
      return names.get(name) ?? identifier(name);
    }
    const pointer = JSON.stringify(tokens);
    const known = hoisted.get(pointer);
    if (known) return known;
    const words = tokens.filter(
      (token) => !["components", "schemas", "paths", "properties", "content", "schema"].includes(token),
    );
    const made = claim(identifier(words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join(" ")), taken);
    hoisted.set(pointer, made);
    return made;
  }

  function inline(value: JsonObject, where: string, depth: number): Schema {
    const below = (child: Json | undefined, step: string) => schema(child, `${where}.${step}`, depth + 1);
    const several = (key: string) =>
      Array.isArray(value[key]) && {
        [key]: arrayOf(value[key]).map((child, index) => below(child, `${key}.${index}`)),
      };
    const typed = types(value, where);
    const isArray = typed.type === "array";
    const isText = typed.type === undefined || typed.type === "string" || typed.type.includes("string");
    const properties = Object.entries(objectOf(value.properties)).map(
      ([name, child]) => [name, below(child, name)] as const,
    );
    const required = arrayOf(value.required)
      .filter((name) => typeof name === "string")
      .sort();
    const { items = {}, ...type } = typed;
    return {
      ...(wording && typeof value.description === "string" && { description: value.description }),
      ...type,
      ...Object.fromEntries(
        SCALARS.filter((key) => isScalar(value[key]) && (key !== "pattern" || isText)).map((key) => [key, value[key]]),
      ),
      ...(Array.isArray(value.enum) && !isArray && { enum: value.enum.filter(isScalar) }),
      ...(required.length > 0 && { required }),
      ...(properties.length > 0 && { properties: sorted(properties) }),
      ...(typeof value.additionalProperties === "boolean" && { additionalProperties: value.additionalProperties }),
      ...(isObject(value.additionalProperties) && { additionalProperties: below(value.additionalProperties, "*") }),
      ...(isArray && { items: "items" in value ? elements(value, below) : items }),
      ...several("prefixItems"),
      ...several("allOf"),
      ...several("oneOf"),
      ...several("anyOf"),
      ...(isObject(value.not) && { not: below(value.not, "not") }),
      ...discriminator(value.discriminator, where),
    };
  }

  /** Some describe the values of an array's elements at the array itself. */
  function elements(value: JsonObject, below: (child: Json | undefined, step: string) => Schema): Schema {
    const items = below(value.items, "items");
    return Array.isArray(value.enum) && !items.enum && !items.$ref
      ? { ...items, enum: value.enum.filter(isScalar) }
      : items;
  }

  /** The type, mended where it is a known slip or left out although the rest says what it is. */
  function types(
    value: JsonObject,
    where: string,
  ): { type?: string | readonly string[]; format?: string; items?: Schema; nullable?: true } {
    const nullable = value.nullable === true && { nullable: true as const };
    const given = value.type;
    if (given === undefined) return { ...impliedType(value), ...nullable };
    const list = Array.isArray(given) ? given : [given];
    const read = list.map((name) => (typeof name === "string" ? primitive(name) : undefined));
    if (read.length === 0 || read.includes(undefined)) {
      report.problem(
        where,
        `has the type ${JSON.stringify(given)}, which is none of JSON Schema's`,
        "correct it by overlay",
      );
      return {};
    }
    if (read.some((each) => each?.mended)) report.note(`types mended: ${list.join(" or ")}`);
    if (read.length === 1) return { ...read[0]?.schema, ...nullable };
    const several = read.flatMap((each) => each?.schema.type ?? []);
    if (!report.openapi.startsWith("3.0")) return { type: several };
    const named = several.filter((name) => name !== "null");
    return { ...(named.length === 1 && { type: named[0] }), ...(named.length < several.length && { nullable: true }) };
  }

  function discriminator(value: Json | undefined, where: string): Pick<Schema, "discriminator"> {
    if (!isObject(value) || typeof value.propertyName !== "string") return {};
    const mapping = Object.entries(objectOf(value.mapping)).flatMap(([key, target]) => {
      if (typeof target !== "string") return [];
      const found = reference(
        /[#/]/.test(target) ? target : `#/components/schemas/${target}`,
        `${where} discriminator ${key}`,
      );
      return found.$ref ? [[key, found.$ref] as const] : [];
    });
    return {
      discriminator: { propertyName: value.propertyName, ...(mapping.length > 0 && { mapping: sorted(mapping) }) },
    };
  }

  /** Every shared schema that was referred to, by name. */
  function reached(): Record<string, Schema> {
    for (let next = waiting.shift(); next; next = waiting.shift()) next();
    return sorted(seen);
  }

  return { schema, answer, reached };
}

const isScalar = (value: Json | undefined) => value !== undefined && (value === null || typeof value !== "object");

const keysOf = (properties: object) => JSON.stringify(Object.keys(properties).sort());

const stringOf = (value: Json | undefined) => (typeof value === "string" ? value : undefined);

function impliedType(value: JsonObject): { type?: string } {
  if (isObject(value.properties) || value.additionalProperties !== undefined) return { type: "object" };
  if (value.items !== undefined) return { type: "array" };
  if (Array.isArray(value.enum) && value.enum.length > 0 && value.enum.every((each) => typeof each === "string"))
    return { type: "string" };
  return {};
}
