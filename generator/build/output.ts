import { pascal } from "../model/names.ts";
import { referenced, type Schema } from "../model/openapi.ts";
import type { Conversion, From, OutputModel, ScalarType, Shape, Without } from "../model/output.ts";
import type { ConditionYaml, OutputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { elementOf, type Resolved, resolve, resolveHere, type Scope, type StepScope, type Thing } from "./reference.ts";
import { fieldNames, isOpen, shapesOf, typeOf } from "./schemas.ts";
import { looksSecret } from "./secrets.ts";
import { buildConditions } from "./values.ts";

type Map = Readonly<Record<string, OutputYaml>>;

export interface OutputScope extends Scope {
  /** A reveal tool may name secrets; no other tool may. */
  readonly reveals: boolean;
  readonly secrets: readonly string[];
}

/** The declared outputs of a tool. Coverage, truncated and the like are added by build/tool.ts. */
export function buildOutput(yaml: Map, at: Path, scope: OutputScope): OutputModel[] {
  return Object.entries(yaml).flatMap(([key, entry]): OutputModel | OutputModel[] => {
    const here = [...at, key];
    if (key === "done" && entry === "steps") return { name: "done", required: true, shape: { kind: "sends" } };
    if (key === "coverage") return [];
    if (isMap(entry) && isSummary(entry)) return buildSummary(key, entry, here, scope) ?? [];
    const name = key.replace(/\[\]$/, "");
    const step = scope.steps.get(name);
    if (key.endsWith("[]")) return buildArray(name, entry, here, scope, step) ?? [];
    if (isMap(entry) && !isLeaf(entry)) return buildObject(name, entry, here, scope, step) ?? [];
    return buildField(key, entry, here, scope) ?? [];
  });
}

const isMap = (value: OutputYaml): value is Map => typeof value === "object" && !Array.isArray(value);

const leafKeys = ["value", "about", "time", "text", "age", "without"];
const isLeaf = (value: Map) =>
  typeof value.value === "string" && Object.keys(value).every((key) => leafKeys.includes(key));

const summaries = ["by,count", "count", "of,sum", "total"];

const isSummary = (value: Map) =>
  summaries.includes(summaryOf(value)) && [value.count, value.of, value.total].some((step) => typeof step === "string");

const summaryOf = (value: Map) =>
  Object.keys(value)
    .filter((key) => key !== "about")
    .sort()
    .join();

/** `{ count: step }`, `{ count: step, by: [path] }`, `{ sum: path, of: step }`, `{ total: step }` */
function buildSummary(name: string, yaml: Map, at: Path, scope: OutputScope): OutputModel | undefined {
  const key = yaml.total === undefined ? (yaml.of === undefined ? "count" : "of") : "total";
  const step = scope.steps.get(String(yaml[key]));
  if (step?.kind !== "list" && (step?.kind !== "rows" || key === "total")) {
    const lists = [...scope.steps.values()]
      .filter(({ kind }) => kind === "list" || kind === "rows")
      .map((each) => each.name);
    scope.context.unknown([...at, key], String(yaml[key]), "a list step", lists);
    return;
  }
  const common = { name, required: !step.maybe, ...(typeof yaml.about === "string" && { about: yaml.about }) };
  switch (summaryOf(yaml)) {
    case "count":
      return { ...common, shape: { kind: "count", step: step.name } };
    case "total":
      return { ...common, required: false, shape: { kind: "total", step: step.name } };
    case "of,sum": {
      const value = readItem(step, String(yaml.sum), [...at, "sum"], scope);
      return value && { ...common, shape: { kind: "sum", step: step.name, value: value.reference } };
    }
    default: {
      const by = groupsOf(yaml.by!).flatMap(([group, path]) => {
        const value = readItem(step, path, [...at, "by", group], scope);
        return value ? [{ name: group, value: value.reference }] : [];
      });
      return { ...common, shape: { kind: "totals", step: step.name, by } };
    }
  }
}

/** `[kind, site.city]` groups by `kind` and `city`; `{ place: site.city }` names the group itself. */
function groupsOf(by: OutputYaml): (readonly [string, string])[] {
  if (Array.isArray(by)) return by.map((path) => [String(path).split(".").at(-1)!, String(path)] as const);
  return isMap(by) ? Object.entries(by).map(([group, path]) => [group, String(path)] as const) : [];
}

const readItem = (step: StepScope, path: string, at: Path, scope: OutputScope) =>
  read(path, at, within(scope, step.thing, step));

/** The scope of what stands inside `thing`; `$each` is known when that is a row. */
function within(scope: OutputScope, here: Thing, step?: StepScope): OutputScope {
  const { each: _, ...rest } = scope;
  const each = step ? step.each : scope.each;
  return { ...rest, here, ...(each && { each }) };
}

function read(text: string, at: Path, scope: OutputScope): Resolved | undefined {
  if (text.startsWith("$")) return resolve(text, at, scope);
  if (!scope.here) {
    // At the root a bare path begins with a step, or is read from the only one.
    if (scope.steps.has(text.split(".")[0]!)) return resolve(`$${text}`, at, scope);
    const [only, ...more] = scope.steps.keys();
    if (only !== undefined && more.length === 0) return resolve(`$${only}.${text}`, at, scope);
  }
  return resolveHere(text, at, scope);
}

function buildObject(name: string, yaml: Map, at: Path, scope: OutputScope, step?: StepScope): OutputModel | undefined {
  const { $from, ...fields } = yaml;
  const found =
    $from !== undefined ? read(String($from), [...at, "$from"], scope) : step && resolve(`$${step.name}`, at, scope);
  if ($from !== undefined && !found) return;
  if (!found) {
    const inner = fieldsOf(fields, at, scope);
    return { name, required: inner.some((field) => field.required), shape: { kind: "object", fields: inner } };
  }
  if (!found.thing || found.step?.kind === "list" || found.step?.kind === "rows") {
    scope.context.problem(at, `${$from ?? `$${name}`} is a list: write ${name}[]`);
    return;
  }
  const poll = found.step?.kind === "poll";
  const inner = fieldsOf(fields, at, within(scope, found.thing));
  const reference = poll
    ? { ...found.reference, path: [{ name: "answer", optional: found.reference.maybe }], maybe: true }
    : found.reference;
  return {
    name,
    required: !reference.maybe,
    shape: { kind: "object", from: fromOf(reference, found.thing), fields: inner },
  };
}

function buildArray(
  name: string,
  yaml: OutputYaml,
  at: Path,
  scope: OutputScope,
  step?: StepScope,
): OutputModel | undefined {
  const { $from: source, $keep, ...rest }: Map = isMap(yaml) ? yaml : { value: yaml };
  const found =
    source !== undefined
      ? read(String(source), [...at, "$from"], scope)
      : step
        ? resolve(`$${step.name}`, at, scope)
        : read(name, at, scope);
  if (!found) return;
  const isStep = found.step?.kind === "list" || found.step?.kind === "rows";
  const element = isStep ? found.thing : found.thing && elementOf(found.thing, scope.context);
  if (!element) {
    scope.context.problem(at, `${source ?? name} is no list`, "leave out the []");
    return;
  }
  const inside = within(scope, element, isStep ? found.step : undefined);
  const keep =
    $keep === undefined
      ? []
      : buildConditions($keep as Readonly<Record<string, ConditionYaml>>, [...at, "$keep"], inside);
  const item = isLeaf(rest) ? buildField(name, rest, at, inside)?.shape : fieldsOf(rest, at, inside);
  if (!item) return;
  const required = isStep ? !found.step!.maybe : scope.here === undefined && !found.reference.maybe;
  return {
    name,
    required,
    shape: { kind: "array", from: fromOf(found.reference, nameShared(element, found, scope)), keep, item },
  };
}

/** An element that is a shared schema has that schema's name. */
function nameShared(element: Thing, found: Resolved, scope: OutputScope): Thing {
  if (element.aliases.length > 0 || found.step) return element;
  const items = found.reference.schemas.flatMap((schema) => (schema.items ? [schema.items] : []));
  const name = items.length === 1 ? referenced(items[0]!) : undefined;
  if (name === undefined || shapesOf(items[0]!, scope.context.document).length !== 1) return element;
  return { ...element, aliases: [{ name: pascal(name), type: `components["schemas"][${JSON.stringify(name)}]` }] };
}

const fromOf = (value: Resolved["reference"], { aliases, seen }: Thing): From => ({ value, aliases, seen });

function fieldsOf(yaml: Map, at: Path, scope: OutputScope): OutputModel[] {
  return Object.entries(yaml).flatMap(([key, entry]) => {
    const here = [...at, key];
    if (key.endsWith("[]")) return buildArray(key.slice(0, -2), entry, here, scope) ?? [];
    if (isMap(entry) && !isLeaf(entry)) return buildObject(key, entry, here, scope) ?? [];
    return buildField(key, entry, here, scope) ?? [];
  });
}

function buildField(name: string, yaml: OutputYaml, at: Path, scope: OutputScope): OutputModel | undefined {
  if (typeof yaml === "number" || typeof yaml === "boolean") {
    return { name, required: true, shape: { kind: "constant", type: typeof yaml as ScalarType, value: yaml } };
  }
  const leaf: Map = isMap(yaml) ? yaml : { value: yaml };
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

function conversionOf(leaf: Map, at: Path, scope: OutputScope): Conversion | undefined {
  if (leaf.time === "ms" || leaf.time === "s") return { kind: "time", unit: leaf.time };
  if (leaf.text === "html") return { kind: "html" };
  if (leaf.age === "days") return { kind: "age" };
  for (const [key, expected] of Object.entries({ time: "ms or s", text: "html", age: "days" })) {
    if (leaf[key] !== undefined) scope.context.problem([...at, key], `expected ${expected}`);
  }
}

/** `without: $secretFields.key`: names that a list step found out. */
function withoutOf({ without }: Map, at: Path, scope: OutputScope): Without | undefined {
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
  if (step) {
    scope.context.problem(at, `names the whole step: say which fields leave, such as ${step.name}: { … }`);
    return;
  }
  if (input) {
    const type =
      input.kind === "integer" || input.kind === "number" ? "number" : input.kind === "boolean" ? "boolean" : "string";
    return { kind: "scalar", type, value: reference };
  }
  const { schemas } = reference;
  if (schemas.length > 0 && schemas.every(isTextOrNumber)) {
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
