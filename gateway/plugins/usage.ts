import fp from "fastify-plugin";
import { countAllUsage } from "../audit/usage.ts";

const EVERY_MS = 60_000;

/** Keeps the daily figures near the audit log; a page that shows them counts the rest itself. */
export default fp(
  async (app) => {
    let counting: Promise<void> | undefined;
    const count = () => {
      counting ??= countAllUsage(app.db)
        .catch((err) => app.log.error({ err }, "usage is not counted"))
        .finally(() => {
          counting = undefined;
        });
    };
    const timer = setInterval(count, EVERY_MS).unref();
    app.addHook("onClose", async () => {
      clearInterval(timer);
      await counting;
    });
  },
  { name: "usage", dependencies: ["database"] },
);
