import fp from "fastify-plugin";
import { clockWords, worthFollowing } from "../clock.ts";
import { serverAhead } from "../database/server-clock.ts";
import { repeat } from "../repeat.ts";

const EVERY_MS = 60_000;

/**
 * Replicas hold leases, limits and approvals against one clock, the database's: where a machine's own differs, it is corrected. With
 * the embedded database there is one process and nothing to agree with.
 */
export default fp(
  async (app) => {
    if (!("url" in app.config.database)) return;
    const { clock, db, log, metrics } = app;
    const look = async () => {
      const aheadMs = await serverAhead(db, clock.machine);
      if (aheadMs === undefined) return;
      const before = clock.aheadMs;
      clock.follow(worthFollowing(aheadMs));
      const words = clockWords(clock.aheadMs);
      if (words && before === 0) log.warn({ aheadMs: clock.aheadMs }, words);
    };
    metrics.watch(metrics.clockAhead, {}, () => clock.aheadMs / 1000);
    await look();
    repeat(app, { everyMs: EVERY_MS, what: "look at the database's clock" }, look);
  },
  { name: "shared-clock", dependencies: ["database", "metrics"] },
);
