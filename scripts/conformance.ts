import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import contract from "../generated/contract.json" with { type: "json" };
import { vendors } from "../generated/index.ts";
import { authorizationServer } from "../test/conformance/authorization-server.ts";
import { openConformanceHouse } from "../test/conformance/house.ts";
import { inspector } from "../test/conformance/inspector.ts";
import type { Outcome } from "../test/conformance/outcome.ts";
import { suite } from "../test/conformance/suite.ts";
import { startTokenProxy } from "../test/conformance/token-proxy.ts";
import { demoKeys, type VendorSlug } from "../test/fakes/keys.ts";
import { serveFakes } from "../test/fakes/serve.ts";

/** npm run conformance: the public suites and clients, against a whole gateway on loopback. */
const OUT = "node_modules/.cache/vendorsmith/conformance";
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

const fakes = await serveFakes();
const house = await openConformanceHouse({ vendors, lock: contract, origins: fakes.origins });
const proxy = await startTokenProxy(house.url, await house.token("conformance"));
const outcomes: Outcome[] = [];
try {
  const url = `${proxy.url}/v1/conformance`;
  outcomes.push(...(await suite({ revision: "2026-07-28", url, out: `${OUT}/2026` })));
  const baseline = "test/conformance/baseline-2025.yml";
  outcomes.push(...(await suite({ revision: "2025-11-25", url, out: `${OUT}/2025`, baseline, timeoutMs: 3000 })));
  outcomes.push(...(await authorizationServer(house, `${OUT}/authorization`)));
  for (const { slug: vendor } of vendors) {
    const token = await house.token(vendor, demoKeys[vendor as VendorSlug]); // every vendor has a fake with keys
    outcomes.push(...(await inspector({ vendor, url: `${house.url}/v1/${vendor}`, token })));
  }
} finally {
  proxy.close();
  await house.close();
  await fakes.close();
}

for (const { name, passed, detail } of outcomes) console.log(`${passed ? "✓" : "✗"} ${name}: ${detail}`);
const passed = outcomes.filter((outcome) => outcome.passed).length;
const failed = outcomes.length - passed;
writeFileSync(`${OUT}.json`, `${JSON.stringify({ passed, failed })}\n`);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
