import { type Change, type ToolSnapshot, toolChanges } from "../../gateway/calls/tool-changes.ts";
import { stepsOf } from "../../generator/build/before.ts";
import { operationsOf } from "../../generator/build/choice.ts";
import { buildVendor, openVendor } from "../../generator/build/vendor.ts";
import { listedTools } from "../../generator/emit/schemas.ts";
import { checkVendor } from "../../generator/gates/vendor.ts";
import type { IntakeResult } from "../../generator/intake/intake.ts";
import { type OpenApi, titleOf } from "../../generator/model/openapi.ts";
import { type Problem, problemText } from "../../generator/model/problem.ts";
import type { ToolModel } from "../../generator/model/tool.ts";
import type { VendorModel } from "../../generator/model/vendor.ts";
import type { Source } from "../../generator/read/vendors.ts";

export interface Comparison {
  /** What a newer description does to tools, and to the vendor as a whole (`tool` is its slug). */
  readonly changes: readonly Change[];
  readonly tools: number;
}

/** What would happen to the tools of a vendor if `newer` became its description: those that break, and why. */
export function compareSpecs(source: Source, pinned: OpenApi, newer: IntakeResult): Comparison {
  const old = build(source, pinned);
  const now = build(source, newer.document);
  const users = usersOf(old.model);
  const known = new Set(old.problems.map(problemText));
  const problems = [...newer.problems, ...now.problems.filter((problem) => !known.has(problemText(problem)))];
  const broken = problems.flatMap((problem) => blame(problem, old.model, users));
  const isBroken = new Set(broken.map(({ tool }) => tool));
  const noticed = toolChanges(snapshots(old.model), snapshots(now.model)).filter(({ tool }) => !isBroken.has(tool));
  const changes = [...broken, ...noticed].map((change) => [JSON.stringify(change), change] as const);
  return { changes: [...new Map(changes).values()], tools: old.model.tools.length };
}

function build(source: Source, document: OpenApi): { model: VendorModel; problems: readonly Problem[] } {
  const opened = openVendor(source, document);
  const { model, problems } = buildVendor(opened);
  return { model, problems: [...problems, ...checkVendor(model, opened.source).problems] };
}

const snapshots = (model: VendorModel): ReadonlyMap<string, ToolSnapshot> => {
  const access = new Map(model.tools.map((tool) => [tool.name, tool.access]));
  return new Map(listedTools(model).map((tool) => [tool.name, { access: access.get(tool.name)!, tool }]));
};

/** Tools by the operations they call, each under its name in the YAML and as `GET /path`. */
function usersOf({ slug, tools, verify }: VendorModel): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>();
  const note = (key: string, user: string) => users.set(key, (users.get(key) ?? new Set()).add(user));
  for (const tool of tools)
    for (const operation of calledBy(tool))
      for (const key of [operation.name, titleOf(operation.method, operation.path)]) note(key, tool.name);
  if (verify) for (const key of [verify.name, titleOf(verify.method, verify.path)]) note(key, slug);
  return users;
}

const calledBy = (tool: ToolModel) =>
  stepsOf(tool).flatMap((step) => [
    ...operationsOf(step.choice),
    ...("label" in step ? [step.label.call.operation] : []),
  ]);

/** Whom a problem is about: the tools it names, those that call the operation it names, or the vendor. */
function blame(
  problem: Problem,
  { slug, tools, prefix }: VendorModel,
  users: ReadonlyMap<string, ReadonlySet<string>>,
): Change[] {
  const { where, message, hint } = problem;
  const place = where.slice(where.indexOf(" ") + 1);
  const [section, name = ""] = place.split(".");
  const what = `${message}${hint ? ` (${hint})` : ""}`;
  const title = /\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*|\b(?:query|mutation) \w+/.exec(`${where} ${message}`)?.[0];
  const key = section === "operations" ? name : title?.replace(/:$/, "");
  const own = (section === "tools" || section === "extended") && tools.some((tool) => tool.key === name);
  const named = own ? [`${prefix}_${name}`] : [...(users.get(key ?? "") ?? [])];
  return (named.length > 0 ? named : [slug]).map((tool) => ({ tool, breaks: true, what: key === undefined || own ? what : `${key}: ${what}` })); // biome-ignore format: one thought
}

/** One block for each tool, the broken ones first, and a closing line. */
export function comparisonText({ changes, tools }: Comparison, before: string, after: string): string {
  const byTool = [...Map.groupBy(changes, ({ tool }) => tool)].map(([tool, of]) => ({
    tool,
    of,
    breaks: of.some(({ breaks }) => breaks),
  }));
  const blocks = byTool
    .sort((a, b) => Number(b.breaks) - Number(a.breaks) || (a.tool < b.tool ? -1 : 1))
    .flatMap(({ tool, of, breaks }) => [
      `${breaks ? "BREAKS" : "changes"}  ${tool}`,
      ...of.map((each) => `  ${each.breaks ? "breaks" : "ok    "}  ${each.what}`),
    ]);
  const broken = byTool.filter(({ breaks }) => breaks).length;
  const rest = `${broken} break, ${byTool.length - broken} change, ${Math.max(0, tools - byTool.length)} stay as they are.`;
  return [...blocks, `From ${before} to ${after}: of ${tools} tools ${rest}`].join("\n");
}
