import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";

const FILE = "node_modules/.cache/vendorsmith/requirements.json";
const CITED = /\b(?:FAC|VEN|MCP|OAU|VLT|UI|TEN|APR|AUD|FED|API|PAC|LOC|OPS|DOC|CMP|MET)-\d{2}\b/g;

/** Notes which requirement ids the tests of this run cite, for `npm run requirements`. */
export default class RequirementsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]) {
    const cited: { id: string; test: string; state: string }[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        for (const id of new Set(test.fullName.match(CITED) ?? []))
          cited.push({ id, test: nameOf(test), state: test.result().state });
      }
    }
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, `${JSON.stringify(cited, null, 2)}\n`);
  }
}

const nameOf = (test: TestCase) => `${test.module.relativeModuleId} > ${test.fullName}`;
