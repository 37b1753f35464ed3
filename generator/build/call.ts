import type { OperationModel, ParameterModel } from "../model/operation.ts";
import type { Reference } from "../model/reference.ts";
import type { Argument, BodyField, BodyValue, CallModel, Value } from "../model/step.ts";
import type { StepYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildAsked } from "./filters.ts";
import type { Scope } from "./reference.ts";
import { fieldNames, fieldOf, isOpen, shapesOf, typeOf } from "./schemas.ts";
import { buildValue, typed } from "./values.ts";

/** The call of one operation; `with` entries that it does not have are not its business. */
export function buildCall(
  operation: OperationModel,
  step: StepYaml,
  at: Path,
  scope: Scope,
  used: Set<string>,
): CallModel {
  const yaml = step.with ?? {};
  const path: Argument[] = [];
  const query: Argument[] = [];
  const fields = new Map<string, { value: Value; at: Path }>();
  let whole: Value | undefined;
  for (const [key, entry] of Object.entries(yaml)) {
    const here = [...at, "with", key];
    const parameter = operation.parameters.find((each) => each.name === key || each.wire === key);
    const isBody =
      !parameter && operation.body !== undefined && (key === "body" || hasBodyField(operation, key, scope));
    // What another operation of a choice has further in is not this one's business.
    if ((!parameter && !isBody) || (isBody && key !== "body" && brokenAt(operation, key, scope))) continue;
    used.add(key);
    const value = buildValue(entry, here, scope);
    if (!value) continue;
    if (parameter)
      (parameter.in === "path" ? path : query).push(
        argument(parameter, typed(value, shapesOf(parameter.schema, scope.context.document))),
      );
    else if (key === "body" && !hasBodyField(operation, key, scope)) whole = value;
    else fields.set(key, { value, at: here });
  }
  for (const [param, value] of buildAsked(step, operation, at, scope)) {
    const parameter = operation.parameters.find((each) => each.name === param || each.wire === param);
    if (param in yaml) scope.context.problem([...at, "with", param], "is what where fills in: use one of them");
    if (parameter) query.push(argument(parameter, value));
    else fields.set(param, { value, at: [...at, "where"] });
  }
  const pages = operation.list?.pages;
  const paging = new Set<unknown>(
    pages && [pages.size?.name, "page" in pages ? pages.page : "parameter" in pages && pages.parameter],
  );
  for (const parameter of operation.parameters) {
    if (paging.has(parameter.wire)) continue;
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
  const body = whole ? buildWhole(operation, whole, at, scope) : buildBody(operation, fields, at, scope);
  return { operation, path, query, ...(body && { body }) };
}

const argument = ({ name, required }: ParameterModel, value: Value): Argument => ({ name, required, value });

/** Its first name is a field of the body. */
export function hasBodyField({ body }: OperationModel, dotted: string, { context }: Scope): boolean {
  if (!body) return false;
  const shapes = shapesOf(body.schema, context.document);
  const name = bare(dotted.split(".", 1)[0]!);
  return fieldOf(shapes, name, context.document) !== undefined || (name !== "body" && shapes.some(isOpen));
}

/** Where a path leaves what the body can hold, and what it has there instead; nothing when it fits. */
export function brokenAt({ body }: OperationModel, dotted: string, { context: { document } }: Scope) {
  let shapes = body ? shapesOf(body.schema, document) : [];
  for (const head of dotted.split(".")) {
    const name = bare(head);
    const field = fieldOf(shapes, name, document);
    if (!field) return shapes.length === 0 || shapes.some(isOpen) ? undefined : { name, known: fieldNames(shapes) };
    const elements = field.shapes.flatMap((shape) => (shape.items ? shapesOf(shape.items, document) : []));
    shapes = head === name ? field.shapes : elements;
  }
}

/** `lines[].amount` fills a list. */
const bare = (name: string) => name.replace(/\[\]$/, "");

/** One object; or, when one of its values is a list that was given, one for each element of it. */
function listOf(fields: readonly BodyField[], { inputs }: Scope): BodyValue {
  const over = fields.map(({ value }) => (value.kind === "reference" ? value.reference : undefined)).find(isList);
  if (!over) return { kind: "list", fields };
  const each = {
    kind: "reference",
    reference: { root: { kind: "each" }, path: [], maybe: false, schemas: [] },
  } as const;
  const isOver = ({ value }: BodyField) => value.kind === "reference" && value.reference === over;
  return { kind: "list", over, fields: fields.map((field) => (isOver(field) ? { ...field, value: each } : field)) };

  function isList(reference: Reference | undefined): reference is Reference {
    if (reference?.root.kind !== "input" || reference.path.length > 0) return false;
    return inputs.get(reference.root.name)?.type.kind === "array";
  }
}

/** A body of which nothing is known but that it is one. */
function buildWhole({ body, name }: OperationModel, value: Value, at: Path, { context }: Scope): BodyValue {
  const { needs = [], without = [], kind = "json", schema = {} } = body ?? {};
  if (needs.length + without.length > 0 || kind === "jsonPatch")
    context.problem([...at, "with", "body"], `${name} needs its fields by name: a whole cannot be looked into`);
  return { kind: "whole", value: kind === "value" ? typed(value, shapesOf(schema, context.document)) : value };
}

function buildBody(
  { body, name, list }: OperationModel,
  fields: ReadonlyMap<string, { value: Value; at: Path }>,
  at: Path,
  scope: Scope,
): BodyValue | undefined {
  if (!body) return;
  if (body.kind === "value") {
    scope.context.problem(at, `${name} needs body in with: the value itself`);
    return;
  }
  const { document } = scope.context;
  const paging = new Set(list?.pages?.inBody?.map((path) => path.split(".").at(-1)!));
  const isPatch = body.kind === "jsonPatch";
  const nest = (
    schemas: ReturnType<typeof shapesOf>,
    entries: readonly (readonly [string[], Value, Path])[],
    demanded: readonly string[] = schemas.flatMap((schema) => schema.required ?? []),
  ): BodyField[] => {
    const heads = [...new Set(entries.map(([path]) => path[0]!))];
    const empty: BodyField[] = [];
    for (const required of demanded) {
      if (heads.some((head) => bare(head) === required) || paging.has(required)) continue;
      // An object that needs nothing can be sent with nothing in it.
      const shapes = fieldOf(schemas, required, document)?.shapes ?? [];
      const isFree = shapes.length > 0 && shapes.every((each) => typeOf(each) === "object" && !each.required?.length);
      if (isFree) empty.push({ name: required, required: true, value: { kind: "fields", fields: [] } });
      else scope.context.problem(at, `${name} needs ${required} in with`);
    }
    const given = heads.map((head): BodyField => {
      const own = entries.filter(([path]) => path[0] === head);
      const key = bare(head);
      const field = fieldOf(schemas, key, document);
      const [, value, place] = own[0]!;
      if (!field && !schemas.some(isOpen)) {
        scope.context.unknown(place, key, `a field of the body of ${name}`, fieldNames(schemas));
      }
      const required = demanded.includes(key);
      const isAlone = own.length === 1 && own[0]![0].length === 1;
      const plain = typed(value, field?.shapes ?? []);
      if (isAlone) return { name: key, required, value: head === key ? plain : { kind: "only", value: plain } };
      const inner = own.map(([path, ...rest]) => [path.slice(1), ...rest] as const);
      const shapes = field?.shapes ?? [{ type: "object" }];
      // Of what is patched a field is replaced as a whole, so that every part of it counts.
      const parts = isPatch ? inner.map(([path]) => path[0]!) : undefined;
      if (head === key) return { name: key, required, value: { kind: "fields", fields: nest(shapes, inner, parts) } };
      const elements = shapes.flatMap((shape) => (shape.items ? shapesOf(shape.items, document) : []));
      if (elements.length === 0) scope.context.problem(place, `${key} is no list`, "leave out the []");
      return { name: key, required, value: listOf(nest(elements, inner), scope) };
    });
    return [...given, ...empty];
  };
  const entries = [...fields].map(([key, { value, at: place }]) => [key.split("."), value, place] as const);
  for (const [key, { at: place }] of fields)
    if (body.without.includes(key))
      scope.context.problem(place, `${name} goes without ${key}`, "another operation may take it");
  const shapes = shapesOf(body.schema, document);
  const required = isPatch ? [] : shapes.flatMap((schema) => schema.required ?? []);
  const demanded = [...new Set([...required, ...body.needs])].filter((field) => !body.without.includes(field));
  return { kind: "fields", fields: nest(shapes, entries, demanded) };
}
