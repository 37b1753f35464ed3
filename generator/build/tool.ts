import type { CustomerModel } from "../model/customer.ts";
import type { OutputModel, Shape } from "../model/output.ts";
import type { StepModel } from "../model/step.ts";
import type { InputModel, ToolModel } from "../model/tool.ts";
import type { InputYaml, OutputYaml, StepYaml, ToolYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildBefore } from "./before.ts";
import { operationsOf } from "./choice.ts";
import { classesOf } from "./classes.ts";
import { buildConfirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { buildInputs } from "./inputs.ts";
import { labelledSteps, withTargets } from "./labelled.ts";
import { buildOutput } from "./output.ts";
import type { Scope, StepScope } from "./reference.ts";
import { buildStep } from "./steps.ts";

/** One tool, with what is added by itself: limit and cursor of its only list, truncated, next_cursor, coverage. */
export function buildTool(key: string, yaml: ToolYaml, context: Context): ToolModel {
  const at: Path = ["tools", key];
  const { prefix, secrets = [] } = context.source.yaml;
  const pagedStep = pagedStepOf(yaml);
  const inputs = [
    ...buildInputs((yaml.input ?? {}) as Readonly<Record<string, string | InputYaml>>, [...at, "input"], context),
  ];
  if (pagedStep) addPaging(inputs, [...at, "input"], context);

  const steps: StepModel[] = [];
  const scopes = new Map<string, StepScope>();
  const scope: Scope = {
    context,
    inputs: new Map(inputs.map((each) => [each.name, each])),
    steps: scopes,
    given: new Set(),
  };
  const labelled = labelledSteps(inputs, at, scope);
  steps.push(...labelled.found());
  // With several changes, `sends` keeps account, and each of them may be left out.
  const isAccounted = Object.values(yaml.steps).filter(({ send }) => send !== undefined).length > 1;
  let changed = false;
  for (const [name, stepYaml] of Object.entries(yaml.steps)) {
    const here = [...at, "steps", name];
    if (scope.inputs.has(name)) context.problem(here, `"${name}" is an input too: $${name} could mean either`);
    // Whether a change could be read back must not decide whether it is reported.
    const isReadBack = changed && (stepYaml.get !== undefined || stepYaml.list !== undefined);
    const built = buildStep(
      name,
      isReadBack ? { ...stepYaml, optional: true as const } : stepYaml,
      here,
      labelled.scope,
      {
        paged: name === pagedStep,
        isAmongSends: isAccounted && stepYaml.send !== undefined,
      },
    );
    changed ||= stepYaml.send !== undefined;
    if (!built) continue;
    steps.push(built.model);
    scopes.set(name, built.scope);
    steps.push(...labelled.found());
  }
  steps.push(...labelled.found(true));

  const access = yaml.access ?? "read";
  const confirm = buildConfirm(yaml, at, scope);
  const before = buildBefore(yaml, at, scope);
  const outputScope = { ...scope, labels: labelled.use, reveals: access === "reveal", secrets };
  // A step that could not be built has its problem; complaints about what reads it would only repeat that.
  const isWhole = scopes.size === Object.keys(yaml.steps).length;
  const declared = isWhole ? buildOutput(yaml.output, [...at, "output"], outputScope) : [];
  if (!isAccounted && declared.some(({ shape }) => shape.kind === "sends"))
    context.problem([...at, "output", "done"], "accounts for several sends, and this tool has not so many", "drop it");
  const output = [...declared, ...added(declared, steps, pagedStep), ...partial(steps)];
  const whole = withTargets([...steps, ...labelled.used()]);
  const cache = access === "read" ? cacheOf(steps) : undefined;
  return {
    name: `${prefix}_${key}`,
    key,
    where: context.source.at(at),
    title: yaml.title,
    description: yaml.description,
    access,
    idempotent: access === "read" || access === "reveal" || yaml.idempotent === true,
    examples: yaml.examples ?? [],
    redact: yaml.redact ?? [],
    onFailure: yaml.onFailure ?? "stop",
    tags: yaml.tags ?? [],
    ...(cache && { cache }),
    ...(confirm && { confirm }),
    ...(before && { before }),
    inputs,
    isWhole,
    customers: customersOf(whole),
    steps: whole,
    output,
    classes: classesOf(output, { access, classes: context.source.yaml.classes, secrets }),
    ...(yaml.class && { dataClass: yaml.class }),
  };
}

/** As old as every operation lets it be. Labels are kept by the connection anyway, for an hour. */
function cacheOf(steps: readonly StepModel[]): ToolModel["cache"] {
  const asking = steps.filter(({ kind }) => kind !== "labels" && kind !== "label");
  const all = asking.flatMap(({ choice }) => operationsOf(choice).map(({ cache }) => cache));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  const seconds = all.filter((each) => typeof each === "number");
  return seconds.length > 0 ? Math.min(...seconds) : true;
}

/** A step that may fail does not keep people from the rest, and neither does a way through a choice that others go round. */
function customersOf(steps: readonly StepModel[]): ToolModel["customers"] {
  const asked = steps.map((step) => ({
    mayFail: "optional" in step && step.optional === true,
    rules: operationsOf(step.choice).map(({ customer }) => customer ?? { kind: "refused" as const, why: "" }),
  }));
  const refused = asked.find(({ mayFail, rules }) => !mayFail && rules.length > 0 && rules.every(isRefused));
  const why = refused?.rules.find(isRefused)?.why;
  if (refused) return { kind: "refused", ...(why && { why }) };
  const rules = asked.flatMap((each) => each.rules);
  return { kind: rules.every(({ kind }) => kind === "shared") ? "shared" : "bounded" };
}

const isRefused = (rule: CustomerModel): rule is CustomerModel & { kind: "refused" } => rule.kind === "refused";

/** The only list step without a limit of its own, when an array at the root of the output is made of it. */
function pagedStepOf({ steps, output }: ToolYaml): string | undefined {
  const isOpen = (step: StepYaml) => step.atMost === undefined && (step.limit === undefined || step.limit === "$limit");
  const lists = Object.entries(steps).filter(
    ([, step]) => step.list !== undefined && step.each === undefined && isOpen(step),
  );
  const [[name] = [], ...more] = lists;
  if (name === undefined || more.length > 0) return;
  const isSource = ([key, entry]: [string, OutputYaml]) => {
    const from =
      typeof entry === "object" && !Array.isArray(entry) ? (entry as Record<string, OutputYaml>).$from : undefined;
    return key.endsWith("[]") && (from === undefined ? key === `${name}[]` : String(from).replace("$", "") === name);
  };
  return Object.entries(output).some(isSource) ? name : undefined;
}

function addPaging(inputs: InputModel[], at: Path, context: Context): void {
  const add = (input: Omit<InputModel, "secret">) => inputs.push({ ...input, secret: false });
  if (inputs.some(({ name }) => name === "cursor")) {
    context.problem([...at, "cursor"], "is added by itself to a paged list: choose another name");
  }
  if (!inputs.some(({ name }) => name === "limit")) {
    const type = { kind: "integer", min: 1, max: 100, usual: true } as const;
    add({ name: "limit", about: "At most 100.", type, presence: "default", default: 25 });
  }
  add({
    name: "cursor",
    about: "The last next_cursor.",
    type: { kind: "string", max: 2000, usual: true },
    presence: "optional",
  });
}

/** The list step whose items an output shows or counts; a total of the vendor's own needs none of them. */
function stepShown(shape: Shape): string | undefined {
  if (shape.kind === "array") return shape.from.value.root.kind === "step" ? shape.from.value.root.name : undefined;
  return shape.kind === "totals" || shape.kind === "count" || shape.kind === "sum" ? shape.step : undefined;
}

/** GraphQL answers what it can and says what it could not. */
function partial(steps: readonly StepModel[]): OutputModel[] {
  const asking = steps.filter(({ choice }) => operationsOf(choice).some(({ graphql }) => graphql !== undefined));
  const vendors = [...new Set(asking.flatMap(({ vendor }) => vendor ?? []))];
  return asking.length > 0 ? [{ name: "partial", required: false, shape: { kind: "partial", vendors } }] : [];
}

function added(
  declared: readonly OutputModel[],
  steps: readonly StepModel[],
  pagedStep: string | undefined,
): OutputModel[] {
  const outputs: OutputModel[] = [];
  const scanned = steps.filter((step) => step.each || (step.kind === "list" && step.keep?.scanPages !== undefined));
  for (const { name, maybe } of scanned) {
    const label = scanned.length === 1 ? "coverage" : `${name}Coverage`;
    outputs.push({ name: label, required: !maybe, shape: { kind: "coverage", step: name } });
  }
  if (declared.some(({ shape }) => shape.kind === "array")) {
    const shown = new Set(declared.flatMap(({ shape }) => stepShown(shape) ?? []));
    const lists = pagedStep
      ? [pagedStep]
      : steps.filter(({ kind, name }) => kind === "list" && shown.has(name)).map(({ name }) => name);
    outputs.push({
      name: "truncated",
      required: true,
      shape: { kind: "truncated", steps: lists, cursor: pagedStep !== undefined },
    });
  }
  return outputs;
}
