import { existsSync, readFileSync } from "node:fs";

/** Adds up what the last test run and the last conformance run counted, as one plain line. */
const total = { passed: 0, failed: 0 };
for (const name of ["tests", "conformance"]) {
  const file = `node_modules/.cache/vendorsmith/${name}.json`;
  if (!existsSync(file)) continue;
  const { passed, failed } = JSON.parse(readFileSync(file, "utf8")) as typeof total;
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
