import fp from "fastify-plugin";
import { tellApprovers } from "../approvals/notices.ts";
import type { ApprovalHouse } from "../approvals/request.ts";
import { sendNotice } from "../approvals/send.ts";
import { expireRequests, giveUpRuns } from "../approvals/sweep.ts";
import { createMailer } from "../outbox/mailer.ts";
import { createOutbox, type Outbox } from "../outbox/outbox.ts";
import { repeat } from "../repeat.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Calls that wait for a person's yes. */
    readonly approvals: ApprovalHouse;
    /** What leaves the house by webhook and mail. */
    readonly outbox: Outbox;
  }
}

const SWEEP_MS = 30_000;
const POST_MS = 5_000;

export default fp(
  async (app) => {
    const { db, audit, clock, vault, config, log } = app;
    const mailer = config.mail && (await createMailer(config.mail));
    const house: ApprovalHouse = {
      db,
      audit,
      clock,
      box: vault.box,
      tell: (trx, approval) => tellApprovers(trx, approval, { mails: mailer !== undefined, now: clock.now() }),
      told: () => outbox.wake(),
    };
    const ways = {
      product: config.product.name,
      publicUrl: config.publicUrl,
      fetch: app.outbound,
      ...(mailer && { mail: mailer.send }),
      titleOf(slug: string, tool: string) {
        const vendor = app.vendors.get(slug);
        const title = vendor?.tools.find(({ name }) => name === tool)?.title ?? tool;
        return { title, vendor: vendor?.title ?? slug };
      },
    };
    const outbox = createOutbox({
      db,
      clock,
      send: (letter) => sendNotice(house, letter, ways),
      onTrouble: ({ id, org_id: org, way, tries }, err, last) =>
        log[last ? "error" : "warn"](
          { err, letter: id, org, way, tries },
          last ? "letter given up" : "letter not sent",
        ),
    });
    app.decorate("approvals", house);
    app.decorate("outbox", outbox);
    // With a file there is one process, and it has just begun: whatever was under way ended with the one before.
    await giveUp(!("url" in config.database));

    repeat(app, { everyMs: SWEEP_MS, what: "sweep of approvals" }, async () => {
      await giveUp(false);
      await expireRequests(house);
    });
    const post = setInterval(() => outbox.wake(), POST_MS).unref();
    app.addHook("onClose", async () => {
      clearInterval(post);
      await outbox.close();
      mailer?.close();
    });

    async function giveUp(all: boolean) {
      const unknown = await giveUpRuns(house, { all });
      if (unknown > 0) log.warn({ unknown }, "approved calls did not say how they ended");
    }
  },
  { name: "approvals", dependencies: ["database", "audit", "vault", "connections"] },
);
