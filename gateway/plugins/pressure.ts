import { getHeapStatistics } from "node:v8";
import underPressure from "@fastify/under-pressure";
import type { FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { createArriving, isAdmitted, SLOW_OF_ONE } from "./arriving.ts";
import { Overloaded } from "./overloaded.ts";

/** What watches this process must hear from it, now more than ever. */
const NEVER_SHED: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

const LOG_EVERY_MS = 10_000;

/** Requests are refused with 503 while too many are under way or come in slowly from one network, memory runs out or the event loop is late. */
export default fp(
  async (app) => {
    const { requests, eventLoopDelayMs, memoryPercent } = app.config.pressure;
    const { shed } = app.metrics;
    const slow = Math.ceil(requests * SLOW_OF_ONE);
    const arriving = createArriving(slow);
    let underWay = 0;
    let logged = 0;

    app.addHook("onRequest", (request, reply, done) => {
      underWay++;
      reply.raw.once("close", () => underWay--);
      const refused = underWay > requests ? refusal("requests", request, reply) : undefined;
      if (refused || underWay <= slow) done(refused);
      else slowly(request, reply).then(done, done);
    });
    await app.register(underPressure, {
      maxEventLoopDelay: eventLoopDelayMs,
      ...memoryBounds(memoryPercent),
      async pressureHandler(request, reply, reason) {
        const refused = refusal(reason, request, reply);
        if (refused) throw refused;
      },
    });

    /** @returns why it is refused */
    async function slowly(request: FastifyRequest, reply: FastifyReply): Promise<Overloaded | undefined> {
      return (await isAdmitted(arriving, request, reply)) ? undefined : refusal("slow", request, reply);
    }

    function refusal(reason: string, request: FastifyRequest, reply: FastifyReply): Overloaded | undefined {
      if (NEVER_SHED.has(request.routeOptions.url ?? "")) return undefined;
      shed.inc({ reason });
      const now = Date.now();
      if (now - logged > LOG_EVERY_MS) {
        logged = now;
        request.log.warn({ reason, underWay, ...app.memoryUsage() }, "requests refused: too much to do");
      }
      const error = new Overloaded();
      reply.header("retry-after", error.retryAfterSeconds);
      return error;
    }
  },
  { name: "pressure", dependencies: ["errors", "metrics"] },
);

/** Of what V8 may have, and of what the container may have where it has a bound; 0 is none. */
function memoryBounds(percent: number) {
  const share = (bytes: number) => Math.floor((bytes * percent) / 100);
  const container = process.constrainedMemory();
  const isBound = container > 0 && container < Number.MAX_SAFE_INTEGER;
  return {
    maxHeapUsedBytes: share(getHeapStatistics().heap_size_limit),
    maxRssBytes: isBound ? share(container) : 0,
  };
}
