import { prune } from "../intake/prune.ts";
import type { CustomerListModel } from "../model/customer.ts";
import type { LabelModel } from "../model/label.ts";
import { type OpenApi, titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { CallModel, StepModel } from "../model/step.ts";
import type { ToolModel } from "../model/tool.ts";
import { stepsOf } from "./before.ts";
import type { Context } from "./context.ts";
import { withoutHeaders } from "./headers.ts";

/** Operations that something calls, with only those parameters that something gives; the client holds nothing else. */
export function inUse(
  tools: readonly ToolModel[],
  lent: readonly StepModel[],
  { verify, customers }: { verify: OperationModel | undefined; customers: CustomerListModel | undefined },
  context: Context,
): OperationModel[] {
  const given = new Map<string, Set<string>>(verify && [[verify.name, new Set()]]);
  for (const step of [...tools.flatMap(stepsOf), ...lent]) {
    forEachCall(step.choice, noteCall);
  }
  if (customers) noteCall(customers.call);
  for (const name of given.keys()) noteThrough(name);

  function noteCall({ operation, path, query }: CallModel) {
    const names = given.get(operation.name) ?? new Set();
    given.set(operation.name, names);
    for (const { name } of [...path, ...query]) names.add(name);
  }

  function noteUse(name: string) {
    if (!given.has(name)) given.set(name, new Set());
  }

  /** What is read to learn whose something is; and what that is read through. A map goes on to what is added meanwhile. */
  function noteThrough(name: string) {
    const rule = context.operations.get(name)?.customer;
    if (rule?.kind !== "bounded") return;
    for (const { operation } of [...rule.through, ...(rule.rows?.through ?? [])]) noteUse(operation);
  }

  const isWhole = tools.every((tool) => tool.isWhole);
  for (const name of context.operations.keys()) {
    if (isWhole && !given.has(name))
      context.problem(["operations", name], "is used by no tool", "remove it, or use it");
  }
  const operations = [...context.operations.values()];
  const all = verify && !context.operations.has(verify.name) ? [verify, ...operations] : operations;
  return all
    .filter(({ name }) => given.has(name))
    .map((operation) => ({
      ...operation,
      parameters: operation.parameters.filter(
        (each) =>
          each.in === "path" ||
          each.required ||
          each.constant !== undefined ||
          given.get(operation.name)!.has(each.name),
      ),
    }));
}

export function labelsInUse(tools: readonly ToolModel[], context: Context): LabelModel[] {
  const used = new Set(
    tools.flatMap((tool) => stepsOf(tool).flatMap((step) => ("label" in step ? [step.label.name] : []))),
  );
  const isWhole = tools.every((tool) => tool.isWhole);
  for (const name of context.labels.keys())
    if (isWhole && !used.has(name)) context.problem(["labels", name], "is used by no tool", "remove it, or use it");
  return [...context.labels.values()].filter(({ name }) => used.has(name));
}

function forEachCall(choice: ToolModel["steps"][number]["choice"], visit: (call: CallModel) => void): void {
  if (choice.kind === "call") visit(choice.call);
  if (choice.kind !== "given" && choice.kind !== "by") return;
  for (const { choice: inner } of choice.cases) forEachCall(inner, visit);
  forEachCall(choice.else, visit);
}

/** The description of these operations, and of their answers only what something reads. */
export function cut(document: OpenApi, operations: readonly OperationModel[], context: Context): OpenApi {
  const fields: Record<string, string[]> = {};
  for (const operation of operations) {
    const name = titleOf(operation.method, operation.path);
    fields[name] = [...(fields[name] ?? []), ...fieldsRead(operation, context)];
  }
  return withoutHeaders(prune(document, { operations: Object.keys(fields), fields }));
}

/** Dotted paths of what is read of an operation's answer. */
export function fieldsRead({ name, list, answer }: OperationModel, context: Context): string[] {
  const selected = [...context.selected].find(([each]) => each.name === name)?.[1];
  const paths = [...(selected ?? []), ...pagingFields(list)];
  if (list?.flat) paths.push([...list.items, "id"].join("."));
  if (answer.flat) paths.push(`${answer.inside ?? ""}.id`.replace(/^\./, ""));
  // A list of which nothing is read is still asked for.
  const items = list?.items.join(".") ?? "";
  if (items !== "" && !paths.some((path) => path.startsWith(`${items}.`))) paths.push(items);
  return paths;
}

function pagingFields(list: OperationModel["list"]): string[] {
  const pages = list?.pages;
  if (!list) return [];
  const paths: (readonly string[])[] = [];
  if (pages?.total) paths.push(pages.total);
  const more = pages && "more" in pages ? pages.more : undefined;
  if (Array.isArray(more)) paths.push(more);
  else if (typeof more === "object" && "kind" in more) {
    if (more.kind === "path") paths.push(more.path);
    if (more.kind === "less") paths.push(more.page, more.pages);
  }
  if (pages?.kind === "searchAfter" || pages?.kind === "idCursor") paths.push([...list.items, ...pages.field]);
  return paths.map((path) => path.join("."));
}
