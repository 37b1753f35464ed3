import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "./job.ts";

/*
 * When nothing that goes in and nothing that came out has changed, there is nothing to do: a run then costs reading and hashing.
 * `--check` does not come here.
 */

interface Memory {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly report: string;
}

/** The report of the last run, if a new one would change nothing. */
export function unchanged(job: Job): string | undefined {
  const memory = recall(job);
  if (!memory) return;
  const { inputs, outputs, report } = memory;
  const isSame = (files: Memory["inputs"]) =>
    Object.entries(files).every(([path, hash]) => hashOf(job.root, path) === hash);
  if (inputs["generator"] !== ownHash() || inputs["listing"] !== listing(job)) return;
  const { generator: _, listing: __, ...read } = inputs;
  return isSame(read) && isSame(outputs) ? report : undefined;
}

export function remember(job: Job, files: ReadonlyMap<string, string>, report: string): void {
  const outputs = Object.fromEntries([...files].map(([path, text]) => [path, hashText(text)]));
  const inputs = Object.fromEntries(inputsOf(job).map((path) => [path, hashOf(job.root, path)]));
  const memory: Memory = { inputs: { generator: ownHash(), listing: listing(job), ...inputs }, outputs, report };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(fileOf(job), JSON.stringify(memory));
  } catch {
    // A folder that cannot be written only costs time.
  }
}

const folder = join(import.meta.dirname, "../node_modules/.cache/vendorsmith");

const fileOf = (job: Job) => join(folder, `generate-${hashText(JSON.stringify(job)).slice(0, 16)}.json`);

function recall(job: Job): Memory | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(job), "utf8"));
  } catch {
    return undefined;
  }
}

/** The YAML files, and the descriptions that they name. */
export function inputsOf({ root, files }: Pick<Job, "root" | "files">): string[] {
  const specs = files.flatMap((file) => {
    const text = textOf(join(root, file)) ?? "";
    return [...text.matchAll(/^spec:\s*["']?([^\s"'#]+)/gm)].map(([, spec]) => join(file, "..", spec!));
  });
  return [...new Set([...files, ...specs])];
}

/** Names of the files in the output folder: one that somebody added or removed is a change. */
function listing({ root, out }: Job): string {
  try {
    return hashText(readdirSync(join(root, out), { recursive: true }).sort().join("\n"));
  } catch {
    return "";
  }
}

/** The generator itself, the part of the runtime that it borrows, and the versions of what it uses. */
function ownHash(): string {
  const own = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|hbs)$/.test(name))
    .sort();
  const paths = [
    ...own.map((name) => join(import.meta.dirname, name)),
    join(import.meta.dirname, "../runtime/contract.ts"),
    join(import.meta.dirname, "../package-lock.json"),
  ];
  const hash = createHash("sha256");
  for (const path of paths) hash.update(textOf(path) ?? "");
  return hash.digest("hex");
}

const hashText = (text: string) => createHash("sha256").update(text).digest("hex");

const hashOf = (root: string, path: string) => hashText(textOf(join(root, path)) ?? "");

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
