import { basename, join, posix, relative, sep } from "node:path";
import { buildAcross } from "./build/across.ts";
import { buildVendor, openVendor } from "./build/vendor.ts";
import { emitAcross } from "./emit/across.ts";
import { emitAcrossDocs, emitDocs, emitTable } from "./emit/docs.ts";
import type { Emitted } from "./emit/emitted.ts";
import { emitVendors } from "./emit/index.ts";
import { emitContract, json, listedTools } from "./emit/schemas.ts";
import { typesWriter } from "./emit/types.ts";
import { emitVendor } from "./emit/vendor.ts";
import { formatted } from "./format.ts";
import { checkBudget, checkTools } from "./gates/budget.ts";
import { checkAcross, checkVendor } from "./gates/vendor.ts";
import type { Job } from "./job.ts";
import type { AcrossModel } from "./model/across.ts";
import { byPlace, type Problem, problemText } from "./model/problem.ts";
import { coreOf, extendedOf, type VendorModel } from "./model/vendor.ts";
import { withTables } from "./read/reference.ts";
import { vendorJsonSchema } from "./read/schema.ts";
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

/** A line of the closing table. */
export interface Row {
  readonly vendor: string;
  readonly operations: number;
  readonly access: Readonly<Record<"read" | "write" | "destroy" | "reveal", number>>;
  /** Tools that are off until they are switched on, and what they take then. */
  readonly extended: { readonly tools: number; readonly tokens: number };
  readonly bytes: number;
  readonly tokens: number;
  readonly ms: number;
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
    files.set(
      posix.join(request.docs, `${vendor.slug}.md`),
      emitDocs(vendor, counts[index]!.total, extendedCounts[index]!.total),
    );
  }
  for (const [index, set] of sets.entries())
    files.set(posix.join(request.docs, `${set.slug}.md`), emitAcrossDocs(set, setCounts[index]!.total));
  // What goes elsewhere, such as a trial, is not what the README is about.
  const isElsewhere = request.docs.startsWith(`${out}/`);
  const readme =
    only === undefined && !isElsewhere ? emitTable(request.read("README.md"), models, across, request.docs) : undefined;
  if (readme !== undefined) files.set("README.md", readme);
  const reference = isElsewhere ? undefined : request.read(REFERENCE);
  if (reference !== undefined) files.set(REFERENCE, withTables(reference));
  const rows = chosen.map((vendor, index) => {
    const ms = drafts.ms.get(vendor.slug)! + types[index]!.ms;
    const tokens = { core: counts[index]!.total, extended: extendedCounts[index]!.total };
    return rowOf(vendor, tokens, bytesOf(files, posix.join(out, vendor.slug)), ms);
  });
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), problems: [], warnings, rows };
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

/** Everything but types.ts, as it comes from the templates: code that is yet to be formatted, and the rest. */
function emitAll(
  request: Request,
  chosen: readonly VendorModel[],
  across: readonly AcrossModel[],
  sets: readonly AcrossModel[],
  yamlOf: ReadonlyMap<string, string>,
) {
  const { root, out, progress = () => {} } = request;
  const runtime = runtimePath(root, out);
  const plain = new Map<string, string>();
  const code = new Map<string, string>();
  const places = new Map<string, string>();
  const ms = new Map<string, number>();
  const add = (folder: string, { path, text, where }: Emitted) => {
    (path.endsWith(".ts") ? code : plain).set(posix.join(folder, path), text);
    places.set(posix.join(folder, path), where);
  };
  const lent = new Map<string, Set<string>>();
  for (const set of across) {
    const { files, used } = emitAcross(set, { runtime, yaml: yamlOf.get(set.slug)! });
    for (const [slug, names] of used) lent.set(slug, new Set([...(lent.get(slug) ?? []), ...names]));
    if (sets.includes(set)) for (const file of files) add(posix.join(out, set.slug), file);
  }
  for (const vendor of chosen) {
    const start = performance.now();
    progress(`${vendor.slug}: ${vendor.operations.length} operations, ${vendor.tools.length} tools`);
    for (const file of emitVendor(vendor, {
      runtime,
      yaml: yamlOf.get(vendor.slug)!,
      lent: lent.get(vendor.slug) ?? new Set(),
    }))
      add(posix.join(out, vendor.slug), file);
    ms.set(vendor.slug, performance.now() - start);
  }
  add(out, emitVendors(slugsToList(request, chosen, across), slugsOf(across), runtime));
  add(out, { path: "contract.json", text: contractText(request, [...chosen, ...sets]), where: "" });
  add(out, { path: "vendors.schema.json", text: json(vendorJsonSchema()), where: "" });
  return { plain, code, places, ms };
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

/** From the folder of all vendors to the runtime's door, with slashes. */
function runtimePath(root: string, out: string): string {
  const path = relative(join(root, out), join(import.meta.dirname, "..", "runtime", "index.ts"))
    .split(sep)
    .join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** With `--only`, the other vendors stay as they are on disk. */
function slugsToList(
  { only, out, read }: Request,
  models: readonly VendorModel[],
  across: readonly AcrossModel[],
): string[] {
  const slugs = models.map(({ slug }) => slug);
  if (only === undefined) return slugs;
  const before = Object.keys(JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"));
  const sets = new Set(slugsOf(across));
  return [...new Set([...before, ...slugs])].filter((slug) => !sets.has(slug));
}

const slugsOf = (models: readonly { readonly slug: string }[]) => models.map(({ slug }) => slug);

function contractText({ only, out, read }: Request, models: readonly (VendorModel | AcrossModel)[]): string {
  const { text } = emitContract(models);
  if (only === undefined) return text;
  const merged = { ...JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"), ...JSON.parse(text) };
  return json(Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function rowOf(
  vendor: VendorModel,
  tokens: { readonly core: number; readonly extended: number },
  bytes: number,
  ms: number,
): Row {
  const access = { read: 0, write: 0, destroy: 0, reveal: 0 };
  for (const tool of coreOf(vendor)) access[tool.access]++;
  const { length: tools } = extendedOf(vendor);
  const extended = { tools, tokens: tools === 0 ? 0 : tokens.extended };
  return {
    vendor: vendor.slug,
    operations: vendor.operations.length,
    access,
    extended,
    bytes,
    tokens: tokens.core,
    ms,
  };
}

/** Nobody pays for the extended tools who did not switch them on: each is held to its size, all together are not. */
const budgetProblems = (vendor: VendorModel, core: TokenCount, extended: TokenCount) => [
  ...checkBudget({ where: vendor.where, tools: coreOf(vendor) }, core),
  ...checkTools({ tools: extendedOf(vendor) }, extended),
];

function bytesOf(files: ReadonlyMap<string, string>, folder: string): number {
  let bytes = 0;
  for (const [path, text] of files) if (path.startsWith(`${folder}/`)) bytes += Buffer.byteLength(text);
  return bytes;
}
