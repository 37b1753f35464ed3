import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "oidc-provider";
import { touchClient } from "../database/clients.ts";
import { networkOf } from "../database/rate-counters.ts";
import { once } from "../once.ts";
import { countTokenAnswer, timeSignIn } from "./figures.ts";
import { noteUse } from "./grants.ts";
import { explain } from "./pages.ts";
import { type Quota, rateHeaders } from "./rate-headers.ts";
import { ROUTES } from "./routes.ts";
import type { AuthorizationServer, LazyProvider } from "./server.ts";
import { finishSignOut } from "./sign-out.ts";
import { boundRegistrations } from "./sweep.ts";

const METADATA = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

/** oidc-provider's page that submits itself: without its hash, signing in as somebody else stays on a blank page. */
export const SUBMIT_SCRIPT_HASH = "sha256-RdUNylKSz5sOn0fkU1eqAq2AfjeUgGQlHsNg7gbsfrU=";

/**
 * No `form-action`: Chrome and Safari apply it to the whole chain of redirects after a form, and the last one leads to
 * the application.
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  `script-src '${SUBMIT_SCRIPT_HASH}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Uses a minute, by address. One address may stand for many people of a hosted client. */
const BOUNDS: Record<string, number> = {
  [ROUTES.authorization]: 120,
  [ROUTES.registration]: 30,
  [ROUTES.token]: 1200,
  [ROUTES.revocation]: 300,
  [ROUTES.introspection]: 1200,
};
const REGISTRATIONS_IN_ALL = 300;

/** Each in one spelling: the library's own router also takes other letter case and a slash at the end. */
const PATHS = [
  ...Object.values(ROUTES),
  `${ROUTES.authorization}/:uid`,
  `${ROUTES.end_session}/confirm`,
  `${ROUTES.end_session}/success`,
];
const MINUTE = 60_000;

/** Serves oidc-provider, which is a Koa application, on its routes. */
export async function mountProvider(scope: FastifyInstance, server: AuthorizationServer, provider: LazyProvider) {
  const issuer = new URL(server.config.publicUrl);
  scope.removeAllContentTypeParsers();
  // The body is a stream that Koa reads; it stops at 56 KB by itself.
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.setErrorHandler<FastifyError & { retryAfterSeconds?: number }>(async (error, { headers }, reply) => {
    const { statusCode, retryAfterSeconds, message } = error;
    if (statusCode !== 503 || !retryAfterSeconds || headers.accept?.includes("text/html")) throw error;
    reply.code(503).headers(headersFor(issuer)).header("retry-after", retryAfterSeconds);
    await reply.send({ error: "temporarily_unavailable", error_description: message });
  });
  const application = once(async () => {
    const koa = await provider();
    koa.use(afterwards(server));
    // Safe only because of the four headers set below: they come from the configuration, never from the request.
    koa.proxy = true;
    return koa.callback();
  });
  for (const path of METADATA) scope.all(path, serve);
  for (const path of PATHS) scope.all(path, { onRequest: [refuseForeignOrigin, bound] }, serve);

  async function serve(request: FastifyRequest, reply: FastifyReply) {
    const callback = await application();
    reply.hijack();
    Object.assign(request.raw.headers, {
      host: issuer.host,
      "x-forwarded-host": issuer.host,
      "x-forwarded-proto": issuer.protocol.slice(0, -1),
      "x-forwarded-for": request.ip,
    });
    delete request.raw.headers.forwarded;
    for (const [name, value] of Object.entries(headersFor(issuer))) reply.raw.setHeader(name, value);
    callback(request.raw, reply.raw).catch((error) => server.fail(error));
  }

  async function refuseForeignOrigin({ headers }: FastifyRequest, reply: FastifyReply) {
    if (headers.origin !== undefined && headers.origin !== issuer.origin)
      await reply.code(403).send({ error: "invalid_request", error_description: "Other origins are not served here." });
  }

  async function bound(request: FastifyRequest, reply: FastifyReply) {
    const path = request.routeOptions.url!; // never as the request spells it
    const max = BOUNDS[path];
    if (max === undefined) return;
    const own = { name: "address", max, windowMs: MINUTE };
    const mine = await server.limit(`${path}:${networkOf(request.ip)}`, own);
    if (!mine.allowed) return await tooMany(reply, path, own, mine.retryAfterSeconds);
    // What one address is refused must not use up what all share.
    if (path !== ROUTES.registration) return;
    const shared = { name: "registrations", max: REGISTRATIONS_IN_ALL, windowMs: MINUTE };
    const all = await server.limit(path, shared);
    if (!all.allowed) await tooMany(reply, path, shared, all.retryAfterSeconds);
  }

  async function tooMany(reply: FastifyReply, path: string, quota: Quota, seconds: number) {
    reply.code(429).headers(rateHeaders(quota, seconds)).headers(headersFor(issuer));
    const code = "too_many_requests";
    if (path !== ROUTES.authorization)
      return await reply.send({ error: code, error_description: `Try again in ${seconds} seconds.` });
    return await reply.type("text/html").send(await server.pages.error({ status: 429, code, ...explain(code) }));
  }
}

const headersFor = (issuer: URL) => ({
  "content-security-policy": POLICY,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // `no-referrer` would make browsers send `Origin: null` with our own forms.
  "referrer-policy": "same-origin",
  "cache-control": "no-store",
  ...(issuer.protocol === "https:" && { "strict-transport-security": "max-age=31536000" }),
});

/** What follows the provider's answer: headers it decides differently, and what a given-out token means for us. */
function afterwards(server: AuthorizationServer) {
  return async (context: Context, next: () => Promise<void>) => {
    await next();
    for (const name of ["allow-origin", "expose-headers"]) context.remove(`access-control-${name}`);
    if (METADATA.includes(context.path)) {
      context.set("access-control-allow-origin", "*");
      context.set("cache-control", "public, max-age=300");
    }
    await finishSignOut(server, context);
    if (context.path === ROUTES.registration && context.status === 201) await boundRegistrations(server);
    if (context.path === ROUTES.token) countTokenAnswer(server, context);
    const token =
      context.path === ROUTES.token && context.status === 200 ? context.oidc.entities.AccessToken : undefined;
    if (!token) return;
    await touchClient(server.db, token.clientId, server.now());
    const first = token.grantId ? await noteUse(server, token.grantId) : undefined;
    if (first) await timeSignIn(server, first);
  };
}
