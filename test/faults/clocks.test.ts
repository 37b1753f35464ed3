import { expect, it } from "vitest";
import { clocks, faketime } from "../../scripts/faults/clocks.ts";
import { openGround } from "../../scripts/faults/ground.ts";
import type { Scenario } from "../../scripts/faults/scenario.ts";
import { skewedClocks } from "../../scripts/faults/skewed.ts";
import { findPostgres } from "../setup/postgres.ts";

const found = findPostgres();
const MISSING = "that needs PostgreSQL and libfaketime (Debian: faketime).";

async function problemsOf(scenario: Scenario): Promise<readonly string[]> {
  const ground = openGround({ limitMs: 170_000 });
  try {
    return (await scenario.run(ground, { rounds: 1, replicas: 1, seconds: 1 }, () => {})).problems;
  } finally {
    await ground.close();
  }
}

if (!("missing" in found) && faketime()) {
  it("tokens, browsers, approvals, limits and the audit log stay sane while the clock jumps an hour ahead and back (OAU-18, APR-02, AUD-10)", async () => {
    expect(await problemsOf(clocks)).toEqual([]);
  }, 180_000);

  it("two replicas whose clocks are five minutes apart share tokens, approvals, limits and renewals (OPS-05, OAU-18, APR-02)", async () => {
    expect(await problemsOf(skewedClocks)).toEqual([]);
  }, 180_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL and libfaketime", () => expect.fail(MISSING));
else console.log(`No clock is bent: ${MISSING}`);
