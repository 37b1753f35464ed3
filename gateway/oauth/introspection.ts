import type { Client, Context, Token } from "oidc-provider";
import { findGrant } from "../database/grants.ts";
import type { Db } from "../database/index.ts";

/** Who may ask about a token: a confidential client that an administrator made, for tokens of its own organisation. */
export const isIntrospector = (db: Db) => async (_context: Context, client: Client, token: Token) => {
  if (client.gateway_kind !== "service" || client.clientAuthMethod === "none" || !token.grantId) return false;
  return (await findGrant(db, token.grantId))?.org_id === client.gateway_org;
};
