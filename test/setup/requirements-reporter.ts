import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

const FOLDER = "node_modules/.cache/vendorsmith";
const CITED = /\b(?:FAC|VEN|MCP|OAU|VLT|UI|TEN|APR|AUD|FED|API|PAC|LOC|OPS|DOC|CMP|MET)-\d{2}\b/g;

interface Citation {
  readonly id: string;
  readonly test: string;
  readonly state: string;
}

/**
 * Notes which requirement ids the tests cite (`npm run requirements`), and how many tests of this run passed. A run of
 * some files leaves what is noted of the others; a run of some tests of a file notes nothing.
 */
export default class RequirementsReporter implements Reporter {
  #partial = false;

  onInit({ config }: Vitest) {
    this.#partial = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    const count = (state: string) => states.filter((one) => one === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    write("tests.json", { passed: count("passed"), failed: count("failed") + broken, skipped: count("skipped") });
    if (this.#partial) return;
    const ran = new Set(modules.map(({ relativeModuleId }) => relativeModuleId));
    const others = noted().filter(({ test }) => !ran.has(fileOf(test)) && existsSync(fileOf(test)));
    write("requirements.json", [...others, ...tests.flatMap(citationsOf)]);
  }
}

const fileOf = (test: string) => test.split(" > ", 1)[0]!;

function noted(): Citation[] {
  const file = `${FOLDER}/requirements.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

const citationsOf = (test: TestCase): Citation[] =>
  [...new Set(test.fullName.match(CITED) ?? [])].map((id) => ({
    id,
    test: `${test.module.relativeModuleId} > ${test.fullName}`,
    state: test.result().state,
  }));

function write(name: string, value: unknown) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/${name}`, `${JSON.stringify(value, null, 2)}\n`);
}
