import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Config } from "../config.ts";
import exposeMetrics from "../metrics/expose.ts";
import { createMetrics } from "../metrics/metrics.ts";
import drain from "../plugins/drain.ts";
import errors, { unreadableAddress } from "../plugins/errors.ts";
import logging, { logging as loggingOptions } from "../plugins/logging.ts";
import proxies from "../plugins/proxies.ts";
import shutdown from "../plugins/shutdown.ts";
import sockets, { HTTP_BOUNDS, SILENCE_MS } from "../plugins/sockets.ts";
import { forward } from "./forward.ts";
import { hostOf, type Tenants } from "./host.ts";
import { refuse } from "./refuse.ts";
import { boundTenants } from "./tenants.ts";
import { createWorkersHealth, type WorkersHealth } from "./workers.ts";

export interface FrontOptions {
  config: Config & { readonly tenants: Tenants };
  /** Where log lines go; standard output by default. */
  log?: { write(line: string): void };
}

/**
 * The one process that is reachable where every tenant has a worker of its own. It knows host names and where their
 * workers are, and nothing else: no database, no key, no token is opened here.
 */
export async function buildFront({ config, log }: FrontOptions): Promise<FastifyInstance> {
  const { tenants } = config;
  const app = Fastify({
    ...loggingOptions(config.logLevel, log),
    trustProxy: config.trustProxy,
    requestTimeout: 60_000, // to receive a request; answers may take longer
    connectionTimeout: SILENCE_MS,
    http: HTTP_BOUNDS,
    frameworkErrors: unreadableAddress,
    forceCloseConnections: "idle",
  });
  app.decorate("config", config);
  const { port, token } = config.metrics;
  app.decorate("metrics", createMetrics({ process: port !== undefined || token !== undefined }));
  await app.register(proxies);
  await app.register(logging);
  await app.register(errors);
  await app.register(sockets);
  await app.register(shutdown);
  await app.register(drain);
  await app.register(exposeMetrics);
  const workersHealth = createWorkersHealth(tenants, app.log);
  app.addHook("onRequest", async (request, reply) => {
    if (!tenants.has(hostOf(request))) return await answerHere(app, workersHealth, request, reply);
    // An address that names a host of its own could mean another than the Host header does.
    if (!request.url.startsWith("/")) await unknown(reply);
  });
  const { tenantRequests } = config.pressure;
  boundTenants(app, { tenants, most: tenantRequests });
  await app.register(forward, { tenants, connections: tenantRequests });
  return app;
}

/** For whoever asks by address and not by a tenant's name: a load balancer after the front's own health. */
async function answerHere(
  app: FastifyInstance,
  workersHealth: () => Promise<WorkersHealth>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  reply.header("cache-control", "no-store");
  if (request.method === "GET" && request.url === "/health") return await reply.send({ status: "ok" });
  if (request.method !== "GET" || request.url !== "/ready") return await unknown(reply);
  if (app.drain.begun) return await reply.code(503).send({ status: "ending" });
  const health = await workersHealth();
  return await reply.code(health.status === "failing" ? 503 : 200).send(health);
}

const unknown = (reply: FastifyReply) =>
  refuse(reply, {
    status: 421,
    code: "UNKNOWN_TENANT",
    heading: "Nothing is here",
    message: "Nobody is served under this host.",
  });
