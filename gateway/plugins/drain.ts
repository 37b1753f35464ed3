import fp from "fastify-plugin";
import { ToolError } from "../../runtime/index.ts";

/** How the process ends: what is under way gets an end of its own, and nothing new begins. */
export interface Drain {
  /** The process was told to end: it does not want requests any more, though it still answers them. */
  readonly begun: boolean;
  begin(): void;
  /** Stops reads, what waits, and changes that were not sent yet. */
  readonly stop: AbortSignal;
  /** Stops changes that a vendor has not answered yet; how they end is noted as unknown. */
  readonly halt: AbortSignal;
  /** Until this ends, nothing that it may need is closed. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
}

declare module "fastify" {
  interface FastifyInstance {
    readonly drain: Drain;
  }
}

/** So long before the end of all patience changes are given up, and reads still earlier; the rest is for writing it down. */
const CHANGES_BEFORE_END_MS = 3_000;
const READS_BEFORE_END_MS = 7_000;

export default fp(
  async (app) => {
    const { patienceMs, drainMs } = app.config.shutdown;
    const [stop, halt] = [new AbortController(), new AbortController()];
    const underWay = new Set<Promise<unknown>>();
    const timers: NodeJS.Timeout[] = [];
    let begun = false;

    app.decorate("drain", {
      get begun() {
        return begun;
      },
      begin() {
        begun = true;
      },
      stop: stop.signal,
      halt: halt.signal,
      during<Result>(work: () => Promise<Result>): Promise<Result> {
        const result = work();
        const end = result.then(forget, forget);
        underWay.add(end);
        return result;

        function forget() {
          underWay.delete(end);
        }
      },
    });

    app.addHook("preClose", async () => {
      begun = true;
      const left = patienceMs - drainMs;
      const end = (controller: AbortController, ms: number) =>
        timers.push(setTimeout(() => controller.abort(restarting()), Math.max(ms, 0)).unref());
      end(stop, left - READS_BEFORE_END_MS);
      end(halt, left - CHANGES_BEFORE_END_MS);
      while (underWay.size > 0) await Promise.all(underWay);
    });
    app.addHook("onClose", async () => timers.forEach(clearTimeout));
  },
  { name: "drain", decorators: { fastify: ["config"] } },
);

const restarting = () =>
  new ToolError("CANCELLED", "The gateway is being restarted, so the call was stopped.", {
    retryAfterSeconds: 10,
    advice: "Call again in some seconds; after a change, look first whether it was made.",
  });
