import { expect, it } from "vitest";
import { openGround } from "../../scripts/faults/ground.ts";
import { troubleWith } from "../../scripts/faults/vendor-trouble.ts";
import { findPostgres } from "../setup/postgres.ts";

const found = findPostgres();

if (!("missing" in found))
  it("a vendor that hangs, or sends garbage, leaves calls to another vendor alone (OPS-15)", async () => {
    const ground = openGround({ limitMs: 110_000 });
    try {
      const { figures } = await troubleWith(["hang", "garbage"]).run(ground, { rounds: 1, replicas: 1, seconds: 2 }, () => {}); // biome-ignore format: one thought
      expect(figures["hang"]!["others"]).toBe("OK");
      expect(figures["garbage"]!["others"]).toBe("OK");
      expect(figures["garbage"]!["sick_answers"]).toMatch(/VENDOR_UNEXPECTED|VENDOR_UNAVAILABLE/);
    } finally {
      await ground.close();
    }
  }, 120_000);
else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(found.missing));
else console.log(`Vendors in trouble are not tried: ${found.missing}.`);
