import { randomBytes } from "node:crypto";
import type { Client, Context, Token } from "oidc-provider";
import { findGrant } from "../database/grants.ts";
import type { Db } from "../database/index.ts";
import { adapterFor } from "./adapter.ts";
import type { AuthorizationServer } from "./server.ts";

/** Who may ask about a token: a confidential client that an administrator made, for tokens of its own organisation. */
export const isIntrospector = (db: Db) => async (_context: Context, client: Client, token: Token) => {
  if (client.gateway_kind !== "service" || client.clientAuthMethod === "none" || !token.grantId) return false;
  return (await findGrant(db, token.grantId))?.org_id === client.gateway_org;
};

/** Makes a program known that may introspect tokens of one organisation. The secret is shown this once. */
export async function createServiceClient(
  server: Pick<AuthorizationServer, "db" | "box" | "now" | "audit">,
  { org, name }: { org: string; name: string },
): Promise<{ id: string; secret: string }> {
  const id = `svc_${randomBytes(15).toString("base64url")}`;
  const secret = randomBytes(48).toString("base64url");
  await adapterFor(server)("Client").upsert(id, {
    client_id: id,
    client_secret: secret,
    client_name: name,
    gateway_kind: "service",
    gateway_org: org,
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  });
  return { id, secret };
}
