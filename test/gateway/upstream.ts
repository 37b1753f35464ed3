import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import Provider from "oidc-provider";

/** Somebody's account at the provider. */
export interface UpstreamAccount {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  [claim: string]: unknown;
}

export type Upstream = Awaited<ReturnType<typeof serveUpstream>>;

const SSO_SECRET = "a client secret of the test's provider";

/** Where the company's people sign in: a real OpenID provider on loopback, with one account at a time. */
export async function serveUpstream({
  callback,
  inToken = true,
}: {
  /** Of the gateway. */
  callback: string;
  /** Whether addresses are in the identity token, as most providers do; strict ones keep them for their userinfo. */
  inToken?: boolean;
}) {
  const state = {
    account: { sub: "u-1", email: "ann@example.com", email_verified: true, name: "Ann" } as UpstreamAccount,
    /** Whether a person has to press a button there. */
    asks: false,
    /** How long it thinks before each answer. */
    delayMs: 0,
    /** Whether all it says is an error. */
    broken: false,
    /** Signs people in without asking them, whatever was wanted. */
    deaf: false,
    requests: [] as string[],
  };
  const server = createServer((request, reply) => void serve(request, reply));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = providerAt(issuer, callback, inToken, () => state.account);
  const answer = provider.callback();

  async function serve(request: IncomingMessage, reply: ServerResponse) {
    const { pathname } = new URL(request.url!, issuer);
    state.requests.push(pathname);
    if (state.delayMs > 0) await pause(state.delayMs);
    if (state.broken) return reply.writeHead(503).end("no");
    if (!pathname.startsWith("/interaction/")) return await answer(request, reply);
    await finish(request, reply);
  }

  async function finish(request: IncomingMessage, reply: ServerResponse) {
    const { prompt, params, session } = await provider.interactionDetails(request, reply);
    if (state.asks && prompt.name === "login" && request.method === "GET")
      return reply.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    if (prompt.name === "login") {
      const { sub: accountId, amr } = state.account;
      const to = await provider.interactionResult(request, reply, {
        login: { accountId, amr } as { accountId: string },
      });
      return reply.writeHead(303, { location: to }).end();
    }
    const grant = new provider.Grant({ accountId: session!.accountId!, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const grantId = await grant.save();
    const to = await provider.interactionResult(request, reply, { consent: { grantId } });
    reply.writeHead(303, { location: to }).end();
  }

  return Object.assign(state, {
    issuer,
    env: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "gateway", OIDC_CLIENT_SECRET: SSO_SECRET, OIDC_NAME: "Example Inc" },
    /** Signs in there as somebody's browser does. @returns where it sends the browser in the end */
    async walk(address: string, cookies = new Map<string, string>()): Promise<string> {
      let next = new URL(address);
      if (state.deaf) for (const name of ["prompt", "max_age"]) next.searchParams.delete(name);
      for (let step = 0; step < 12 && next.origin === issuer; step++) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const response = await fetch(next, { redirect: "manual", headers: { cookie, accept: "text/html" } });
        for (const line of response.headers.getSetCookie()) keep(cookies, line);
        const to = response.headers.get("location");
        if (!to) throw new Error(`The provider stopped at ${next.pathname}: ${(await response.text()).slice(0, 300)}`);
        next = new URL(to, next);
      }
      return next.pathname + next.search;
    },
    close: () => new Promise((done) => server.close(done).closeAllConnections()),
  });
}

function keep(cookies: Map<string, string>, line: string) {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (value) cookies.set(name, value);
  else cookies.delete(name);
}

const PAGE = `<!doctype html><html lang="en"><title>Example Inc</title><h1>Example Inc</h1>
<form method="post"><button type="submit">Continue</button></form>`;

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY = { ...privateKey.export({ format: "jwk" }), kid: "up-1", alg: "ES256", use: "sig" };

function providerAt(issuer: string, callback: string, inToken: boolean, account: () => UpstreamAccount) {
  return new Provider(issuer, {
    adapter: adapterIn(new Map()),
    clients: [
      {
        client_id: "gateway",
        client_secret: SSO_SECRET,
        redirect_uris: [callback],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
        id_token_signed_response_alg: "ES256",
        // So that the identity token says when somebody signed in.
        require_auth_time: true,
      },
    ],
    jwks: { keys: [KEY] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub", "amr"], email: ["email", "email_verified", "xms_edov"], profile: ["name"] },
    conformIdTokenClaims: !inToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 3600 },
    findAccount: async (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ ...account(), sub }),
    }),
  });
}

interface Payload {
  grantId?: string;
  uid?: string;
  userCode?: string;
  consumed?: number;
}

/** What oidc-provider remembers, for one test; its own way to do that comes with a warning. */
const adapterIn = (rows: Map<string, Payload>) => (model: string) => ({
  upsert: async (id: string, payload: Payload) => void rows.set(`${model}:${id}`, payload),
  find: async (id: string) => rows.get(`${model}:${id}`),
  findByUid: async (uid: string) => [...rows.values()].find((one) => one.uid === uid),
  findByUserCode: async () => undefined,
  destroy: async (id: string) => void rows.delete(`${model}:${id}`),
  consume: async (id: string) => void Object.assign(rows.get(`${model}:${id}`)!, { consumed: 1 }),
  async revokeByGrantId(grant: string) {
    for (const [key, { grantId }] of rows) if (grantId === grant) rows.delete(key);
  },
});
