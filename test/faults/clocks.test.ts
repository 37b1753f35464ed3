import { expect, it } from "vitest";
import { clocks, faketime } from "../../scripts/faults/clocks.ts";
import { openGround } from "../../scripts/faults/ground.ts";
import { findPostgres } from "../setup/postgres.ts";

const found = findPostgres();
const MISSING = "that needs PostgreSQL and libfaketime (Debian: faketime).";

if (!("missing" in found) && faketime())
  it("tokens, browsers, approvals, limits and the audit log stay sane while the clock jumps an hour ahead and back (OAU-18, APR-02, AUD-10)", async () => {
    const ground = openGround({ limitMs: 110_000 });
    try {
      const { problems } = await clocks.run(ground, { rounds: 1, replicas: 1, seconds: 1 }, () => {});
      expect(problems).toEqual([]);
    } finally {
      await ground.close();
    }
  }, 120_000);
else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL and libfaketime", () => expect.fail(MISSING));
else console.log(`No clock is bent: ${MISSING}`);
