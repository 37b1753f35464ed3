import type { Schema } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { InputModel, InputType } from "../model/tool.ts";
import type { InputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { fieldNames, fieldOf, isOpen, shapesOf, typeOf } from "./schemas.ts";

/** Enough for names, ids and search words; whoever needs longer text says so. */
const TEXT_MAX = 200;
const ARRAY_MAX = 50;

export function buildInputs(
  yaml: Readonly<Record<string, string | InputYaml>>,
  at: Path,
  context: Context,
): InputModel[] {
  return Object.entries(yaml).map(([name, entry]) => buildInput(name, entry, [...at, name], context));
}

function buildInput(name: string, entry: string | InputYaml, at: Path, context: Context): InputModel {
  const given: InputYaml = typeof entry === "string" ? { from: entry } : entry;
  const yaml: InputYaml = given.label === undefined ? given : { type: "string", ...given };
  const origin =
    yaml.from === undefined
      ? undefined
      : originOf(yaml.from, typeof entry === "string" ? at : [...at, "from"], context);
  if (yaml.from === undefined && yaml.type === undefined && !yaml.enum) {
    context.problem(at, "expected from (an operation's parameter) or type");
  }
  const about = yaml.about ?? origin?.about ?? "";
  if (!about) context.problem(at, "needs about: one line that says what to give here");
  if (yaml.optional && yaml.default !== undefined)
    context.problem([...at, "optional"], "an input with a default is optional already");
  const type = typeOfInput(yaml, origin?.schema, at, context);
  return {
    name,
    about: sentence(about),
    type,
    presence:
      yaml.default !== undefined ? "default" : (yaml.optional ?? origin?.required === false) ? "optional" : "required",
    secret: yaml.secret === true,
    ...(yaml.label !== undefined && { label: labelOf(yaml, yaml.label, at, context) }),
    ...(yaml.default !== undefined && { default: yaml.default }),
  };
}

function labelOf({ type, enum: values, with: args }: InputYaml, name: string, at: Path, context: Context) {
  if ((type !== "string" && type !== "string[]") || values)
    context.problem([...at, "label"], 'is for a text: type string or "string[]", and no enum');
  if (at.length > 4) context.problem([...at, "label"], "is for an input of the tool, not for one inside another");
  return { name, ...(args && { with: args }) };
}

const sentence = (text: string) => (/[.!?)]$/.test(text) || text === "" ? text : `${text}.`);

/** `listDevices.siteName` or `createTicket.details.title`: a parameter, or a field of the body. */
function originOf(
  from: string,
  at: Path,
  context: Context,
): { schema: Schema; about?: string; required: boolean } | undefined {
  const [name = "", ...path] = from.split(".");
  const operation = context.operations.get(name);
  if (!operation) {
    context.unknown(at, name, "an operation", context.operations.keys());
    return;
  }
  const wanted = path.join(".");
  const parameter = operation.parameters.find((each) => each.name === wanted || each.wire === wanted);
  if (parameter) return parameter;
  const field = bodyField(operation, path, context);
  if (field) return field;
  const known = [...operation.parameters.map((each) => each.name), ...bodyNames(operation, context)];
  context.unknown(at, wanted, `a parameter of ${name}`, known);
}

function bodyField({ body }: OperationModel, path: readonly string[], { document }: Context) {
  let found: { schema: Schema; required: boolean } | undefined = body && { schema: body.schema, required: true };
  for (const name of path) {
    const field = found && fieldOf(shapesOf(found.schema, document), name.replace(/\[\]$/, ""), document);
    const schema = name.endsWith("[]") ? field?.shapes.find(({ items }) => items)?.items : field?.fields[0];
    found = field && schema && { schema, required: !field.maybe };
  }
  return found;
}

const bodyNames = ({ body }: OperationModel, { document }: Context) =>
  body ? fieldNames(shapesOf(body.schema, document)) : [];

function typeOfInput(yaml: InputYaml, schema: Schema | undefined, at: Path, context: Context): InputType {
  if (yaml.enum) return enumType(yaml.enum, yaml, at, context);
  if (yaml.type) return typeNamed(yaml.type, yaml, at, context);
  const shape = schema && shapesOf(schema, context.document)[0];
  if (!shape) return textType(yaml);
  const values = shape.enum?.filter((value) => typeof value === "string");
  if (values && values.length > 0) return { kind: "enum", values };
  switch (typeOf(shape)) {
    case "integer":
      return numberType("integer", { min: shape.minimum, max: shape.maximum, ...yaml }, at, context);
    case "number":
      return numberType("number", { min: shape.minimum, max: shape.maximum, ...yaml }, at, context);
    case "boolean":
      return { kind: "boolean" };
    case "array": {
      const items = typeOfInput({}, shape.items, at, context);
      return { kind: "array", items, ...(yaml.min !== undefined && { min: yaml.min }), max: yaml.max ?? ARRAY_MAX };
    }
    case "object":
      if (isOpen(shape)) return { kind: "map", values: yaml.values ?? "string" };
      context.problem(at, "is an object with fields of its own: write type: object and its fields");
      return { kind: "map", values: "any" };
    default:
      if (shape.format === "date") return { kind: "date" };
      if (shape.format === "date-time") return { kind: "datetime" };
      return textType({ max: typeof shape.maxLength === "number" ? shape.maxLength : undefined, ...yaml });
  }
}

function enumType(values: NonNullable<InputYaml["enum"]>, yaml: InputYaml, at: Path, context: Context): InputType {
  const isList = yaml.type === "string[]";
  if (yaml.type !== undefined && yaml.type !== "string" && !isList)
    context.problem([...at, "type"], "an enum is of type string or string[]");
  if (!Array.isArray(values)) {
    if (isList) context.problem([...at, "enum"], "a list has no names for codes");
    return { kind: "enum", values: Object.keys(values), codes: values };
  }
  if (!isList) return { kind: "enum", values };
  const least = yaml.min === undefined ? {} : { min: yaml.min };
  return { kind: "array", items: { kind: "enum", values }, ...least, max: yaml.max ?? values.length };
}

function typeNamed(type: NonNullable<InputYaml["type"]>, yaml: InputYaml, at: Path, context: Context): InputType {
  if (type.endsWith("[]")) {
    const element = type.slice(0, -2) as "string" | "integer" | "number" | "object";
    const items =
      element === "object" || element === "string"
        ? typeNamed(element, { fields: yaml.fields, values: yaml.values }, at, context)
        : ({ kind: element, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER } as const);
    return { kind: "array", items, ...(yaml.min !== undefined && { min: yaml.min }), max: yaml.max ?? ARRAY_MAX };
  }
  switch (type) {
    case "integer":
    case "number":
      return numberType(type, yaml, at, context);
    case "boolean":
    case "date":
    case "datetime":
      return { kind: type };
    case "object":
      if (!yaml.fields) return { kind: "map", values: yaml.values ?? "string" };
      return { kind: "object", fields: buildInputs(yaml.fields, [...at, "fields"], context) };
    default:
      return textType(yaml);
  }
}

const textType = ({ min, max, pattern }: InputYaml): InputType => ({
  kind: "string",
  ...(min !== undefined && { min }),
  max: max ?? TEXT_MAX,
  usual: max === undefined,
  ...(pattern && { pattern }),
});

function numberType(
  kind: "integer" | "number",
  { min, max }: { min?: unknown; max?: unknown },
  at: Path,
  context: Context,
): InputType {
  if (typeof min === "number" && typeof max === "number" && min <= max) return { kind, min, max };
  // An id has no sensible bounds; everything that counts something has.
  if (min === undefined && max === undefined && /ids?$/i.test(String(at.at(-1)))) {
    return { kind, min: 0, max: Number.MAX_SAFE_INTEGER, ...(kind === "integer" && { usual: true as const }) };
  }
  context.problem(at, `a${kind === "integer" ? "n" : ""} ${kind} needs min and max`);
  return { kind, min: 0, max: Number.MAX_SAFE_INTEGER };
}
