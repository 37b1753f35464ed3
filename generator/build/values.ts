import type { Schema } from "../model/openapi.ts";
import type { Reference } from "../model/reference.ts";
import type { BodyValue, Value } from "../model/step.ts";
import type { ValueYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { resolve, type Scope } from "./reference.ts";
import { typeOf } from "./schemas.ts";

/** `$ref`, a constant, `{ merge: [$a, $b] }` or `{ first: [$a, $b] }`. `$$x` is the text `$x`. */
export function buildValue(yaml: ValueYaml | readonly unknown[], at: Path, scope: Scope): Value | undefined {
  if (typeof yaml === "string" && yaml.startsWith("$$")) return { kind: "constant", value: yaml.slice(1) };
  if (typeof yaml === "string" && yaml.startsWith("$")) {
    const found = resolve(yaml, at, scope);
    return found && { kind: "reference", reference: found.reference };
  }
  if (typeof yaml === "object" && "not" in yaml) return buildNot(yaml.not, [...at, "not"], scope);
  if (typeof yaml === "object" && "utc" in yaml) {
    const found = resolve(yaml.utc, [...at, "utc"], scope);
    return found && { kind: "utc", moment: found.reference };
  }
  if (typeof yaml === "object" && "midnight" in yaml) {
    const found = resolve(yaml.midnight, [...at, "midnight"], scope);
    if (found && found.input?.kind !== "date")
      scope.context.problem([...at, "midnight"], `is for an input of type date; ${yaml.midnight} is none`);
    return found && { kind: "midnight", day: found.reference };
  }
  if (typeof yaml === "object" && "merge" in yaml) {
    const values = yaml.merge.flatMap((each, index) => resolve(each, [...at, "merge", index], scope)?.reference ?? []);
    return { kind: "merge", values, ...(yaml.ids && { ids: yaml.ids }) };
  }
  if (typeof yaml === "object" && "first" in yaml) {
    const values = yaml.first.flatMap((each, index) => buildValue(each, [...at, "first", index], scope) ?? []);
    return { kind: "first", values };
  }
  return { kind: "constant", value: yaml };
}

function buildNot(yaml: string, at: Path, scope: Scope): Value | undefined {
  const found = resolve(yaml, at, scope);
  if (!found) return;
  const { reference, input } = found;
  const isFlag = input ? input.kind === "boolean" : reference.schemas.every(({ type }) => type === "boolean");
  if (isFlag) return { kind: "not", flag: reference };
  scope.context.problem(at, `turns a true into a false; ${yaml} is neither`);
}

/**
 * A number where the vendor has one, although ours is text: the id behind a label. Text where the vendor has text, although
 * ours is a number: the id that another vendor gives.
 */
export function typed(value: Value, schemas: readonly Schema[]): Value {
  if (value.kind === "first") return { ...value, values: value.values.map((each) => typed(each, schemas)) };
  if (value.kind !== "reference" || schemas.length === 0) return value;
  if (schemas.every((schema) => isNumber(schema.items ?? schema))) return { ...value, target: "number" };
  const ours = value.reference.schemas;
  const isText = schemas.every((schema) => typeOf(schema) === "string") && ours.length > 0 && ours.every(isNumber);
  return isText ? { ...value, target: "text" } : value;
}

export const isNumber = (schema: Schema) => typeOf(schema) === "integer" || typeOf(schema) === "number";

export function referencesIn(value: Value | BodyValue | undefined): Reference[] {
  switch (value?.kind) {
    case "reference":
      return [value.reference];
    case "not":
      return [value.flag];
    case "utc":
      return [value.moment];
    case "midnight":
      return [value.day];
    case "filter": {
      const { conditions, named } = value;
      return [...conditions.map(({ wanted }) => wanted), ...(named ? [named.wanted] : [])].flatMap(referencesIn);
    }
    case "merge":
      return [...value.values];
    case "first":
      return value.values.flatMap(referencesIn);
    case "whole":
    case "only":
      return referencesIn(value.value);
    case "fields":
      return value.fields.flatMap((field) => referencesIn(field.value));
    case "list":
      return [...(value.over ? [value.over] : []), ...value.fields.flatMap((field) => referencesIn(field.value))];
    default:
      return [];
  }
}
