import fp from "fastify-plugin";
import { giveUpCalls } from "../calls/unfinished.ts";
import { repeat } from "../repeat.ts";

const EVERY_MS = 60_000;

/** A process that was killed left changes whose end it did not write down: they are marked, so that somebody looks. */
export default fp(
  async (app) => {
    const alone = !("url" in app.config.database);
    const giveUp = async (atStart: boolean) => {
      const unknown = await giveUpCalls(app, { atStart, alone });
      if (unknown > 0) app.log.warn({ unknown }, "changes did not say how they ended");
    };
    await giveUp(true);
    repeat(app, { everyMs: EVERY_MS, what: "sweep of unfinished changes" }, () => giveUp(false));
  },
  { name: "unfinished", dependencies: ["database", "audit"] },
);
