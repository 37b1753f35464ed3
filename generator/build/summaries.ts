import type { GroupModel, OutputModel } from "../model/output.ts";
import type { OutputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { isMap, type OutputMap, type OutputScope, readItem } from "./output-scope.ts";
import type { StepScope } from "./reference.ts";

const summaries = ["by,count", "by,of,sum", "count", "of,sum", "total"];

/** Figures about a list step instead of its items. */
export const isSummary = (value: OutputMap) =>
  summaries.includes(summaryOf(value)) && [value.count, value.of, value.total].some((step) => typeof step === "string");

const summaryOf = (value: OutputMap) =>
  Object.keys(value)
    .filter((key) => key !== "about")
    .sort()
    .join();

/** `{ count: step }`, `{ sum: path, of: step }`, both also with `by: [path]`, and `{ total: step }` */
export function buildSummary(name: string, yaml: OutputMap, at: Path, scope: OutputScope): OutputModel | undefined {
  const key = yaml.total === undefined ? (yaml.of === undefined ? "count" : "of") : "total";
  const step = scope.steps.get(String(yaml[key]));
  if (step?.kind !== "list" && (step?.kind !== "rows" || key === "total")) {
    const lists = [...scope.steps.values()]
      .filter(({ kind }) => kind === "list" || kind === "rows")
      .map((each) => each.name);
    scope.context.unknown([...at, key], String(yaml[key]), "a list step", lists);
    return;
  }
  const common = { name, required: !step.maybe, ...(typeof yaml.about === "string" && { about: yaml.about }) };
  switch (summaryOf(yaml)) {
    case "count":
      return { ...common, shape: { kind: "count", step: step.name } };
    case "total":
      return { ...common, required: false, shape: { kind: "total", step: step.name } };
    case "of,sum":
    case "by,of,sum": {
      const value = readItem(step, String(yaml.sum), [...at, "sum"], scope);
      return value && { ...common, shape: { kind: "sum", step: step.name, value: value.reference, by: groups() } };
    }
    default:
      return { ...common, shape: { kind: "totals", step: step.name, by: groups() } };
  }

  function groups(): GroupModel[] {
    return groupsOf(yaml.by ?? []).flatMap(([group, path]) => {
      const value = readItem(step as StepScope, path, [...at, "by", group], scope);
      return value ? [{ name: group, value: value.reference }] : [];
    });
  }
}

/** `[kind, site.city]` groups by `kind` and `city`; `{ place: site.city }` names the group itself. */
function groupsOf(by: OutputYaml): (readonly [string, string])[] {
  if (Array.isArray(by)) return by.map((path) => [String(path).split(".").at(-1)!, String(path)] as const);
  return isMap(by) ? Object.entries(by).map(([group, path]) => [group, String(path)] as const) : [];
}
