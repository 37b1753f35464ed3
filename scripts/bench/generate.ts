import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildVendor, openVendor } from "../../generator/build/vendor.ts";
import { readSpec } from "../../generator/read/spec.ts";
import { readSources } from "../../generator/sources.ts";
import { median } from "./load.ts";

export interface Generating {
  /** Everything, into an empty folder. */
  readonly cold_ms: number;
  /** Everything, where the output is there already: what a fresh clone does. */
  readonly fresh_ms: number;
  readonly noop_ms: number;
  /** After one description was changed. */
  readonly one_tool_ms: number;
  /** openapi-typescript alone, in a process of its own, on the pruned documents. */
  readonly openapi_typescript_ms: number;
  /** The same on the documents as the vendors publish them, where they are beside the project. */
  readonly openapi_typescript_unpruned_ms?: number;
}

const ROUNDS = 3;
const FOLDER = "out/bench";
const ORIGINALS = ["../shared/vendor-specs/datto-rmm/datto-rmm-openapi.build235.json", "specs/itglue.yaml"];

/** Each figure is the median of whole processes, taken in turn. */
export function measureGenerating(progress: (line: string) => void): Generating {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  cpSync("vendors.yaml", `${FOLDER}/vendors.yaml`);
  cpSync("specs", `${FOLDER}/specs`, { recursive: true });
  const pruned = readSources(["vendors.yaml"], process.cwd()).described.map(
    ({ source, document }) => buildVendor(openVendor(source, document)).model.document,
  );
  const published = ORIGINALS.every((file) => existsSync(file))
    ? ORIGINALS.map((file) => readSpec(file).document!)
    : undefined;
  writeFileSync(`${FOLDER}/pruned.json`, JSON.stringify(pruned));
  if (published) writeFileSync(`${FOLDER}/published.json`, JSON.stringify(published));

  const times = {
    cold: [] as number[],
    fresh: [] as number[],
    noop: [] as number[],
    one: [] as number[],
    types: [] as number[],
    whole: [] as number[],
  };
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`generate: round ${round} of ${ROUNDS}`);
    rmSync(`${FOLDER}/generated`, { recursive: true, force: true });
    forget();
    times.cold.push(timed(generate));
    forget();
    times.fresh.push(timed(generate));
    times.noop.push(timed(generate));
    changeOneTool(round);
    times.one.push(timed(generate));
    times.types.push(timed(() => run("scripts/bench/types.ts", `${FOLDER}/pruned.json`)));
    if (published) times.whole.push(timed(() => run("scripts/bench/types.ts", `${FOLDER}/published.json`)));
  }
  return {
    cold_ms: median(times.cold),
    fresh_ms: median(times.fresh),
    noop_ms: median(times.noop),
    one_tool_ms: median(times.one),
    openapi_typescript_ms: median(times.types),
    ...(published && { openapi_typescript_unpruned_ms: median(times.whole) }),
  };
}

/** Nothing is remembered of earlier runs. */
function forget() {
  for (const file of globSync("node_modules/.cache/vendorsmith/{tokens,generate}-*.json")) rmSync(file);
}

const generate = () => run("generator/main.ts", "--vendors", `${FOLDER}/vendors.yaml`, "--out", `${FOLDER}/generated`);

const run = (...args: string[]) => execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return Math.round(performance.now() - start);
}

/** The first title of a tool gets another word each time. */
function changeOneTool(round: number) {
  const file = join(FOLDER, "vendors.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/(\n {4}title: [^\n]*?)( \d)?\n/, `$1 ${round}\n`));
}
