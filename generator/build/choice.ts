import type { OperationModel } from "../model/operation.ts";
import type { Choice } from "../model/step.ts";
import type { ChoiceYaml, StepYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { brokenAt, buildCall, hasBodyField } from "./call.ts";
import { resolve, type Scope } from "./reference.ts";
import { fieldNames, shapesOf } from "./schemas.ts";

/** Builds the choice and its calls; problems for entries of `with` that no operation of the choice has. */
export function buildChoice(yaml: ChoiceYaml, step: StepYaml, kind: string, at: Path, scope: Scope): Choice {
  const used = new Set<string>();
  const choice = build(yaml, [...at, kind], scope);
  const operations = operationsOf(choice);
  if (step.where && kind !== "lookup" && operations.length > 0 && !operations.some(({ filter }) => filter)) {
    const names = operations.map(({ name }) => name).join(", ");
    scope.context.problem([...at, "where"], `${names} takes no filter`, "use with or keep, or declare filters");
  }
  for (const key of Object.keys(step.with ?? {})) {
    if (used.has(key) || operations.length === 0) continue;
    const near = operations.find((operation) => hasBodyField(operation, key, scope));
    const broken = near && brokenAt(near, key, scope);
    if (broken) {
      scope.context.unknown([...at, "with", key], broken.name, `a field of the body of ${near.name}`, broken.known);
      continue;
    }
    const known = operations.flatMap(({ parameters, body }) => [
      ...parameters.map(({ name }) => name),
      ...(body ? fieldNames(shapesOf(body.schema, scope.context.document)) : []),
    ]);
    scope.context.unknown(
      [...at, "with", key],
      key,
      `a parameter of ${operations.map(({ name }) => name).join(", ")}`,
      known,
    );
  }
  return choice;

  function build(entry: ChoiceYaml, here: Path, inner: Scope): Choice {
    if (typeof entry === "string") return buildLeaf(entry, here, inner);
    if ("choose" in entry) return buildGiven(entry.choose as Record<string, ChoiceYaml>, [...here, "choose"], inner);
    return buildBy(entry as { by: string } & Record<string, ChoiceYaml>, here, inner);
  }

  function buildLeaf(name: string, here: Path, inner: Scope): Choice {
    if (name === "none") return { kind: "none" };
    const operation = inner.context.operations.get(name);
    if (operation) return { kind: "call", call: buildCall(operation, step, at, inner, used) };
    // An operation that is in the YAML but could not be built has its own problem already.
    if (!(name in inner.context.source.yaml.operations))
      inner.context.unknown(here, name, "an operation", inner.context.operations.keys());
    return { kind: "none" };
  }

  function buildGiven({ else: otherwise, ...cases }: Record<string, ChoiceYaml>, here: Path, inner: Scope): Choice {
    const names = Object.keys(cases);
    for (const name of names) {
      const input = inner.inputs.get(name);
      if (!input) inner.context.unknown([...here, name], name, "an input", inner.inputs.keys());
      else if (input.presence !== "optional") {
        inner.context.problem([...here, name], "is always given: make the input optional, or drop the choice");
      }
    }
    return {
      kind: "given",
      cases: names.map((input) => ({
        input,
        choice: build(cases[input]!, [...here, input], { ...inner, given: new Set([...inner.given, input]) }),
      })),
      else: otherwise === undefined ? { kind: "oneOf", inputs: names } : build(otherwise, [...here, "else"], inner),
    };
  }

  function buildBy(
    { by, else: otherwise, ...cases }: { by: string } & Record<string, ChoiceYaml>,
    here: Path,
    inner: Scope,
  ): Choice {
    const found = resolve(by, [...here, "by"], inner);
    if (!found) return { kind: "none" };
    const values = found.input?.kind === "enum" ? found.input.values : undefined;
    const missing = (values ?? []).filter((value) => !(value in cases));
    for (const value of Object.keys(cases)) {
      if (values && !values.includes(value)) inner.context.unknown([...here, value], value, `a value of ${by}`, values);
    }
    if (otherwise === undefined && (!values || missing.length > 0)) {
      inner.context.problem(
        here,
        values ? `has no case for ${missing.join(", ")}` : "needs else: the value may be anything",
      );
    }
    const isSure = values !== undefined && !found.reference.maybe && missing.length === 0;
    return {
      kind: "by",
      on: found.reference,
      cases: Object.entries(cases).map(([value, entry]) => ({ value, choice: build(entry, [...here, value], inner) })),
      else: otherwise !== undefined ? build(otherwise, [...here, "else"], inner) : { kind: isSure ? "never" : "none" },
    };
  }
}

export function operationsOf(choice: Choice): OperationModel[] {
  switch (choice.kind) {
    case "call":
      return [choice.call.operation];
    case "given":
    case "by":
      return [
        ...new Set([...choice.cases.flatMap(({ choice: inner }) => operationsOf(inner)), ...operationsOf(choice.else)]),
      ];
    default:
      return [];
  }
}

/** Some way through the choice asks nothing. */
export function mayBeEmpty(choice: Choice): boolean {
  if (choice.kind === "given" || choice.kind === "by") {
    return choice.cases.some(({ choice: inner }) => mayBeEmpty(inner)) || mayBeEmpty(choice.else);
  }
  return choice.kind === "none";
}
