import { type Context, errors, type Metadata, Provider, type Token } from "oidc-provider";
import { adapterFor } from "./adapter.ts";
import { clientDocuments } from "./client-documents.ts";
import { clientPolicy, DEFAULT_METHOD } from "./client-policy.ts";
import { isIntrospector } from "./introspection.ts";
import { DAY, LIFETIMES } from "./lifetimes.ts";
import { explain } from "./pages.ts";
import { findAccount } from "./people.ts";
import { prompts } from "./prompts.ts";
import { ROUTES } from "./routes.ts";
import { completeScopes, refuseForeignScopes } from "./scopes.ts";
import type { AuthorizationServer } from "./server.ts";
import { SIGN_IN_SCOPES } from "./sign-in-scopes.ts";

/** The authorization server. Every line that departs from a default says what went wrong without it. */
export function buildProvider(server: AuthorizationServer): Provider {
  const { db, config, keys, now, resources, pages } = server;
  const secure = config.publicUrl.startsWith("https:");
  const cookie = { httpOnly: true, sameSite: "lax", secure, signed: true };
  const cimd = clientDocuments(server);
  const provider = new Provider(config.publicUrl, {
    adapter: adapterFor(server),
    // The root is the issuer, so both discovery documents sit at the origin.
    routes: ROUTES,
    jwks: { keys: keys.signing },
    pkce: { required: () => true },
    responseTypes: ["code"],
    scopes: SIGN_IN_SCOPES,
    claims: { openid: ["sub"] },
    allowOmittingSingleRegisteredRedirectUri: false,
    conformIdTokenClaims: true,
    enabledJWA: {
      clientAuthSigningAlgValues: ["ES256"],
      idTokenSigningAlgValues: ["ES256"],
    },
    clientDefaults: {
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: "ES256",
      response_types: ["code"],
      token_endpoint_auth_method: DEFAULT_METHOD,
    },
    // private_key_jwt only serves clients with keys in their row; a stranger's is refused by the policy.
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    extraClientMetadata: {
      properties: ["gateway_kind", "gateway_org"],
      validator: (context: Context | undefined, _name: string, _value: unknown, metadata: Metadata) =>
        clientPolicy(context, metadata, config.oauth.redirectSchemes),
    },
    cookies: {
      // `__Host-` fits the session's cookie alone: those of an interaction are scoped to its path.
      names: { session: secure ? "__Host-oauth" : "oauth", interaction: "oauth_step", resume: "oauth_resume" },
      long: { ...cookie, path: "/" },
      short: cookie,
      keys: [...keys.cookies],
    },
    ttl: LIFETIMES,
    features: {
      // On by default, and off here: pages and userinfo of the library, PAR on a route that is not mounted, and DPoP,
      // which would be worth something only if the resources checked the proof.
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      // Signing in as another account passes through its confirm route, which is a 404 when this is off.
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (context: Context, formHtml: string) => {
          context.body = await pages.signOut({ formHtml, host: new URL(config.publicUrl).host });
        },
        postLogoutSuccessSource: async (context: Context) => {
          context.type = "html";
          context.body = await pages.signedOut();
        },
      },
      registration: { enabled: true, initialAccessToken: false, issueRegistrationAccessToken: false },
      clientIdMetadataDocument: {
        enabled: config.oauth.clientDocuments,
        ack: "draft-02",
        allowFetch: cimd.allowFetch,
        cacheDuration: { min: 300, max: DAY },
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context: Context, client: { clientId: string }, token: Token) =>
          client.clientId === token.clientId,
      },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: isIntrospector(db) },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: (_context: Context, _client: unknown, granted?: string[]) => {
          if (granted?.length === 1) return granted[0];
          throw new errors.InvalidTarget("resource is required");
        },
        getResourceServerInfo(context: Context, url: string) {
          // Two resources in one request would reach the consent page, which can name only one.
          if (Array.isArray(context.oidc.params.resource)) throw new errors.InvalidTarget("one resource at a time");
          const resource = resources.byUrl(url);
          if (!resource) throw new errors.InvalidTarget("unknown resource");
          if (context.oidc.route === "authorization") refuseForeignScopes(resource, context.oidc.params.scope);
          return {
            audience: resource.audience,
            scope: resource.scopes.join(" "),
            accessTokenFormat: "opaque",
            accessTokenTTL: LIFETIMES.AccessToken,
          };
        },
      },
    },
    fetch: cimd.fetch,
    // CORS stays off but for metadata: a browser page has no business at the token endpoint.
    clientBasedCORS: () => false,
    interactions: {
      policy: prompts(server),
      url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}`,
    },
    findAccount: (_context: Context, userId: string, token?: Token) => findAccount(db, now(), userId, token?.grantId),
    // The default shares one grant per browser and client, across vendors and organisations: revoking one vendor
    // ended another, and a second consent could move the first token to another organisation.
    loadExistingGrant: ({ oidc }: Context) =>
      oidc.result?.consent?.grantId ? oidc.provider.Grant.find(oidc.result.consent.grantId) : undefined,
    // The default wants `offline_access` with `prompt=consent`, which clients of 2025 do not send.
    issueRefreshToken: (_context: Context, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed("refresh_token"),
    expiresWithSession: () => false,
    rotateRefreshToken: () => true,
    revokeGrantPolicy: () => true,
    async renderError(context: Context, out: { error: string }, error: Error) {
      const code = error instanceof errors.SessionNotFound ? "session_not_found" : out.error;
      context.type = "html";
      context.body = await pages.error({ status: context.status, code, ...explain(code) });
    },
  });
  provider.use(completeScopes(resources));
  provider.on("error", (error: Error) => server.fail(error));
  provider.on("server_error", (context: Context, error: Error & { retryAfterSeconds?: number }) => {
    if (error.retryAfterSeconds) context.set("retry-after", String(error.retryAfterSeconds));
    server.fail(error);
  });
  return provider;
}
