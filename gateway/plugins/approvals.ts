import fp from "fastify-plugin";
import type { ApprovalHouse } from "../approvals/request.ts";
import { expireRequests, giveUpRuns } from "../approvals/sweep.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Calls that wait for a person's yes. */
    readonly approvals: ApprovalHouse;
  }
}

const SWEEP_MS = 30_000;

export default fp(
  async (app) => {
    const { db, audit, clock, vault, config } = app;
    const house: ApprovalHouse = { db, audit, clock, box: vault.box };
    app.decorate("approvals", house);
    // With a file there is one process, and it has just begun: whatever was under way ended with the one before.
    await giveUp(!("url" in config.database));

    const sweep = setInterval(() => {
      giveUp(false)
        .then(() => expireRequests(house))
        .catch((err) => app.log.error({ err }, "sweep of approvals"));
    }, SWEEP_MS).unref();
    app.addHook("onClose", async () => clearInterval(sweep));

    async function giveUp(all: boolean) {
      const unknown = await giveUpRuns(house, { all });
      if (unknown > 0) app.log.warn({ unknown }, "approved calls did not say how they ended");
    }
  },
  { name: "approvals", dependencies: ["database", "audit", "vault"] },
);
