import type { LabelModel } from "../model/label.ts";
import { singular } from "../model/names.ts";
import type { Reference } from "../model/reference.ts";
import type { Argument, StepModel } from "../model/step.ts";
import type { InputModel } from "../model/tool.ts";
import type { LabelYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildCall } from "./call.ts";
import type { Context } from "./context.ts";
import type { Scope } from "./reference.ts";
import { shapesOf, typeOf } from "./schemas.ts";
import { elementOf, type Thing, thingOf, walk } from "./thing.ts";
import { buildValue, typed } from "./values.ts";

/** All labels of the YAML, into `context.labels`; what cannot be built is a problem and left out. */
export function buildLabels(context: Context): void {
  for (const [name, yaml] of Object.entries(context.source.yaml.labels ?? {})) {
    const label = buildLabel(name, yaml, ["labels", name], context);
    if (label) context.labels.set(name, label);
  }
}

function buildLabel(name: string, yaml: LabelYaml, at: Path, context: Context): LabelModel | undefined {
  const operation = context.operations.get(yaml.from);
  if (!operation) {
    if (!(yaml.from in context.source.yaml.operations))
      context.unknown([...at, "from"], yaml.from, "an operation", context.operations.keys());
    return;
  }
  if (!operation.reads) context.problem([...at, "from"], `${operation.name} does not only read`);
  const inputs = argumentsOf(yaml, operation.parameters, context);
  const scope: Scope = {
    context,
    inputs: new Map(inputs.map((each) => [each.name, each])),
    steps: new Map(),
    given: new Set(),
  };
  const used = new Set<string>();
  const call = buildCall(operation, { get: yaml.from, ...(yaml.with && { with: yaml.with }) }, at, scope, used);
  for (const key of Object.keys(yaml.with ?? {})) {
    const known = operation.parameters.map((each) => each.name);
    if (!used.has(key)) context.unknown([...at, "with", key], key, `a parameter of ${operation.name}`, known);
  }
  const step = (thing: Thing | undefined, path: string | undefined, key: string) => {
    const found = thing && path !== undefined ? walk(thing, path.split("."), false, [...at, key], context) : undefined;
    return found && { thing: found.thing, reference: { root: { kind: "here" }, ...found.rest } as Reference };
  };
  const list = (thing: Thing | undefined, path: string | undefined, key: string) => {
    const found = step(thing, path, key);
    const element = found && elementOf(found.thing, context);
    if (found && !element) context.problem([...at, key], `${path} is no list`);
    return element && { ...found, thing: element };
  };
  const start = thingOf([operation], operation.list ? "item" : "answer", context);
  const items = list(start, yaml.items, "items");
  if (!operation.list && yaml.items === undefined) context.problem(at, "needs items: where in the answer the list is");
  const item = yaml.items === undefined ? start : items?.thing;
  const keep = Object.entries(yaml.keep ?? {}).flatMap(([field, is]) => {
    const found = step(item, field, "keep");
    return found ? [{ field: found.reference, is }] : [];
  });
  const values = list(item, yaml.values, "values");
  const entry = yaml.values === undefined ? item : values?.thing;
  const id = step(entry, yaml.id, "id");
  const label = [yaml.label].flat().map((path) => step(entry, path, "label"));
  if (!id || label.includes(undefined)) return;
  return {
    name,
    source: JSON.stringify([yaml.from, yaml.with]),
    call,
    inputs,
    ...(items && { items: items.reference }),
    keep,
    ...(values && { values: values.reference }),
    id: id.reference,
    label: label.map((each) => each!.reference),
  };
}

/** `$name` in a label's `with` are arguments of its own. */
function argumentsOf(
  { with: given = {} }: LabelYaml,
  parameters: LabelModel["call"]["operation"]["parameters"],
  { document }: Context,
): InputModel[] {
  return Object.entries(given).flatMap(([key, value]): InputModel[] => {
    if (typeof value !== "string" || !value.startsWith("$")) return [];
    const schema = parameters.find((each) => each.name === key || each.wire === key)?.schema;
    const isNumber =
      schema !== undefined && shapesOf(schema, document).every((shape) => /int|num/.test(typeOf(shape) ?? ""));
    const type = isNumber
      ? ({ kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER } as const)
      : ({ kind: "string", max: 200, usual: true } as const);
    return [{ name: value.slice(1), about: "", type, presence: "required", secret: false }];
  });
}

export interface LabelUse {
  readonly label: LabelModel;
  readonly arguments: readonly Argument[];
}

/** The label that something names, with what it needs to know; undefined with a problem when there is none. */
export function buildLabelUse(
  name: string,
  given: Readonly<Record<string, unknown>>,
  at: Path,
  scope: Scope,
): LabelUse | undefined {
  const { context } = scope;
  const label = context.labels.get(name);
  if (!label) {
    if (!(name in (context.source.yaml.labels ?? {})))
      context.unknown([...at, "label"], name, "a label", context.labels.keys());
    return;
  }
  const known = label.inputs.map((each) => each.name);
  for (const key of Object.keys(given))
    if (!known.includes(key)) context.unknown([...at, "with", key], key, `an argument of the label ${name}`, known);
  const args = label.inputs.flatMap((input): Argument[] => {
    const yaml = given[input.name];
    if (typeof yaml !== "string" || !yaml.startsWith("$")) {
      context.problem([...at, "with"], `the label ${name} needs ${input.name}: an input or something of a step`);
      return [];
    }
    const value = buildValue(yaml, [...at, "with", input.name], scope);
    const schemas = input.type.kind === "integer" ? [{ type: "integer" }] : [];
    return value ? [{ name: input.name, required: true, value: typed(value, schemas) }] : [];
  });
  return args.length === label.inputs.length ? { label, arguments: args } : undefined;
}

/** The step that turns what a person calls something into the vendor's id. */
export function buildLabelStep(
  input: InputModel,
  at: Path,
  scope: Scope,
): Extract<StepModel, { kind: "label" }> | undefined {
  const { name, with: given = {} } = input.label!; // only asked for inputs with one
  const use = buildLabelUse(name, given, at, scope);
  if (!use) return;
  const many = input.type.kind === "array";
  return {
    ...commonOf(freeName(many ? `${singular(input.name)}Ids` : `${input.name}Id`, at, scope), use.label, at, scope),
    ...use,
    kind: "label",
    input: input.name,
    many,
    isNumber: false,
    maybe: input.presence === "optional",
  };
}

/** The step that reads what the vendor calls the ids of an answer. */
export function buildLabelsStep(use: LabelUse, at: Path, scope: Scope): Extract<StepModel, { kind: "labels" }> {
  const name = freeName(`${use.label.name}Labels`, at, scope);
  return { ...commonOf(name, use.label, at, scope), ...use, kind: "labels", maybe: true };
}

const commonOf = (name: string, { call }: LabelModel, at: Path, { context }: Scope) => ({
  name,
  where: context.source.at(at),
  choice: { kind: "call", call } as const,
  when: [],
  aliases: [],
  seen: { partial: false },
});

/** No step of the tool's own has this name. */
function freeName(wanted: string, [, tool = ""]: Path, { inputs, steps, context }: Scope): string {
  const own = context.source.yaml.tools[String(tool)]?.steps ?? {};
  let name = wanted;
  for (let count = 2; inputs.has(name) || steps.has(name) || name in own; count++) name = `${wanted}${count}`;
  return name;
}
