import type { DialectModel, FieldCondition, FilterModel, Operator } from "../model/filter.ts";
import type { Schema } from "../model/openapi.ts";
import type { BodyModel, OperationModel, ParameterModel } from "../model/operation.ts";
import type { NamedModel, Test, Value } from "../model/step.ts";
import type { FiltersYaml, OperationYaml, StepYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { testsOf } from "./conditions.ts";
import type { Context } from "./context.ts";
import type { Scope } from "./reference.ts";
import { fieldNames, fieldOf, isOpen, shapesOf } from "./schemas.ts";
import { buildValue, isNumber, typed } from "./values.ts";

/** The vendor's filters with what this operation changes of them, where it has something to put them in. */
export function buildFilter(
  name: string,
  yaml: OperationYaml,
  vendor: VendorYaml,
  { parameters, body }: { parameters: readonly ParameterModel[]; body?: BodyModel },
  at: Path,
  context: Context,
): FilterModel | undefined {
  if (yaml.filters === "none") return;
  // Another style is another dialect: nothing of the vendor's own applies to it.
  const isOther = yaml.filters?.style !== undefined && yaml.filters.style !== vendor.filters?.style;
  const merged: FiltersYaml = { ...(!isOther && vendor.filters), ...yaml.filters };
  const { style, param, nest, of, child, ...options } = merged;
  const place = yaml.filters ? [...at, "filters"] : ["filters"];
  if (!vendor.filters && !yaml.filters) return;
  if (!style || param === undefined) {
    context.problem(place, `filters need ${style ? "param" : "style"}`);
    return;
  }
  if (!takes(param, parameters, body, context)) {
    // What the vendor takes elsewhere, this operation need not take.
    const known = [
      ...parameters.map(({ name }) => name),
      ...(body ? fieldNames(shapesOf(body.schema, context.document)) : []),
    ];
    if (yaml.filters?.param) context.unknown(place, param, `a query parameter or body field of ${yaml.do}`, known);
    return;
  }
  const dialect = dialectOf(style, options, place, context);
  if (!dialect) return;
  const key = JSON.stringify(dialect);
  const called = context.filters.get(key) ?? (context.filters.size === 0 ? "filter" : `${name}Filter`);
  context.filters.set(key, called);
  return {
    name: called,
    param,
    nest: nest ?? ".",
    dialect,
    ...(of !== undefined && { of }),
    ...(child !== undefined && takes(child, parameters, body, context) && { child }),
  };
}

function takes(param: string, parameters: readonly ParameterModel[], body: BodyModel | undefined, context: Context) {
  if (parameters.some((each) => each.in === "query" && (each.name === param || each.wire === param))) return true;
  let shapes = body ? shapesOf(body.schema, context.document) : [];
  for (const name of param.split(".")) {
    const field = fieldOf(shapes, name, context.document);
    if (!field) return false;
    shapes = field.shapes;
  }
  return true;
}

function dialectOf(
  style: NonNullable<FiltersYaml["style"]>,
  { ops, none, zone, ...texts }: Omit<FiltersYaml, "style" | "param" | "nest" | "of" | "child">,
  at: Path,
  { problem }: Context,
): DialectModel | undefined {
  if (zone && style !== "rule") problem([...at, "zone"], `is for style rule; this is ${style}`);
  if (style !== "conditions") {
    for (const [key, value] of Object.entries(texts))
      if (value !== undefined) problem([...at, key], `is for style conditions; this is ${style}`);
    if (!ops) {
      problem(at, `style ${style} needs ops: what the vendor calls each condition`);
      return;
    }
    if (style === "tree") return { style, ops, ...(none && { none }) };
  }
  if (none) problem([...at, "none"], `is for style tree; this is ${style}`);
  if (style === "rule") return { style, ...(zone && { zone }), ops: ops ?? {} };
  return { style, ...texts, ...(ops && { ops }) };
}

/** What a step's `where` asks of the vendor, as values for the parameters or body fields that take it. */
export function buildAsked(step: StepYaml, operation: OperationModel, at: Path, scope: Scope): [string, Value][] {
  const { filter } = operation;
  const { context } = scope;
  if (!filter) return [];
  const [first, ...others] = Object.entries(step.where ?? {});
  const named = step.lookup !== undefined && first ? buildNamed(first, step, operation, at, scope) : undefined;
  const own: FieldCondition[] = [];
  const child: FieldCondition[] = [];
  for (const [subject, condition] of named ? others : Object.entries(step.where ?? {})) {
    const here = [...at, "where", subject];
    const field = fieldNamed(subject, operation, here, context);
    if (!field) continue;
    for (const { test, wanted } of testsOf(condition, here, scope)) {
      checkDialect(test, wanted, filter.dialect, here, context);
      const entry = { field: wire(subject, filter), test, wanted: typed(wanted, field.schemas), required: false };
      (filter.child !== undefined && field.inList ? child : own).push(entry);
    }
  }
  // Asked for nothing in particular, the vendor would answer the first of all.
  const required = operation.answer.first && ![...own, ...child].some(isCertain);
  const insisting = (conditions: FieldCondition[]) => conditions.map((each) => ({ ...each, required }));
  const isNeeded = own.length > 0 || named || (filter.dialect.style === "tree" && filter.dialect.none);
  const values: [string, Value][] = [];
  if (isNeeded)
    values.push([filter.param, { kind: "filter", filter, conditions: insisting(own), ...(named && { named }) }]);
  if (child.length > 0) values.push([filter.child!, { kind: "filter", filter, conditions: insisting(child) }]);
  return values;
}

const isCertain = ({ wanted }: FieldCondition) => wanted.kind === "reference" && !wanted.reference.maybe;

const wire = (subject: string, { nest }: FilterModel) => subject.split(".").join(nest);

/** A lookup asks for names with the text in them, and picks the one that is equal; digits may be an id. */
function buildNamed(
  [subject, condition]: [string, NonNullable<StepYaml["where"]>[string]],
  { id }: StepYaml,
  operation: OperationModel & { filter?: FilterModel },
  at: Path,
  scope: Scope,
): NamedModel | undefined {
  const filter = operation.filter!; // asked by buildAsked
  const here = [...at, "where", subject];
  const text = typeof condition === "object" ? (condition.contains ?? condition.is) : condition;
  const wanted = text === undefined ? undefined : buildValue(text, here, scope);
  const field = fieldNamed(subject, operation, here, scope.context);
  const ids = id === undefined ? undefined : fieldNamed(id, operation, [...at, "id"], scope.context);
  if (!wanted || !field || (id !== undefined && !ids)) return;
  const canContain = filter.dialect.style === "conditions" || filter.dialect.ops.contains !== undefined;
  return {
    wanted,
    field: wire(subject, filter),
    test: canContain && !field.schemas.some(isNumber) ? "contains" : "is",
    ...(id !== undefined && { id: { field: wire(id, filter), isNumber: ids!.schemas.some(isNumber) } }),
  };
}

/** The schemas of a field that is filtered by; nothing is read of it, so that answers need not hold it. */
function fieldNamed(
  subject: string,
  operation: OperationModel,
  at: Path,
  context: Context,
): { schemas: readonly Schema[]; inList: boolean } | undefined {
  if (subject.startsWith("$")) {
    context.problem(at, "where asks for fields of the vendor's: write the field first, as in { name: $name }");
    return;
  }
  const { filter } = operation;
  const asked = filter?.of === undefined ? operation : context.operations.get(filter.of);
  if (!asked) {
    context.unknown(["operations", operation.name, "filters"], filter!.of!, "an operation", context.operations.keys());
    return;
  }
  const item = asked.list?.item ?? (asked.answer.first ? asked.answer.schema : undefined);
  // A count answers nothing of what it counts.
  if (!item) return { schemas: [], inList: false };
  let shapes = shapesOf(item, context.document);
  let inList = false;
  for (const name of subject.split(".")) {
    const elements = shapes.flatMap((shape) => (shape.items ? shapesOf(shape.items, context.document) : []));
    if (elements.length > 0) [shapes, inList] = [elements, true];
    const field = fieldOf(shapes, name, context.document);
    if (!field && (shapes.length === 0 || shapes.some(isOpen))) return { schemas: [], inList };
    if (!field) {
      context.unknown(at, name, `a field of the items of ${asked.name}`, fieldNames(shapes));
      return;
    }
    shapes = field.shapes;
  }
  return { schemas: shapes, inList };
}

const operatorOf: Readonly<Partial<Record<Test, Operator>>> = { olderThan: "before", within: "after", dueIn: "before" };

function checkDialect(test: Test, wanted: Value, dialect: DialectModel, at: Path, { problem }: Context): void {
  if (dialect.style === "conditions") return;
  const operator = operatorOf[test] ?? (test as Operator); // `given` is no test of a map
  const needed: Operator[] = test === "within" ? ["after", "before"] : [operator];
  if (test === "missing")
    needed.splice(
      0,
      1,
      ...((wanted.kind === "constant"
        ? [wanted.value === false ? "present" : "missing"]
        : (["missing", "present"] as const)) as Operator[]),
    );
  for (const each of needed) {
    if (dialect.ops[each] === undefined)
      problem(
        at,
        `this vendor cannot be asked for ${test}`,
        `name its operator in filters: ops: { ${each}: … }, or use keep`,
      );
  }
}
