import type { Schema } from "../model/openapi.ts";
import type { Conversion, OutputModel, ScalarType, Shape, Without } from "../model/output.ts";
import type { OutputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildLabelUse } from "./labels.ts";
import { isMap, type OutputMap, type OutputScope, read, readItem } from "./output-scope.ts";
import type { Resolved } from "./reference.ts";
import { fieldNames, isJson, isOpen, shapesOf, typeOf } from "./schemas.ts";
import { looksSecret } from "./secrets.ts";

/** One field of an answer: a path, or a path with options. */
export function buildField(name: string, yaml: OutputYaml, at: Path, scope: OutputScope): OutputModel | undefined {
  const constant = isMap(yaml) ? yaml.says : yaml;
  if (typeof constant === "number" || typeof constant === "boolean" || (isMap(yaml) && typeof constant === "string")) {
    return { name, required: true, shape: { kind: "constant", type: typeof constant as ScalarType, value: constant } };
  }
  const leaf: OutputMap = isMap(yaml) ? yaml : { value: yaml };
  if (Array.isArray(leaf.value)) return buildFirstOf(name, leaf, leaf.value, at, scope);
  const path = String(leaf.value);
  const found = read(path, at, scope);
  if (!found) return;
  const about = typeof leaf.about === "string" ? { about: leaf.about } : {};
  const field = path.split(".").at(-1)!;
  if (!found.input && !scope.reveals && looksSecret(field, scope.secrets)) {
    scope.context.problem(at, `"${field}" looks like a secret: only a tool with access: reveal may answer it`);
  }
  const convert = conversionOf(leaf, at, scope);
  const shape = convert
    ? ({ kind: "scalar", type: convert.kind === "age" ? "number" : "string", value: found.reference, convert } as const)
    : shapeOf(found, at, scope, withoutOf(leaf, at, scope));
  const required = found.input !== undefined && !found.reference.maybe;
  return shape && { name, ...about, required, shape };
}

/** `value: [name, title]`: the first of these that is there. */
function buildFirstOf(
  name: string,
  leaf: OutputMap,
  paths: readonly unknown[],
  at: Path,
  scope: OutputScope,
): OutputModel | undefined {
  const fields = paths.map((path) => buildField(name, { ...leaf, value: String(path) }, at, scope));
  const shapes = fields.flatMap((field) => (field?.shape.kind === "scalar" ? [field.shape] : []));
  const [first, ...or] = shapes;
  if (fields.includes(undefined)) return;
  if (!first || or.length < 1 || shapes.length < paths.length) {
    scope.context.problem([...at, "value"], "expected two or more paths of single values");
    return;
  }
  const types = new Set(shapes.map(({ type }) => type));
  const isText = types.size > 1 || shapes.some(({ convert }) => convert?.kind === "text");
  if (types.has("boolean") && types.size > 1) {
    scope.context.problem([...at, "value"], "expected values of one type");
    return;
  }
  const shape = {
    ...first,
    ...(isText && { type: "string" as const, convert: { kind: "text" as const } }),
    or: or.map(({ value }) => value),
  };
  return { ...fields[0]!, required: fields.some((field) => field!.required), shape };
}

function conversionOf(leaf: OutputMap, at: Path, scope: OutputScope): Conversion | undefined {
  if (leaf.time === "ms" || leaf.time === "s" || leaf.time === "utc") return { kind: "time", unit: leaf.time };
  if (leaf.text === "html") return { kind: "html" };
  if (leaf.age === "days") return { kind: "age" };
  if (leaf.label !== undefined) {
    const use = buildLabelUse(
      String(leaf.label),
      isMap(leaf.with ?? {}) ? ((leaf.with ?? {}) as OutputMap) : {},
      at,
      scope,
    );
    return use && { kind: "label", step: scope.labels(use) };
  }
  for (const [key, expected] of Object.entries({ time: "ms, s or utc", text: "html", age: "days" })) {
    if (leaf[key] !== undefined) scope.context.problem([...at, key], `expected ${expected}`);
  }
}

/** `without: $secretFields.key`: names that a list step found out. */
function withoutOf({ without }: OutputMap, at: Path, scope: OutputScope): Without | undefined {
  if (without === undefined) return;
  const here = [...at, "without"];
  const [name = "", ...path] = String(without).replace("$", "").split(".");
  const step = scope.steps.get(name);
  if (step?.kind !== "list") {
    scope.context.unknown(
      here,
      `$${name}`,
      "a list step",
      [...scope.steps.keys()].map((each) => `$${each}`),
    );
    return;
  }
  const field = readItem(step, path.join("."), here, scope);
  return field && { step: name, field: field.reference };
}

function shapeOf(
  { reference, input, step }: Resolved,
  at: Path,
  scope: OutputScope,
  without?: Without,
): Shape | undefined {
  // A change may answer no more than true or a number.
  if (step && !(step.kind === "one" && reference.schemas.every(scalarType))) {
    scope.context.problem(at, `names the whole step: say which fields leave, such as ${step.name}: { … }`);
    return;
  }
  if (input) {
    const type =
      input.kind === "integer" || input.kind === "number" ? "number" : input.kind === "boolean" ? "boolean" : "string";
    return { kind: "scalar", type, value: reference };
  }
  const { schemas } = reference;
  if (schemas.length > 0 && schemas.every((schema) => isJson(schema) || isTextOrNumber(schema))) {
    return { kind: "scalar", type: "string", value: reference, convert: { kind: "text" } };
  }
  const types = new Set(schemas.map(scalarType));
  const [type] = types;
  if (schemas.length > 0 && types.size === 1 && type) return { kind: "scalar", type, value: reference };
  if (schemas.length > 0 && schemas.every(isOpen))
    return { kind: "open", list: false, value: reference, guarded: !scope.reveals, ...(without && { without }) };
  const elements = schemas.flatMap((schema) => (schema.items ? shapesOf(schema.items, scope.context.document) : []));
  const elementTypes = new Set(elements.map(scalarType));
  const [elementType] = elementTypes;
  if (elements.length > 0 && elementTypes.size === 1 && elementType)
    return { kind: "scalars", type: elementType, value: reference };
  if (elements.length > 0 && elements.every(isOpen))
    return { kind: "open", list: true, value: reference, guarded: !scope.reveals };
  scope.context.problem(at, ...explain(schemas, elements));
}

/** An id that comes now as text, now as a number, is text to us. */
const isTextOrNumber = ({ type }: Schema) =>
  Array.isArray(type) && type.includes("string") && type.some((each) => each === "integer" || each === "number");

function scalarType(schema: Schema): ScalarType | undefined {
  const type = typeOf(schema) ?? (schema.enum?.every((value) => typeof value === "string") ? "string" : undefined);
  if (type === "integer" || type === "number") return "number";
  return type === "string" || type === "boolean" ? type : undefined;
}

function explain(schemas: readonly Schema[], elements: readonly Schema[]): [string, string] {
  const names = fieldNames(elements.length > 0 ? elements : schemas);
  if (names.length > 0) {
    const what = elements.length > 0 ? "a list of objects: write name[]: { … }" : "an object: write name: { … }";
    return [`is ${what} with the fields that leave`, `fields: ${names.slice(0, 12).join(", ")}`];
  }
  if (new Set(schemas.map(typeOf)).size > 1)
    return ["has several types in the description", "correct it with an overlay"];
  return ["has no type in the description", "add one with an overlay"];
}
