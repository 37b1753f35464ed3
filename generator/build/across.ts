import type { AcrossModel, AcrossToolModel } from "../model/across.ts";
import type { OperationModel } from "../model/operation.ts";
import { didYouMean, type Problem } from "../model/problem.ts";
import type { ToolModel } from "../model/tool.ts";
import type { ToolYaml, VendorYaml } from "../read/schema.ts";
import type { AcrossSource } from "../read/vendors.ts";
import { borrow, documentOf, type Lender } from "./borrow.ts";
import { joined } from "./classes.ts";
import { contextOf } from "./context.ts";
import { buildTool } from "./tool.ts";

/**
 * A set of tools across vendors: its steps call operations of other documents, as `vendor.operation`. What they read and
 * give is noted with the vendor it is asked of, so that the vendor's client has it.
 */
export function buildAcross(
  source: AcrossSource,
  lenders: ReadonlyMap<string, Lender>,
): { model: AcrossModel; problems: Problem[] } {
  const problems: Problem[] = [];
  const { across: slug, prefix, title, tools } = source.yaml;
  const secrets = [...new Set([...lenders.values()].flatMap((lender) => lender.context.source.yaml.secrets ?? []))];
  const classes = joined([...lenders.values()].map((lender) => lender.context.source.yaml.classes));
  const credentials = { help: "" } as VendorYaml["credentials"]; // those of the vendors count
  const yaml = { prefix, secrets, classes, credentials, operations: {}, tools };
  const context = contextOf({ ...source, yaml }, documentOf(lenders), problems);
  for (const name of namesIn(tools)) {
    const operation = borrow(name, lenders);
    if (operation) context.operations.set(name, operation);
    // Whose items a filter is about is another operation: the one that lists them.
    const of = operation?.filter?.of;
    const listing = of === undefined ? undefined : borrow(of, lenders);
    if (of !== undefined && listing) context.operations.set(of, listing);
  }
  const models = Object.entries(tools).map(([key, tool]) => {
    const model = buildTool(key, tool, context);
    return withParts(model, lenders);
  });
  lend(models, context.selected, lenders);
  for (const [index, problem] of problems.entries()) problems[index] = hinted(problem, lenders);
  return { model: { slug, prefix, title, where: source.at([]).trim(), secrets, tools: models }, problems };
}

/** Every `vendor.operation` that a step names. */
function namesIn(tools: Readonly<Record<string, ToolYaml>>): Set<string> {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === "string" && /^[a-z][a-z0-9-]*\.[a-zA-Z]\w*$/.test(value)) names.add(value);
    else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) collect(each);
  };
  for (const { steps } of Object.values(tools))
    for (const { get, list, send, poll, lookup } of Object.values(steps)) collect([get, list, send, poll, lookup]);
  return names;
}

function withParts(tool: ToolModel, lenders: ReadonlyMap<string, Lender>): AcrossToolModel {
  const parts = new Map<string, ToolModel["access"]>();
  for (const { kind, vendor } of tool.steps) {
    if (vendor === undefined) continue;
    const access = kind === "send" ? tool.access : "read";
    if (parts.get(vendor) === undefined || access !== "read") parts.set(vendor, access);
  }
  const titled = [...parts].map(([vendor, access]) => ({
    vendor,
    title: lenders.get(vendor)!.context.source.yaml.title ?? vendor,
    access,
  }));
  return {
    ...tool,
    parts: titled,
    output: [...tool.output, { name: "notConnected", required: true, shape: { kind: "notConnected", parts: titled } }],
  };
}

/** Tells each vendor what these tools read of its answers, give to its operations and name of its client. */
function lend(
  tools: readonly ToolModel[],
  selected: ReadonlyMap<OperationModel, ReadonlySet<string>>,
  lenders: ReadonlyMap<string, Lender>,
) {
  for (const [{ vendor, name }, paths] of selected) {
    const { context } = lenders.get(vendor!)!;
    const original = context.operations.get(name)!;
    context.selected.set(original, new Set([...(context.selected.get(original) ?? []), ...paths]));
  }
  for (const step of tools.flatMap(({ steps }) => steps)) {
    if (step.vendor === undefined) continue;
    lenders.get(step.vendor)!.lent.push(step);
  }
}

function hinted(problem: Problem, lenders: ReadonlyMap<string, Lender>): Problem {
  const [, vendor, operation] = /^"([a-z0-9-]+)\.(\w+)" is not an operation/.exec(problem.message) ?? [];
  if (vendor === undefined || operation === undefined) return problem;
  const lender = lenders.get(vendor);
  if (!lender)
    return {
      ...problem,
      hint: didYouMean(vendor, [...lenders.keys()]) ?? `vendors: ${[...lenders.keys()].join(", ")}`,
    };
  return { ...problem, hint: didYouMean(operation, [...lender.context.operations.keys()]) ?? `declare it among the operations of ${vendor}` }; // biome-ignore format: one thought
}
