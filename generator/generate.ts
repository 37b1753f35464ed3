import { basename, join, posix, relative, sep } from "node:path";
import { buildVendor } from "./build/vendor.ts";
import { emitDocs, emitTable } from "./emit/docs.ts";
import type { Emitted } from "./emit/emitted.ts";
import { emitVendors } from "./emit/index.ts";
import { emitContract, json, listedTools } from "./emit/schemas.ts";
import { emitTypes } from "./emit/types.ts";
import { emitVendor } from "./emit/vendor.ts";
import { formatted } from "./format.ts";
import { checkBudget } from "./gates/budget.ts";
import { checkVendor } from "./gates/vendor.ts";
import { byPlace, type Problem, problemText } from "./model/problem.ts";
import type { VendorModel } from "./model/vendor.ts";
import { vendorJsonSchema } from "./read/schema.ts";
import { readSources } from "./sources.ts";
import { countTokens } from "./tokens.ts";

export interface Request {
  /** Absolute; everything else is relative to it. */
  readonly root: string;
  readonly files: readonly string[];
  /** Where generated code goes: `generated`. */
  readonly out: string;
  /** Where pages about vendors go: `docs/vendors`. */
  readonly docs: string;
  readonly only?: string;
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
  readonly bytes: number;
  readonly tokens: number;
  readonly ms: number;
}

/** From YAML and descriptions to text, in memory. Nothing is written here, and nothing is thrown for what a maintainer did. */
export async function generate(request: Request): Promise<Generated> {
  const { root, files, out, only, progress = () => {} } = request;
  const { described, problems } = readSources(files, root);
  const models: VendorModel[] = [];
  const warnings: Problem[] = [];
  const yamlOf = new Map<string, string>();
  for (const { source, document } of described) {
    const built = buildVendor(source, document);
    const checked = checkVendor(built.model, source);
    if (only === undefined || only === built.model.slug) {
      problems.push(...built.problems, ...checked.problems);
      warnings.push(...checked.warnings);
    }
    models.push(built.model);
    yamlOf.set(built.model.slug, basename(source.file));
  }
  if (only !== undefined && !models.some(({ slug }) => slug === only)) {
    problems.push({
      where: `--only ${only}`,
      message: "is not a vendor",
      hint: `known: ${models.map(({ slug }) => slug).join(", ")}`,
    });
  }
  if (problems.length > 0) return failed(problems, warnings);

  const chosen = models.filter(({ slug }) => only === undefined || only === slug);
  const runtime = runtimePath(root, out);
  const places = new Map<string, string>();
  const plain = new Map<string, string>();
  const code = new Map<string, string>();
  const rows: Row[] = [];
  const add = (base: string, { path, text, where }: Emitted) => {
    const full = posix.join(base, path);
    places.set(full, where);
    (/\.ts$/.test(path) && path !== "types.ts" ? code : plain).set(full, text);
  };
  for (const vendor of chosen) {
    const start = performance.now();
    progress(`${vendor.slug}: ${vendor.operations.length} operations, ${vendor.tools.length} tools`);
    const emitted = emitVendor(vendor, { runtime, yaml: yamlOf.get(vendor.slug)! });
    for (const file of emitted) add(posix.join(out, vendor.slug), file);
    rows.push(rowOf(vendor, emitted, performance.now() - start));
  }
  const everyone = only === undefined ? models : chosen;
  add(out, emitVendors(slugsToList(request, everyone), runtime));
  add(out, { path: "contract.json", text: contractText(request, everyone), where: "" });
  add(out, { path: "vendors.schema.json", text: json(vendorJsonSchema()), where: "" });

  // Biome is a process of its own: it formats while openapi-typescript works here.
  const [pretty, types, counts] = await Promise.all([
    formatted(code),
    Promise.all(chosen.map(async (vendor) => [vendor, await emitTypes(vendor)] as const)),
    Promise.all(chosen.map(async (vendor) => [vendor, await countTokens(listedTools(vendor))] as const)),
  ]);
  for (const [vendor, file] of types) add(posix.join(out, vendor.slug), file);
  for (const [vendor, tokens] of counts) problems.push(...checkBudget(vendor, tokens));
  const all = new Map([...plain, ...pretty]);
  const wrong = await typeProblems(request, all, places);
  problems.push(...wrong.problems);
  if (problems.length > 0) return failed(problems, warnings);
  for (const [path, text] of wrong.files) all.set(path, text);

  const tokensOf = new Map(counts.map(([vendor, { total }]) => [vendor.slug, total]));
  for (const vendor of chosen) {
    all.set(posix.join(request.docs, `${vendor.slug}.md`), emitDocs(vendor, tokensOf.get(vendor.slug)!));
  }
  const readme = only === undefined ? emitTable(request.read("README.md"), models, request.docs) : undefined;
  if (readme !== undefined) all.set("README.md", readme);
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    files: new Map(sorted),
    problems: [],
    warnings,
    rows: rows.map((row) => ({
      ...row,
      tokens: tokensOf.get(row.vendor)!,
      bytes: bytesOf(all, posix.join(out, row.vendor)),
    })),
  };
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
function slugsToList({ only, out, read }: Request, models: readonly VendorModel[]): string[] {
  const slugs = models.map(({ slug }) => slug);
  if (only === undefined) return slugs;
  const before = Object.keys(JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"));
  return [...new Set([...before, ...slugs])];
}

function contractText({ only, out, read }: Request, models: readonly VendorModel[]): string {
  const { text } = emitContract(models);
  if (only === undefined) return text;
  const merged = { ...JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"), ...JSON.parse(text) };
  return json(Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function rowOf(vendor: VendorModel, emitted: readonly Emitted[], ms: number): Row {
  const access = { read: 0, write: 0, destroy: 0, reveal: 0 };
  for (const tool of vendor.tools) access[tool.access]++;
  return {
    vendor: vendor.slug,
    operations: vendor.operations.length,
    access,
    bytes: 0,
    tokens: 0,
    ms: ms + emitted.length * 0,
  };
}

function bytesOf(files: ReadonlyMap<string, string>, folder: string): number {
  let bytes = 0;
  for (const [path, text] of files) if (path.startsWith(`${folder}/`)) bytes += Buffer.byteLength(text);
  return bytes;
}
