import { words } from "../model/names.ts";
import type { OperationModel } from "../model/operation.ts";
import type { ConditionModel, EachModel, KeepModel, StepModel, Value } from "../model/step.ts";
import type { ChoiceYaml, StepYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildChoice, mayBeEmpty, operationsOf } from "./choice.ts";
import { buildConditions, givenCondition } from "./conditions.ts";
import { type EachScope, resolve, resolveHere, type Scope, type StepScope } from "./reference.ts";
import { elementOf, thingOf, walk } from "./thing.ts";
import { buildValue } from "./values.ts";

const kinds = ["get", "list", "send", "poll", "lookup"] as const;
type Kind = (typeof kinds)[number];

/** How many items a list step may hold in memory when it only says how many pages it scans. */
const SCAN_LIMIT = 1000;

/** One step, checked; and what later steps and the output may read of it. */
export function buildStep(
  name: string,
  yaml: StepYaml,
  at: Path,
  outer: Scope,
  { paged, isAmongSends }: { paged: boolean; isAmongSends: boolean },
): { model: StepModel; scope: StepScope } | undefined {
  const { context } = outer;
  const given = kinds.filter((kind) => yaml[kind] !== undefined);
  const kind = given[0];
  if (!kind || given.length > 1) {
    context.problem(
      at,
      `expected exactly one of ${kinds.join(", ")}${given.length > 1 ? `, found ${given.join(" and ")}` : ""}`,
    );
    return;
  }
  const { when, sure } = buildWhen(yaml, at, outer);
  const each = yaml.each === undefined ? undefined : buildEach(yaml, at, outer);
  if (yaml.each !== undefined && !each) return;
  const scope: Scope = { ...outer, given: new Set([...outer.given, ...sure]), ...(each && { each: each.scope }) };
  const choice = buildChoice(yaml[kind] as ChoiceYaml, yaml, kind, at, scope);
  const operations = operationsOf(choice);
  if (operations.length === 0) return;
  checkOperations(kind, operations, at, context);
  checkKeys(kind, yaml, at, context);

  const vendors = new Set(operations.map(({ vendor }) => vendor));
  if (vendors.size > 1) context.problem([...at, kind], "chooses between vendors: make it a step for each");
  const [vendor] = vendors;
  const thing = thingOf(operations, kind === "list" || kind === "lookup" ? "item" : "answer", context);
  const inside: Scope = { ...scope, here: thing };
  const keep = yaml.keep && buildKeep(yaml, at, inside);
  const optional = yaml.optional === "missing" ? "missing" : yaml.optional === true;
  const maybe =
    when.length > 0 ||
    mayBeEmpty(choice) ||
    vendor !== undefined ||
    (optional !== false && !each) ||
    isAmongSends ||
    (kind === "send" && each !== undefined);
  const common = {
    name,
    where: context.source.at(at),
    choice,
    when,
    maybe,
    aliases: thing.aliases,
    seen: thing.seen,
    ...(vendor !== undefined && { vendor }),
    ...(each && { each: each.model }),
  };
  const scopeKind = each
    ? "rows"
    : kind === "list"
      ? "list"
      : kind === "poll"
        ? "poll"
        : thing.shapes.length > 0
          ? "one"
          : "nothing";
  const stepScope: StepScope = { name, kind: scopeKind, thing, maybe, ...(each && { each: each.scope }) };

  const model = ((): StepModel | undefined => {
    switch (kind) {
      case "get":
        return { ...common, kind, optional, ...(keep && { keep }) };
      case "send":
        return { ...common, kind };
      case "list": {
        const limit = limitOf(yaml, at, scope, paged, each !== undefined);
        return limit && { ...common, kind, optional, limit, paged, ...(keep && { keep }) };
      }
      case "poll": {
        const until = buildConditions(yaml.until ?? {}, [...at, "until"], inside);
        const within = yaml.within?.startsWith("$")
          ? buildValue(yaml.within, [...at, "within"], scope)
          : ({ kind: "constant", value: milliseconds(yaml.within ?? "60s") / 1000 } as const);
        const everyMs = milliseconds(yaml.every ?? "5s");
        return within && { ...common, kind, ...(keep && { keep }), until, everyMs, within };
      }
      case "lookup":
        return buildLookup(common, yaml, at, inside);
    }
  })();
  return model && { model, scope: stepScope };
}

function buildWhen({ when: yaml }: StepYaml, step: Path, scope: Scope): { when: ConditionModel[]; sure: string[] } {
  const at = [...step, "when"];
  if (yaml === undefined) return { when: [], sure: [] };
  if (typeof yaml === "string") {
    const name = yaml.slice(1);
    // Whether it was given is known before its id is.
    const { ids, ...asGiven } = scope;
    const found = resolve(yaml, at, ids?.has(name) ? scope : asGiven);
    return { when: found ? [givenCondition(found)] : [], sure: scope.inputs.has(name) ? [name] : [] };
  }
  return { when: buildConditions(yaml, at, scope), sure: [] };
}

function buildEach(yaml: StepYaml, at: Path, scope: Scope): { model: EachModel; scope: EachScope } | undefined {
  const { context } = scope;
  const here = [...at, "each"];
  if (yaml.atMost === undefined) {
    context.problem(at, "each needs atMost: how many calls it may make");
    return;
  }
  const atMost = buildValue(yaml.atMost, [...at, "atMost"], scope);
  const [root = "", ...path] = yaml.each!.slice(1).split(".");
  const step = scope.steps.get(root);
  if (step?.kind === "rows") {
    context.problem(here, `$${root} is an each itself; read its source instead`);
    return;
  }
  if (step?.kind === "list") {
    const found = walk(step.thing, path, false, here, context);
    const over = { root: { kind: "step", name: root }, path: [], maybe: step.maybe, schemas: [] } as const;
    if (!found || !atMost) return;
    return { model: { over, atMost }, scope: { thing: step.thing, path: found.rest.path, maybe: found.rest.maybe } };
  }
  const found = resolve(yaml.each!, here, scope);
  if (!found || !atMost) return;
  const model = { over: found.reference, atMost };
  if (found.input?.kind === "array") return { model, scope: { thing: found.input.items, path: [], maybe: false } };
  const element = found.thing && elementOf(found.thing, context);
  if (element) return { model, scope: { thing: element, path: [], maybe: false } };
  context.problem(here, `${yaml.each} is not a list`);
}

function buildKeep(yaml: StepYaml, at: Path, scope: Scope): KeepModel {
  const conditions = buildConditions(yaml.keep ?? {}, [...at, "keep"], scope);
  return { conditions, ...(yaml.scanPages !== undefined && { scanPages: yaml.scanPages }) };
}

function limitOf(yaml: StepYaml, at: Path, scope: Scope, paged: boolean, each: boolean): Value | undefined {
  if (paged) return buildValue("$limit", [...at, "limit"], scope);
  const limit = yaml.limit ?? (each ? 100 : yaml.atMost) ?? (yaml.scanPages === undefined ? undefined : SCAN_LIMIT);
  if (limit !== undefined) return buildValue(limit, [...at, "limit"], scope);
  scope.context.problem(
    at,
    "a list needs limit, atMost or scanPages",
    "only the sole list behind an array at the root of output is paged by itself",
  );
}

function buildLookup(
  common: Omit<StepModel & { kind: "lookup" }, "kind" | "what" | "by" | "is" | "contains" | "id">,
  yaml: StepYaml,
  at: Path,
  scope: Scope,
): StepModel | undefined {
  const [[field, condition] = [], ...more] = Object.entries(yaml.where ?? {});
  const here = [...at, "where"];
  const isAsked = operationsOf(common.choice).some(({ filter }) => filter);
  if (field === undefined || condition === undefined || (more.length > 0 && !isAsked)) {
    scope.context.problem(at, "lookup needs where with one field, such as { name: $type }");
    return;
  }
  const wanted = typeof condition === "object" ? (condition.contains ?? condition.is) : condition;
  const by = resolveHere(yaml.label ?? field, here, scope);
  const is = wanted === undefined ? undefined : buildValue(wanted, [...here, field], scope);
  if (!by || !is) return;
  const contains = isAsked || (typeof condition === "object" && condition.contains !== undefined);
  const id = yaml.id === undefined ? undefined : resolveHere(yaml.id, [...at, "id"], scope);
  return {
    ...common,
    ...(id && { id: id.reference }),
    kind: "lookup",
    what:
      yaml.what ??
      words(common.name)
        .filter((word) => word !== "found")
        .join(" "),
    by: by.reference,
    is,
    contains,
  };
}

function checkOperations(
  kind: Kind,
  operations: readonly OperationModel[],
  at: Path,
  { problem }: Scope["context"],
): void {
  for (const { name, reads, list, method, graphql } of operations) {
    if (kind === "send" && reads) problem([...at, kind], `${name} only reads: use get or list`);
    if (kind !== "send" && !reads) {
      const mayRead = method === "post" && !graphql;
      const hint = mayRead ? "or say reads: true on the operation if it changes nothing" : undefined;
      problem([...at, kind], `${name} is a ${graphql?.kind ?? method.toUpperCase()}: use send`, hint);
    }
    if ((kind === "list" || kind === "lookup") && !list)
      problem([...at, kind], `${name} has no items: say where in the answer the array is`);
  }
}

const keysOf: Readonly<Record<Kind, readonly string[]>> = {
  get: ["where", "keep", "optional", "each", "atMost"],
  list: ["where", "optional", "each", "atMost", "limit", "keep", "scanPages"],
  send: ["each", "atMost"],
  poll: ["where", "keep", "until", "every", "within"],
  lookup: ["where", "label", "id", "what"],
};

function checkKeys(kind: Kind, yaml: StepYaml, at: Path, { problem }: Scope["context"]): void {
  const known = ["with", "when", kind, ...keysOf[kind]];
  for (const key of Object.keys(yaml)) if (!known.includes(key)) problem([...at, key], `does nothing for ${kind}`);
  if (kind === "poll" && !yaml.until) problem(at, "poll needs until: the values that end it");
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `5s`, `100h`; the schema of the YAML admits nothing else. */
export function milliseconds(duration: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
  return Number(count) * UNITS[(unit ?? "s") as keyof typeof UNITS];
}
