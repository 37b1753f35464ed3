import type { OperationModel, ParameterModel } from "../model/operation.ts";
import type { Reference } from "../model/reference.ts";
import type { Argument, BodyField, BodyValue, CallModel, ConditionModel, Test, Value } from "../model/step.ts";
import { tests } from "../model/step.ts";
import type { ConditionYaml, ValueYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { type Resolved, resolve, resolveHere, type Scope } from "./reference.ts";
import { fieldNames, fieldOf, isOpen, shapesOf } from "./schemas.ts";

/** `$ref`, a constant, or `{ merge: [$a, $b] }`. `$$x` is the text `$x`. */
export function buildValue(yaml: ValueYaml | readonly unknown[], at: Path, scope: Scope): Value | undefined {
  if (typeof yaml === "string" && yaml.startsWith("$$")) return { kind: "constant", value: yaml.slice(1) };
  if (typeof yaml === "string" && yaml.startsWith("$")) {
    const found = resolve(yaml, at, scope);
    return found && { kind: "reference", reference: found.reference };
  }
  if (typeof yaml === "object" && "merge" in yaml) {
    const values = yaml.merge.flatMap((each, index) => resolve(each, [...at, "merge", index], scope)?.reference ?? []);
    return { kind: "merge", values, ...(yaml.ids && { ids: yaml.ids }) };
  }
  return { kind: "constant", value: yaml };
}

/** The call of one operation; `with` entries that it does not have are not its business. */
export function buildCall(
  operation: OperationModel,
  yaml: Readonly<Record<string, ValueYaml>>,
  at: Path,
  scope: Scope,
  used: Set<string>,
): CallModel {
  const path: Argument[] = [];
  const query: Argument[] = [];
  const fields = new Map<string, { value: Value; at: Path }>();
  let whole: Value | undefined;
  for (const [key, entry] of Object.entries(yaml)) {
    const here = [...at, "with", key];
    const parameter = operation.parameters.find((each) => each.name === key || each.wire === key);
    const isBody =
      !parameter && operation.body !== undefined && (key === "body" || hasBodyField(operation, key, scope));
    if (!parameter && !isBody) continue;
    used.add(key);
    const value = buildValue(entry, here, scope);
    if (!value) continue;
    if (parameter) (parameter.in === "path" ? path : query).push(argument(parameter, value));
    else if (key === "body" && !hasBodyField(operation, key, scope)) whole = value;
    else fields.set(key, { value, at: here });
  }
  for (const parameter of operation.parameters) {
    const given = [...path, ...query].some((each) => each.name === parameter.name);
    if (
      parameter.required &&
      !given &&
      parameter.constant === undefined &&
      !(parameter.name in yaml) &&
      !(parameter.wire in yaml)
    ) {
      scope.context.problem(at, `${operation.name} needs ${parameter.name} in with`);
    }
  }
  const body = whole ? ({ kind: "whole", value: whole } as const) : buildBody(operation, fields, at, scope);
  return { operation, path, query, ...(body && { body }) };
}

const argument = ({ name, required }: ParameterModel, value: Value): Argument => ({ name, required, value });

function hasBodyField({ body }: OperationModel, dotted: string, { context }: Scope): boolean {
  if (!body) return false;
  const shapes = shapesOf(body.schema, context.document);
  const [name = ""] = dotted.split(".");
  return fieldOf(shapes, name, context.document) !== undefined || (name !== "body" && shapes.some(isOpen));
}

function buildBody(
  { body, name }: OperationModel,
  fields: ReadonlyMap<string, { value: Value; at: Path }>,
  at: Path,
  scope: Scope,
): BodyValue | undefined {
  if (!body) return;
  const { document } = scope.context;
  const nest = (
    schemas: ReturnType<typeof shapesOf>,
    entries: readonly (readonly [string[], Value, Path])[],
  ): BodyField[] => {
    const heads = [...new Set(entries.map(([path]) => path[0]!))];
    for (const required of schemas.flatMap((schema) => schema.required ?? [])) {
      if (!heads.includes(required)) scope.context.problem(at, `${name} needs ${required} in with`);
    }
    return heads.map((head): BodyField => {
      const own = entries.filter(([path]) => path[0] === head);
      const field = fieldOf(schemas, head, document);
      const [, value, place] = own[0]!;
      if (!field && !schemas.some(isOpen)) {
        scope.context.unknown(place, head, `a field of the body of ${name}`, fieldNames(schemas));
      }
      const required = field ? schemas.some((schema) => schema.required?.includes(head)) : false;
      if (own.length === 1 && own[0]![0].length === 1) return { name: head, required, value };
      const inner = own.map(([path, ...rest]) => [path.slice(1), ...rest] as const);
      return {
        name: head,
        required,
        value: { kind: "fields", fields: nest(field?.shapes ?? [{ type: "object" }], inner) },
      };
    });
  };
  const entries = [...fields].map(([key, { value, at: place }]) => [key.split("."), value, place] as const);
  return { kind: "fields", fields: nest(shapesOf(body.schema, document), entries) };
}

/** `keep`, `until` and `when` maps: subject → condition. Subjects are paths of the thing at hand, or references. */
export function buildConditions(
  yaml: Readonly<Record<string, ConditionYaml | readonly unknown[]>>,
  at: Path,
  scope: Scope,
): ConditionModel[] {
  return Object.entries(yaml).flatMap(([subject, condition]) => {
    const here = [...at, subject];
    const found = subject.startsWith("$") ? resolve(subject, here, scope) : resolveHere(subject, here, scope);
    return found ? testsOf(condition, here, scope).map((test) => ({ subject: found.reference, ...test })) : [];
  });
}

function testsOf(yaml: ConditionYaml | readonly unknown[], at: Path, scope: Scope) {
  const entries: [Test, ValueYaml | readonly unknown[]][] = Array.isArray(yaml)
    ? [["in", yaml]]
    : typeof yaml === "object"
      ? tests.flatMap((test) => (test in yaml ? [[test, yaml[test as keyof typeof yaml]] as [Test, ValueYaml]] : []))
      : [["is", yaml as ValueYaml]];
  return entries.flatMap(([test, wanted]) => {
    const isNow = wanted === "now" && (test === "before" || test === "after");
    const value = isNow ? ({ kind: "now" } as const) : buildValue(wanted, at, scope);
    return value ? [{ test, wanted: value }] : [];
  });
}

/** `when: $x`: true for a boolean, there at all for everything else. */
export function givenCondition(found: Resolved): ConditionModel {
  return { subject: found.reference, test: "given", wanted: { kind: "constant", value: true } };
}

export function referencesIn(value: Value | BodyValue | undefined): Reference[] {
  switch (value?.kind) {
    case "reference":
      return [value.reference];
    case "merge":
      return [...value.values];
    case "whole":
      return referencesIn(value.value);
    case "fields":
      return value.fields.flatMap((field) => referencesIn(field.value));
    default:
      return [];
  }
}
