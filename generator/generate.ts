import { basename, posix } from "node:path";
import { buildAcross } from "./build/across.ts";
import { buildVendor, openVendor } from "./build/vendor.ts";
import { emitAll } from "./drafts.ts";
import { emitAcrossDocs, emitDocs, emitTable } from "./emit/docs.ts";
import { listedTools } from "./emit/schemas.ts";
import { typesWriter } from "./emit/types.ts";
import { formatted } from "./format.ts";
import { checkBudget, checkTools } from "./gates/budget.ts";
import { checkAcross, checkVendor } from "./gates/vendor.ts";
import type { Job } from "./job.ts";
import type { AcrossModel } from "./model/across.ts";
import { byPlace, type Problem, problemText } from "./model/problem.ts";
import { coreOf, extendedOf, type VendorModel } from "./model/vendor.ts";
import { withTables } from "./read/reference.ts";
import { bytesOf, type Row, rowOf } from "./rows.ts";
import { readSources } from "./sources.ts";
import { countTokens, type TokenCount } from "./tokens.ts";

/** The page about vendors.yaml, whose tables are printed. */
const REFERENCE = "docs/vendors-yaml.md";

export interface Request extends Job {
  /** What is on disk, to see what has changed. */
  read(path: string): string | undefined;
  progress?(line: string): void;
}

export interface Generated {
  /** By path, relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly rows: readonly Row[];
}

/** From YAML and descriptions to text, in memory. Nothing is written here, and nothing is thrown for what a maintainer did. */
export async function generate(request: Request): Promise<Generated> {
  const types = typesWriter();
  try {
    return await generateWith(types, request);
  } finally {
    await types.close();
  }
}

async function generateWith(writer: ReturnType<typeof typesWriter>, request: Request): Promise<Generated> {
  const { out, only } = request;
  const { models, across, problems, warnings, yamlOf } = readModels(request);
  if (problems.length > 0) return failed(problems, warnings);

  const chosen = models.filter(({ slug }) => only === undefined || only === slug);
  const sets = across.filter(({ slug }) => only === undefined || only === slug);
  const drafts = emitAll(request, chosen, across, sets, yamlOf);
  // Biome is a process and openapi-typescript a thread of its own: all three work at the same time.
  const [formattedCode, types, counts, extendedCounts, setCounts] = await Promise.all([
    formatted(drafts.code),
    Promise.all(chosen.map((vendor) => timed(() => writer.write(vendor)))),
    Promise.all(chosen.map((vendor) => countTokens(listedTools({ tools: coreOf(vendor) })))),
    Promise.all(chosen.map((vendor) => countTokens(listedTools({ tools: extendedOf(vendor) })))),
    Promise.all(sets.map((set) => countTokens(listedTools(set)))),
  ]);
  const files = new Map([...drafts.plain, ...formattedCode]);
  for (const [index, { slug }] of chosen.entries()) files.set(posix.join(out, slug, "types.ts"), types[index]!.value);
  const checked = await typeProblems(request, files, drafts.places);
  problems.push(
    ...checked.problems,
    ...chosen.flatMap((vendor, index) => budgetProblems(vendor, counts[index]!, extendedCounts[index]!)),
  );
  problems.push(...sets.flatMap((set, index) => checkBudget(set, setCounts[index]!)));
  if (problems.length > 0) return failed(problems, warnings);

  for (const [path, text] of checked.files) files.set(path, text);
  for (const [index, vendor] of chosen.entries()) {
    const page = emitDocs(vendor, counts[index]!.total, extendedCounts[index]!.total);
    files.set(posix.join(request.docs, `${vendor.slug}.md`), page);
  }
  for (const [index, set] of sets.entries())
    files.set(posix.join(request.docs, `${set.slug}.md`), emitAcrossDocs(set, setCounts[index]!.total));
  for (const [path, text] of tablesIn(request, models, across)) files.set(path, text);
  const rows = chosen.map((vendor, index) => {
    const ms = drafts.ms.get(vendor.slug)! + types[index]!.ms;
    const tokens = { core: counts[index]!.total, extended: extendedCounts[index]!.total };
    return rowOf(vendor, tokens, bytesOf(files, posix.join(out, vendor.slug)), ms);
  });
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), problems: [], warnings, rows };
}

/** Pages of ours with tables in them. What goes elsewhere, such as a trial, is not what they are about. */
function tablesIn({ out, only, docs, read }: Request, models: readonly VendorModel[], across: readonly AcrossModel[]) {
  if (docs.startsWith(`${out}/`)) return [];
  const readme = only === undefined ? emitTable(read("README.md"), models, across, docs) : undefined;
  const reference = read(REFERENCE);
  return [
    ...(readme === undefined ? [] : [["README.md", readme] as const]),
    ...(reference === undefined ? [] : [[REFERENCE, withTables(reference)] as const]),
  ];
}

/** All vendors as models; with `--only`, what is wrong with the others is not this run's business. */
function readModels({ root, files, only }: Request) {
  const { described, across: acrossSources, problems } = readSources(files, root);
  const opened = described.map(({ source, document }) => openVendor(source, document));
  const lenders = new Map(opened.map((vendor) => [vendor.source.yaml.vendor, vendor]));
  const across: AcrossModel[] = [];
  const models: VendorModel[] = [];
  const warnings: Problem[] = [];
  const yamlOf = new Map<string, string>();
  for (const source of acrossSources) {
    const built = buildAcross(source, lenders);
    across.push(built.model);
    yamlOf.set(built.model.slug, basename(source.file));
    if (only !== undefined && only !== built.model.slug) continue;
    const checked = checkAcross(built.model, source);
    problems.push(...built.problems, ...checked.problems);
    warnings.push(...checked.warnings);
  }
  for (const vendor of opened) {
    const { source } = vendor;
    const built = buildVendor(vendor);
    models.push(built.model);
    yamlOf.set(built.model.slug, basename(source.file));
    if (only !== undefined && only !== built.model.slug) continue;
    const checked = checkVendor(built.model, source);
    problems.push(...built.problems, ...checked.problems);
    warnings.push(...checked.warnings);
  }
  if (only !== undefined && !yamlOf.has(only) && problems.length === 0) {
    problems.push({
      where: `--only ${only}`,
      message: "is not a vendor",
      hint: `known: ${[...yamlOf.keys()].join(", ")}`,
    });
  }
  return { models, across, problems, warnings, yamlOf };
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

const failed = (problems: Problem[], warnings: Problem[]): Generated => ({
  files: new Map(),
  // One mistake may be met on several ways through a choice.
  problems: [...new Map(problems.map((problem) => [problemText(problem), problem])).values()].sort(byPlace),
  warnings,
  rows: [],
});

/** Only what differs from the disk is opened by the compiler: the rest was checked when it was written. */
async function typeProblems(request: Request, files: ReadonlyMap<string, string>, places: ReadonlyMap<string, string>) {
  const changed = [...files]
    .filter(([path, text]) => path.endsWith(".ts") && request.read(path) !== text)
    .map(([path]) => path);
  if (changed.length === 0) return { problems: [], files: new Map<string, string>() };
  const { checkTypes } = await import("./check-types.ts");
  return checkTypes(request.root, files, changed, places);
}

/** Nobody pays for the extended tools who did not switch them on: each is held to its size, all together are not. */
const budgetProblems = (vendor: VendorModel, core: TokenCount, extended: TokenCount) => [
  ...checkBudget({ where: vendor.where, tools: coreOf(vendor) }, core),
  ...checkTools({ tools: extendedOf(vendor) }, extended),
];
