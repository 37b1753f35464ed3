import type { FastifyInstance } from "fastify";

/**
 * Does something now and then while the gateway lives: never twice at a time, a failure is in the log and no more, and closing
 * waits for what is running, so that it has its database to the end.
 */
export function repeat(
  app: Pick<FastifyInstance, "addHook" | "log">,
  { everyMs, what }: { readonly everyMs: number; readonly what: string },
  work: () => Promise<unknown>,
): void {
  let running: Promise<unknown> | undefined;
  const run = () => {
    running ??= work()
      .catch((err: unknown) => app.log.error({ err }, what))
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, everyMs).unref();
  app.addHook("preClose", async () => clearInterval(timer));
  app.addHook("onClose", async () => {
    clearInterval(timer);
    await running;
  });
}
