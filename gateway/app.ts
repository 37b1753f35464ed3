import Fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import type { Across, Vendor } from "../runtime/index.ts";
import { api } from "./api/plugin.ts";
import type { Lock } from "./calls/catalog.ts";
import { type Clock, createClock } from "./clock.ts";
import { type Config, ConfigError } from "./config.ts";
import connections from "./connections/plugin.ts";
import refresher from "./connections/sign-in/refresher.ts";
import { inSystemScope } from "./database/scope.ts";
import health from "./health/plugin.ts";
import mcpRoutes, { type McpOptions } from "./mcp/routes.ts";
import exposeMetrics from "./metrics/expose.ts";
import metrics from "./metrics/plugin.ts";
import { oauth } from "./oauth/plugin.ts";
import { authorizationPages } from "./pages/authorization-pages.ts";
import look from "./pages/look.ts";
import { interactionPages, pages } from "./pages/plugin.ts";
import approvals from "./plugins/approvals.ts";
import audit from "./plugins/audit.ts";
import auditTrail from "./plugins/audit-trail.ts";
import bus from "./plugins/bus.ts";
import catalogs from "./plugins/catalogs.ts";
import database from "./plugins/database.ts";
import drain from "./plugins/drain.ts";
import errors, { unreadableAddress } from "./plugins/errors.ts";
import figures from "./plugins/figures.ts";
import healthRoutes from "./plugins/health-routes.ts";
import identity from "./plugins/identity.ts";
import keys from "./plugins/keys.ts";
import limits from "./plugins/limits.ts";
import logging, { logging as loggingOptions } from "./plugins/logging.ts";
import pressure from "./plugins/pressure.ts";
import proxies from "./plugins/proxies.ts";
import redis from "./plugins/redis.ts";
import rest from "./plugins/rest.ts";
import results from "./plugins/results.ts";
import securityHeaders, { type PolicyName } from "./plugins/security-headers.ts";
import sharedClock from "./plugins/shared-clock.ts";
import shutdown from "./plugins/shutdown.ts";
import sockets, { HTTP_BOUNDS, SILENCE_MS } from "./plugins/sockets.ts";
import sso from "./plugins/sso.ts";
import unfinished from "./plugins/unfinished.ts";
import usage from "./plugins/usage.ts";
import vault from "./plugins/vault.ts";
import { loadServed } from "./served.ts";
import traces from "./traces/plugin.ts";

export interface AppOptions {
  config: Config;
  /** Vendor calls; the guarded fetch unless a test brings its own. */
  fetch?: typeof globalThis.fetch;
  /** Fetches client metadata documents; the guarded fetch unless a test brings its own. */
  documents?: typeof globalThis.fetch;
  vendors?: readonly Vendor[];
  /** Tools across those vendors. */
  across?: readonly Across[];
  /** Hashes of the tools that may be served; the committed ones unless a test brings its own vendors. */
  lock?: Lock;
  /** In place of a vendor's tools, in tests alone: the conformance fixtures. */
  servers?: McpOptions["servers"];
  /** Milliseconds since 1970; this machine's, or the database's where it differs, unless a test brings its own. */
  now?: () => number;
  /** Where log lines go; standard output by default. */
  log?: { write(line: string): void };
}

declare module "fastify" {
  interface FastifyInstance {
    readonly config: Config;
    readonly clock: Clock;
    /** By slug. */
    readonly vendors: ReadonlyMap<string, Vendor>;
    /** Sets of tools across vendors. */
    readonly across: readonly Across[];
  }
}

/** The whole gateway, ready to listen or to be asked through `inject`. Its timers work for all organisations. */
export const buildApp = (options: AppOptions): Promise<FastifyInstance> => inSystemScope(() => assemble(options));

/** The table of contents. */
async function assemble(options: AppOptions): Promise<FastifyInstance> {
  const { config, now = Date.now } = options;
  const served = options.vendors
    ? { vendors: options.vendors, across: options.across ?? [] }
    : await loadServed(config.vendors);
  const vendors = bySlug(served.vendors);
  refuseUnknown(Object.keys(config.devVendorOrigins), vendors);
  const app = Fastify({
    ...loggingOptions(config.logLevel, options.log),
    trustProxy: config.trustProxy,
    bodyLimit: 1_048_576,
    requestTimeout: 60_000, // to receive a request; answers may take longer
    connectionTimeout: SILENCE_MS,
    http: HTTP_BOUNDS,
    frameworkErrors: unreadableAddress,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: false },
  });
  app.decorate("config", config);
  app.decorate("clock", createClock(now));
  app.decorate("vendors", vendors);
  app.decorate("across", served.across);
  try {
    await app.register(proxies);
    await app.register(logging);
    await app.register(metrics);
    await app.register(traces);
    await app.register(errors);
    await app.register(pressure);
    await app.register(rest);
    await app.register(sockets);
    await app.register(shutdown);
    await app.register(drain);
    await app.register(database);
    if (!options.now) await app.register(sharedClock);
    await app.register(redis);
    await app.register(bus);
    await app.register(keys);
    await app.register(audit);
    await app.register(vault);
    await app.register(identity);
    await app.register(limits);
    await app.register(connections, { fetch: options.fetch });
    await app.register(sso);
    await app.register(refresher);
    await app.register(auditTrail);
    await app.register(usage);
    await app.register(results);
    await app.register(catalogs, { lock: options.lock ?? (await generatedLock()) });
    await app.register(approvals);
    await app.register(unfinished);
    await app.register(figures);
    await app.register(health);
    await app.register(look);
    await app.register(oauth, { documents: options.documents ?? app.outbound, pages: authorizationPages(app) });
    await app.register(withHeaders("data", healthRoutes));
    await app.register(withHeaders("data", exposeMetrics));
    await app.register(withHeaders("interaction", interactionPages));
    await app.register(withHeaders("pages", pages));
    await app.register(withHeaders("data", (scope) => mcpRoutes(scope, { servers: options.servers })));
    await app.register(withHeaders("data", api));
    return app;
  } catch (error) {
    await app.close().catch(() => {});
    throw error;
  }
}

/** A scope of routes that answer with this policy's headers. */
const withHeaders = (policy: PolicyName, routes: FastifyPluginAsync) => async (scope: FastifyInstance) => {
  await scope.register(securityHeaders, { policy });
  await scope.register(routes);
};

const bySlug = (vendors: readonly Vendor[]) => new Map(vendors.map((vendor) => [vendor.slug, vendor]));

/** A misspelt name would leave a simulation on and send real calls to the vendor. */
function refuseUnknown(simulated: readonly string[], vendors: ReadonlyMap<string, Vendor>) {
  const unknown = simulated.filter((slug) => !vendors.has(slug));
  if (unknown.length > 0)
    throw new ConfigError(
      unknown.map((slug) => `DEV_VENDOR_ORIGINS: "${slug}" is no vendor; known: ${[...vendors.keys()].join(", ")}`),
    );
}

const generatedLock = async (): Promise<Lock> =>
  (await import("../generated/contract.json", { with: { type: "json" } })).default;
