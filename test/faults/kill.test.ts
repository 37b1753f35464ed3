import { expect, it } from "vitest";
import { openGround } from "../../scripts/faults/ground.ts";
import { killGateway, killPostgres } from "../../scripts/faults/kill.ts";
import type { Scenario } from "../../scripts/faults/scenario.ts";
import { findPostgres } from "../setup/postgres.ts";

const found = findPostgres();

/** The quick version of what `npm run faults` does for long. */
async function problemsOf({ run }: Scenario, { rounds, replicas }: { rounds: number; replicas: number }) {
  const ground = openGround({ limitMs: 110_000 });
  try {
    return await run(ground, { rounds, replicas, seconds: 1 }, () => {});
  } finally {
    await ground.close();
  }
}

if (!("missing" in found)) {
  it("a gateway killed in the middle of everything has lost nothing it acknowledged, and made no change twice (APR-02, AUD-07, MET-04)", async () => {
    const { problems, figures } = await problemsOf(killGateway, { rounds: 2, replicas: 1 });
    expect(problems).toEqual([]);
    expect(figures["load"]!["done"]).toBeGreaterThan(0);
    expect(figures["load"]!["reads"]).toBeGreaterThan(0);
  }, 120_000);

  it("two gateways go on after their database was killed, with nothing lost that they acknowledged (OPS-04, OPS-10, AUD-07, MET-04)", async () => {
    const { problems } = await problemsOf(killPostgres, { rounds: 1, replicas: 2 });
    expect(problems).toEqual([]);
  }, 120_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(found.missing));
else console.log(`No faults are tried on PostgreSQL: ${found.missing}.`);
