import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildVendor, openVendor } from "../../generator/build/vendor.ts";
import { readSources } from "../../generator/sources.ts";
import { median } from "./load.ts";

const ROUNDS = 3;
const FOLDER = "out/bench";

/** What is timed, in this order, and what is done before; each is a whole process. */
const subjects = {
  /** openapi-typescript alone, on the documents cut to what tools use, and on the descriptions as they are committed. */
  openapi_typescript_ms: { run: () => run("scripts/bench/types.ts", `${FOLDER}/cut.json`) },
  openapi_typescript_whole_ms: { run: () => run("scripts/bench/types.ts", `${FOLDER}/whole.json`) },
  /** Everything, into an empty folder: each file is compiled. */
  cold_ms: {
    before() {
      rmSync(`${FOLDER}/generated`, { recursive: true, force: true });
      forget();
    },
    run: generate,
  },
  /** Everything, where the output is there already: what a fresh clone does. */
  fresh_ms: { before: forget, run: generate },
  noop_ms: { run: generate },
  /** After one description was changed. */
  one_tool_ms: { before: changeOneTool, run: generate },
  /** The compiler over everything that was generated, and what it imports. */
  tsc_ms: { run: () => run("node_modules/typescript/bin/tsc", "--project", FOLDER) },
} satisfies Record<string, { before?(round: number): void; run(): void }>;

export type Generating = Readonly<Record<keyof typeof subjects, number>>;

/** Medians. */
export function measureGenerating(progress: (line: string) => void): Generating {
  prepare();
  const times = Object.entries(subjects).map(([name, subject]) => ({ name, subject, ms: [] as number[] }));
  for (let round = 1; round <= ROUNDS; round++)
    for (const { name, subject, ms } of times) {
      progress(`generate: round ${round} of ${ROUNDS}: ${name}`);
      if ("before" in subject) subject.before(round);
      const start = performance.now();
      subject.run();
      ms.push(Math.round(performance.now() - start));
    }
  return Object.fromEntries(times.map(({ name, ms }) => [name, median(ms)])) as Generating;
}

function prepare() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  cpSync("vendors.yaml", `${FOLDER}/vendors.yaml`);
  cpSync("specs", `${FOLDER}/specs`, { recursive: true });
  const write = (name: string, value: unknown) => writeFileSync(join(FOLDER, name), JSON.stringify(value));
  const { described } = readSources(["vendors.yaml"], process.cwd());
  write(
    "whole.json",
    described.map(({ document }) => document),
  );
  write(
    "cut.json",
    described.map(({ source, document }) => buildVendor(openVendor(source, document)).model.document),
  );
  write("tsconfig.json", {
    extends: "../../tsconfig.json",
    compilerOptions: { incremental: false },
    include: ["generated/**/*.ts"],
    exclude: [],
  });
}

/** Nothing is remembered of earlier runs. */
function forget() {
  for (const file of globSync("node_modules/.cache/vendorsmith/{tokens,generate}-*.json")) rmSync(file);
}

function generate() {
  run("generator/main.ts", "--vendors", `${FOLDER}/vendors.yaml`, "--out", `${FOLDER}/generated`);
}

function run(...args: string[]) {
  execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** The first title of a tool gets another word each time. */
function changeOneTool(round: number) {
  const file = join(FOLDER, "vendors.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/(\n {4}title: [^\n]*?)( \d)?\n/, `$1 ${round}\n`));
}
