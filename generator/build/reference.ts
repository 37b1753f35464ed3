import type { Reference, Segment } from "../model/reference.ts";
import type { InputModel, InputType } from "../model/tool.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { type Thing, walk } from "./thing.ts";

export interface StepScope {
  readonly name: string;
  readonly kind: "one" | "list" | "rows" | "poll" | "nothing";
  readonly thing: Thing;
  /** A `when`, `optional` or an empty choice may leave it without a value. */
  readonly maybe: boolean;
  readonly each?: EachScope;
}

/** What `$each` is: the item itself, or a field of it (`each: $devices.uid`). */
export interface EachScope {
  readonly thing: Thing | InputType;
  readonly path: readonly Segment[];
  readonly maybe: boolean;
}

export interface Scope {
  readonly context: Context;
  readonly inputs: ReadonlyMap<string, InputModel>;
  readonly steps: ReadonlyMap<string, StepScope>;
  readonly each?: EachScope;
  readonly here?: Thing;
  /** Steps that answer the ids behind inputs which take a label. Without them an input is what was given. */
  readonly ids?: ReadonlyMap<string, { readonly name: string; readonly maybe: boolean }>;
  /** Inputs that are certainly given where this is read: inside `when: $x` or the case of a choice. */
  readonly given: ReadonlySet<string>;
}

/** `$device.siteUid`, `$siteUid`, `$each.uid`; undefined with a problem when it does not lead anywhere. */
export function resolve(text: string, at: Path, scope: Scope): Resolved | undefined {
  const [name = "", ...path] = text.slice(1).split(".");
  if (name === "each") return resolveEach(path, at, scope);
  const input = scope.inputs.get(name);
  if (input?.label && scope.ids) return resolveId(input, path, at, scope);
  if (input) return resolveInput(input, path, at, scope);
  const step = scope.steps.get(name);
  if (step) return resolveStep(step, path, at, scope);
  const known = [...scope.inputs.keys(), ...scope.steps.keys(), ...(scope.each ? ["each"] : [])];
  scope.context.unknown(
    at,
    `$${name}`,
    "an input or an earlier step",
    known.map((each) => `$${each}`),
  );
}

/** A path relative to the thing at hand. */
export function resolveHere(text: string, at: Path, scope: Scope): Resolved | undefined {
  if (!scope.here) {
    scope.context.problem(at, `expected a reference such as $device.${text}`, "a bare path needs an object around it");
    return;
  }
  const found = walk(scope.here, text.split("."), false, at, scope.context);
  return found && { reference: { root: { kind: "here" }, ...found.rest }, thing: found.thing };
}

export interface Resolved {
  readonly reference: Reference;
  /** What it leads to; undefined for inputs. */
  readonly thing?: Thing;
  readonly input?: InputType;
  /** The step, when the reference is the step itself and nothing in it. */
  readonly step?: StepScope;
}

/** Of an input that takes a label, the id. */
function resolveId({ name, type }: InputModel, path: readonly string[], at: Path, scope: Scope): Resolved | undefined {
  const id = scope.ids!.get(name);
  if (path.length > 0) scope.context.problem(at, `$${name} is an id: nothing can be read of it`);
  else if (id) {
    const maybe = id.maybe && !scope.given.has(name);
    const root = { kind: "step", name: id.name } as const;
    return { reference: { root, path: [], maybe, schemas: [] }, input: type };
  } else scope.context.problem(at, `the id of $${name} is not known here yet: its label needs a later step`);
  return undefined;
}

function resolveInput(input: InputModel, path: readonly string[], at: Path, scope: Scope): Resolved | undefined {
  let type = input.type;
  let maybe = input.presence === "optional" && !scope.given.has(input.name);
  const segments: Segment[] = [];
  for (const name of path) {
    if (type.kind !== "object") {
      scope.context.problem(at, `"${name}" is not a field: the input ${input.name} has no fields there`);
      return;
    }
    const field: InputModel | undefined = type.fields.find((each) => each.name === name);
    if (!field) {
      scope.context.unknown(
        at,
        name,
        `a field of the input ${input.name}`,
        type.fields.map((each) => each.name),
      );
      return;
    }
    segments.push({ name, optional: maybe });
    maybe ||= field.presence === "optional";
    type = field.type;
  }
  return { reference: { root: { kind: "input", name: input.name }, path: segments, maybe, schemas: [] }, input: type };
}

function resolveStep(step: StepScope, path: readonly string[], at: Path, scope: Scope): Resolved | undefined {
  const root = { kind: "step", name: step.name } as const;
  if (path.length === 0) {
    return { reference: { root, path: [], maybe: step.maybe, schemas: step.thing.shapes }, thing: step.thing, step };
  }
  if (step.kind === "poll" && path[0] === "finished" && path.length === 1) {
    const schemas = [{ type: "boolean" }];
    return { reference: { root, path: [{ name: "finished", optional: step.maybe }], maybe: step.maybe, schemas } };
  }
  if (step.kind === "list" || step.kind === "rows") {
    scope.context.problem(at, `$${step.name} is a list: write each: $${step.name}, or ${step.name}[] in output`);
    return;
  }
  if (step.kind === "nothing") {
    scope.context.problem(at, `$${step.name} answers nothing that could be read`);
    return;
  }
  const maybe = step.maybe || step.kind === "poll";
  const found = walk(step.thing, path, maybe, at, scope.context);
  if (!found) return;
  const before: Segment[] = step.kind === "poll" ? [{ name: "answer", optional: step.maybe }] : [];
  return { reference: { root, ...found.rest, path: [...before, ...found.rest.path] }, thing: found.thing };
}

function resolveEach(path: readonly string[], at: Path, scope: Scope): Resolved | undefined {
  const { each } = scope;
  if (!each) {
    scope.context.problem(at, "$each is the item of a step with each, and this is none");
    return;
  }
  const root = { kind: "each" } as const;
  if ("kind" in each.thing) {
    const type = each.thing;
    const [name] = path;
    if (name === undefined) return { reference: { root, path: [], maybe: false, schemas: [] }, input: type };
    const field =
      type.kind === "object" && path.length === 1
        ? type.fields.find((candidate) => candidate.name === name)
        : undefined;
    if (!field) {
      scope.context.unknown(
        at,
        path.join("."),
        "a field of $each",
        type.kind === "object" ? type.fields.map((known) => known.name) : [],
      );
      return;
    }
    const maybe = field.presence === "optional";
    return { reference: { root, path: [{ name, optional: false }], maybe, schemas: [] }, input: field.type };
  }
  const found = walk(each.thing, path, each.maybe, at, scope.context);
  return found && { reference: { root, ...found.rest, path: [...each.path, ...found.rest.path] }, thing: found.thing };
}
