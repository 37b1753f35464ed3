import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { methodOf, statusClass } from "../metrics/plugin.ts";
import { createArriving, isAdmitted, SLOW_OF_ONE } from "../plugins/arriving.ts";
import { Overloaded } from "../plugins/overloaded.ts";
import { hostOf, type Tenants, workerOf } from "./host.ts";

const LOG_EVERY_MS = 10_000;

/**
 * Counts and times requests by the worker they are for, named as the configuration does, and bounds how many of one tenant are under
 * way: the others' must not find all places taken. Nor may one network take all places of a tenant with requests that it sends slowly.
 */
export function boundTenants(app: FastifyInstance, { tenants, most }: { tenants: Tenants; most: number }): void {
  const { frontRequests, frontSeconds, frontUnderWay, frontRefusals } = app.metrics;
  const underWay = new Map<string, number>();
  const slow = Math.ceil(most * SLOW_OF_ONE);
  const arriving = new Map([...tenants.keys()].map((worker) => [worker, createArriving(slow)]));
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
    if (before >= most) throw refusal("busy", worker, request, reply);
    if (before < slow || (await isAdmitted(arriving.get(worker)!, request, reply))) return;
    throw refusal("slow", worker, request, reply);
  });

  function refusal(reason: string, worker: string, request: FastifyRequest, reply: FastifyReply): Overloaded {
    frontRefusals.inc({ worker, reason });
    const now = performance.now();
    if (logged === 0 || now - logged > LOG_EVERY_MS) {
      logged = now;
      request.log.warn({ worker, most, reason }, "requests refused: a tenant has too many under way");
    }
    const error = new Overloaded();
    reply.header("retry-after", error.retryAfterSeconds);
    return error;
  }

  app.addHook("onResponse", async (request, reply) => {
    const worker = workerOf(request, tenants);
    frontRequests.inc({ worker, method: methodOf(request), status: statusClass(reply.statusCode) });
    frontSeconds.observe({ worker }, reply.elapsedTime / 1000);
  });
}
