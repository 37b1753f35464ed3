import { readFileSync } from "node:fs";
import { requirements } from "../test/requirements.ts";

/** `npm run requirements`: one line per id, from what the last run of each test file noted. */
const FILE = "node_modules/.cache/vendorsmith/requirements.json";

interface Citation {
  readonly id: string;
  readonly test: string;
  readonly state: "passed" | "failed" | "skipped";
}

function citations(): Citation[] {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    console.error("No test run is noted yet: `npm test` writes what this command reads.");
    process.exit(1);
  }
}

const byId = Map.groupBy(citations(), (citation) => citation.id);
let proven = 0;
for (const [id, wording] of Object.entries(requirements)) {
  const cited = byId.get(id) ?? [];
  const failed = cited.find((citation) => citation.state === "failed");
  const passed = cited.find((citation) => citation.state === "passed");
  if (failed) console.log(`${id} fail ${failed.test}`);
  else if (passed) console.log(`${id} pass ${passed.test}`);
  else console.log(`${id} open ${process.argv.includes("--wording") ? wording : ""}`.trimEnd());
  if (passed && !failed) proven++;
}
console.log(`\n${proven} of ${Object.keys(requirements).length} requirements are proven by a passing test.`);
