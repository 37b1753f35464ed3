import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { putArtifact } from "../../../gateway/database/artifacts.ts";
import { bindConnections, insertGrant } from "../../../gateway/database/grants.ts";
import { newId, newToken, tokenHash } from "../../../gateway/database/ids.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { letChange } from "../policies.ts";
import { person, type TestApp, testApp } from "../support.ts";

export type Era = "modern" | "legacy";

/** A gateway that listens, with two hand-made vendors. */
export async function gate({ port = 0, ...options }: Parameters<typeof testApp>[0] & { port?: number } = {}) {
  const worlds = { acme: acmeWorld(), other: acmeWorld() };
  const vendors = options.vendors ?? [acme(worlds.acme), acme(worlds.other, "other")];
  const app = await testApp({ lock: lockOf(...vendors), ...options, vendors });
  const origin = await app.listen({ host: "127.0.0.1", port });
  return { app, origin, worlds, someone: (email?: string) => someone(app, email) };
}

/** Somebody with keys for Acme and a token, as the authorization server would have left them. */
async function someone(app: TestApp, email = "ann@example.com") {
  const { user, org } = await person(app, email);
  const owner = { org, user: user.id };
  return {
    ...owner,
    writes: (on: boolean) => letChange(app, { org, on, actor: user.id }),
    async connect(vendor = "acme", apiKey = `key of ${email}`) {
      const parsed = app.vendors.get(vendor)!.credentials.parse({ apiKey });
      if (!parsed.ok) throw new Error("the test's keys do not parse");
      return await saveConnection(app, { ...owner, vendor, credentials: parsed.value as object });
    },
    token: (scopes: string[], { user: holder = owner.user, ...options }: TokenOptions & { user?: string } = {}) =>
      issueToken(app, { ...owner, user: holder }, scopes, options),
  };
}

interface TokenOptions {
  vendor?: string;
  connection?: string;
  client?: string;
  audience?: string;
  /** For a token of all vendors: the connection bound for each. */
  bound?: Record<string, string>;
}

/** Puts a grant and an access token where the verifier finds them. */
export async function issueToken(
  app: TestApp,
  { org, user }: { org: string; user: string },
  scopes: string[],
  { vendor = "acme", connection, client = "client_1", audience, bound = {} }: TokenOptions,
): Promise<string> {
  const now = app.clock.now();
  const aud = audience ?? app.resources.canonical(vendor)!.audience;
  const grant = newId("grt");
  const token = newToken();
  await insertGrant(app.db, {
    id: grant,
    org_id: org,
    user_id: user,
    client_id: client,
    client_name: "A test",
    resource: aud,
    vendor,
    connection_id: connection ?? null,
    scopes: scopes.join(" "),
    created_at: now,
    expires_at: now + 86_400_000,
    last_used_at: null,
    revoked_at: null,
  });
  const bindings = Object.entries(bound).map(([slug, id]) => ({
    grant_id: grant,
    org_id: org,
    vendor: slug,
    connection_id: id,
  }));
  if (bindings.length > 0) await bindConnections(app.db, bindings);
  const exp = Math.floor(now / 1000) + 600;
  await putArtifact(app.db, {
    model: "AccessToken",
    id_hash: tokenHash(token),
    grant_id: grant,
    uid: null,
    user_id: user,
    payload: JSON.stringify({ aud, scope: scopes.join(" "), exp }),
    expires_at: exp * 1000,
  });
  return token;
}

/** A real client of the SDK, speaking one revision. */
export async function connectClient(
  url: string,
  token: string,
  era: Era,
  capabilities: ConstructorParameters<typeof Client>[1] = {},
) {
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" }, ...capabilities },
  );
  await client.connect(transportTo(url, token));
  onTestFinished(() => client.close());
  return client;
}

const transportTo = (url: string, token: string) =>
  new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } });

/** One JSON-RPC request of 2026-07-28 as it goes over the wire. */
export const modern = (method: string, params: Record<string, unknown> = {}, id: number | string = 1) => ({
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(typeof params["name"] === "string" && { "mcp-name": params["name"] }),
  },
  payload: {
    jsonrpc: "2.0",
    id,
    method,
    params: {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        ...(params["_meta"] as object | undefined),
      },
    },
  },
});

/** The same of 2025-11-25. */
export const legacy = (method: string, params: Record<string, unknown> = {}, id: number | string = 1) => ({
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  },
  payload: { jsonrpc: "2.0", id, method, params },
});

/** Audit rows of tool calls, oldest first, detail unfolded. */
export async function toolCallsOf(app: TestApp, org: string) {
  await app.audit.settled();
  const rows = await app.db.selectFrom("audit_events").selectAll().where("org_id", "=", org).orderBy("seq").execute();
  return rows.filter(({ type }) => type === "tool.call").map((row) => ({ ...row, ...JSON.parse(row.detail) }));
}
