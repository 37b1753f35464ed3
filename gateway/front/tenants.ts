import type { FastifyInstance } from "fastify";
import { methodOf, statusClass } from "../metrics/plugin.ts";
import { Overloaded } from "../plugins/overloaded.ts";
import { hostOf, type Tenants, workerOf } from "./host.ts";

const LOG_EVERY_MS = 10_000;

/**
 * Counts and times requests by the worker they are for, named as the configuration does, and bounds how many of one tenant are under
 * way: the others' must not find all places taken.
 */
export function boundTenants(app: FastifyInstance, { tenants, most }: { tenants: Tenants; most: number }): void {
  const { frontRequests, frontSeconds, frontUnderWay, frontRefusals } = app.metrics;
  const underWay = new Map<string, number>();
  let logged = 0;
  for (const worker of tenants.keys()) {
    underWay.set(worker, 0);
    app.metrics.watch(frontUnderWay, { worker }, () => underWay.get(worker)!);
  }

  app.addHook("onRequest", async (request, reply) => {
    const worker = hostOf(request);
    const before = underWay.get(worker);
    if (before === undefined) return; // nobody's
    underWay.set(worker, before + 1);
    reply.raw.once("close", () => underWay.set(worker, underWay.get(worker)! - 1));
    if (before < most) return;
    frontRefusals.inc({ worker, reason: "busy" });
    const now = performance.now();
    if (logged === 0 || now - logged > LOG_EVERY_MS) {
      logged = now;
      request.log.warn({ worker, most }, "requests refused: a tenant has too many under way");
    }
    const error = new Overloaded();
    reply.header("retry-after", error.retryAfterSeconds);
    throw error;
  });

  app.addHook("onResponse", async (request, reply) => {
    const worker = workerOf(request, tenants);
    frontRequests.inc({ worker, method: methodOf(request), status: statusClass(reply.statusCode) });
    frontSeconds.observe({ worker }, reply.elapsedTime / 1000);
  });
}
