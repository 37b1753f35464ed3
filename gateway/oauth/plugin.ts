import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { inSystemScope } from "../database/scope.ts";
import { once } from "../once.ts";
import { repeat } from "../repeat.ts";
import type { Documents } from "./client-documents.ts";
import { serveMetadata } from "./metadata.ts";
import { mountProvider } from "./mount.ts";
import { type AuthorizationPages, plainPages } from "./pages.ts";
import { type Resources, resourcesOf } from "./resources.ts";
import type { AuthorizationServer, LazyProvider } from "./server.ts";
import { sweep } from "./sweep.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly oauth: AuthorizationServer;
    /** Nobody needs it for a call: it is a tenth of what a start would load. */
    readonly provider: LazyProvider;
    /** Address ↔ vendor ↔ audience. */
    readonly resources: Resources;
  }
}

const SWEEP_MS = 10 * 60_000;

export interface OauthOptions {
  /** Fetches what clients' addresses point to; the guarded fetch in production. */
  documents: Documents;
  pages?: AuthorizationPages;
}

/** The authorization server with its routes and metadata. */
export const oauth = fp<OauthOptions>(
  async (app, { documents, pages = plainPages }) => {
    const server = await serverOf(app, documents, pages);
    // Of nobody's request, whoever is the first: it serves all organisations.
    const provider = once(() => inSystemScope(async () => (await import("./provider.ts")).buildProvider(server)));
    app.decorate("oauth", server);
    app.decorate("provider", provider);
    app.decorate("resources", server.resources);
    await app.register(async (scope) => mountProvider(scope, server, provider));
    await app.register(async (scope) => serveMetadata(scope, server));
    repeat(app, { everyMs: SWEEP_MS, what: "sweep of the authorization server" }, () => sweep(server));
  },
  { name: "oauth", dependencies: ["database", "keys", "audit", "vault", "identity", "limits", "metrics"] },
);

async function serverOf(
  app: FastifyInstance,
  documents: Documents,
  pages: AuthorizationPages,
): Promise<AuthorizationServer> {
  const { config } = app;
  const now = () => app.clock.now();
  const warn = (details: object, message: string) => app.log.warn(details, message);
  return {
    db: app.db,
    config,
    keys: app.keys,
    audit: app.audit,
    policies: app.policies,
    resources: resourcesOf(config.publicUrl, app.vendors.values(), { identifier: config.resource }),
    foreign: config.jwt && (await import("./foreign-issuer.ts")).foreignIssuer(config.jwt, { documents, warn, now }),
    pages,
    box: app.vault.box,
    documents,
    limit: app.limit,
    metrics: app.metrics,
    now,
    fail: (err) => app.log.error({ err }, "authorization server"),
    warn,
  };
}
