import { mkdirSync, writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";

const FOLDER = "node_modules/.cache/vendorsmith";
const CITED = /\b(?:FAC|VEN|MCP|OAU|VLT|UI|TEN|APR|AUD|FED|API|PAC|LOC|OPS|DOC|CMP|MET)-\d{2}\b/g;

/** Notes which requirement ids the tests of this run cite (`npm run requirements`), and how many passed. */
export default class RequirementsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    const count = (state: string) => states.filter((one) => one === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    write("tests.json", { passed: count("passed"), failed: count("failed") + broken, skipped: count("skipped") });
    write("requirements.json", tests.flatMap(citationsOf));
  }
}

const citationsOf = (test: TestCase) =>
  [...new Set(test.fullName.match(CITED) ?? [])].map((id) => ({
    id,
    test: `${test.module.relativeModuleId} > ${test.fullName}`,
    state: test.result().state,
  }));

function write(name: string, value: unknown) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/${name}`, `${JSON.stringify(value, null, 2)}\n`);
}
