import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Outcome, outcomeOf, summaryOf } from "./descriptions/outcome.ts";

/**
 * npm run descriptions -- --from <folder> [--most 210] [--of-one 6] [--only <text>]
 * Adds a vendor for each of many published descriptions, one process after another with limits of time and memory. Adding runs
 * the whole generator before anything is written; every tenth is generated once more from what was written.
 * Which ones is decided by the hash of their path; what is made stays below out/, which is not committed.
 */

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    most: { type: "string", default: "210" },
    "of-one": { type: "string", default: "6" },
    only: { type: "string" },
  },
});
const ROOT = join(import.meta.dirname, "..");
const OUT = join(ROOT, "out", "descriptions");
const SECONDS = 180;
const MEGABYTES = 600;

if (values.from === undefined) {
  process.stderr.write("--from is missing: a folder with descriptions as .json and .yaml files\n");
  process.exit(2);
}

const files = sample(values.from);
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const outcomes: Outcome[] = [];
for (const [index, file] of files.entries()) {
  const outcome = await tryOne(values.from, file, index);
  outcomes.push(outcome);
  const { kind, ms, said } = outcome;
  process.stdout.write(
    `${index + 1}/${files.length} ${kind} ${(ms / 1000).toFixed(1)} s ${file}${kind === "passes" ? "" : `\n    ${said[0]}`}\n`,
  );
}
writeFileSync(join(OUT, "outcomes.json"), JSON.stringify(outcomes, null, 1));
process.stdout.write(`\n${summaryOf(outcomes)}\n`);
process.exitCode = outcomes.some(({ kind }) => kind === "breaks") ? 1 : 0;

/** By hash, so that everybody has the same ones; of one folder at the top, which is one publisher, only a few. */
function sample(folder: string): string[] {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const all = globSync("**/*.{json,yaml,yml}", { cwd: folder })
    .filter((file) => isDescription(join(folder, file)) && file.includes(values.only ?? ""))
    .sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
  const perPublisher = Map.groupBy(all, (file) => file.split(/[\\/]/)[0]);
  const few = new Set([...perPublisher.values()].flatMap((each) => each.slice(0, Number(values["of-one"]))));
  return all.filter((file) => few.has(file)).slice(0, Number(values.most));
}

function isDescription(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const text = readFileSync(path, "utf8").slice(0, 3000);
  return /^\s*["']?(openapi|swagger)["']?\s*:/m.test(text) || /[{,]\s*"(openapi|swagger)"\s*:/.test(text);
}

async function tryOne(folder: string, file: string, index: number): Promise<Outcome> {
  const slug = `acme-${index + 1}`;
  const cwd = join(OUT, slug);
  mkdirSync(cwd, { recursive: true });
  const start = performance.now();
  const added = await run(cwd, "scripts/vendor.ts", "add", slug, "--from", join(folder, file));
  const made =
    added.code === 0 && index % 10 === 0
      ? await run(cwd, "generator/main.ts", "--vendors", `vendors.${slug}.yaml`)
      : added;
  rmSync(join(cwd, "generated"), { recursive: true, force: true });
  return outcomeOf(file, statSync(join(folder, file)).size, performance.now() - start, added, made);
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(cwd: string, script: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MEGABYTES}`, join(ROOT, script), ...args], {
    cwd,
    timeout: SECONDS * 1000,
    killSignal: "SIGKILL",
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}
