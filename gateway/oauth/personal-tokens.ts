import { putArtifact } from "../database/artifacts.ts";
import { bindConnections, insertGrant } from "../database/grants.ts";
import { newId, newToken, tokenHash } from "../database/ids.ts";
import type { GrantRow } from "../database/schema.ts";
import { PERSONAL_TOKEN } from "../policy/agent-types.ts";
import { eventOf } from "./grants.ts";
import { plainText } from "./plain-text.ts";
import { ALL_VENDORS, type Resources } from "./resources.ts";
import type { AuthorizationServer } from "./server.ts";

/** Marks it for people and for scanners that look for leaked secrets. */
const PREFIX = "vspat_";

export interface NewPersonalToken {
  readonly org: string;
  readonly user: string;
  readonly name: string;
  /** The vendor it is for, or ALL_VENDORS. */
  readonly vendor: string;
  readonly scopes: readonly string[];
  /** The connection to use for each vendor. */
  readonly connections: ReadonlyMap<string, string>;
  readonly expiresAt: number;
  readonly requestId?: string;
}

/**
 * A token like that of an authorised app, for programs that cannot open a browser: bound to person, organisation, address and
 * connections, ended in the same ways. It is shown this once.
 */
export async function createPersonalToken(
  { oauth }: { readonly oauth: Pick<AuthorizationServer, "audit" | "now"> & { readonly resources: Resources } },
  wanted: NewPersonalToken,
): Promise<{ id: string; token: string }> {
  const { org, user, vendor, connections, expiresAt, requestId } = wanted;
  const resource = oauth.resources.canonical(vendor);
  if (!resource) throw new Error("No such address.");
  const now = oauth.now();
  const token = PREFIX + newToken();
  const scope = wanted.scopes.join(" ");
  const grant: GrantRow = {
    id: newId("grt"),
    org_id: org,
    user_id: user,
    client_id: PERSONAL_TOKEN,
    client_name: plainText(wanted.name, 80) || "Unnamed token",
    resource: resource.url,
    vendor,
    connection_id: connections.get(vendor) ?? null,
    scopes: scope,
    created_at: now,
    expires_at: expiresAt,
    last_used_at: null,
    revoked_at: null,
  };
  const exp = Math.floor(expiresAt / 1000);
  await oauth.audit.atomically(async (trx, record) => {
    await insertGrant(trx, grant);
    const bound = [...connections].map(([slug, id]) => ({
      grant_id: grant.id,
      org_id: org,
      vendor: slug,
      connection_id: id,
    }));
    if (vendor === ALL_VENDORS && bound.length > 0) await bindConnections(trx, bound);
    await putArtifact(trx, {
      model: "AccessToken",
      id_hash: tokenHash(token),
      grant_id: grant.id,
      uid: null,
      user_id: user,
      payload: JSON.stringify({ aud: resource.audience, scope, exp }),
      expires_at: expiresAt,
    });
    const actor = { id: user, type: "user" } as const;
    const detail = { given: wanted.scopes, expiresAt };
    await record({ ...eventOf(grant), type: "token.create", status: "success", actor, requestId, detail });
  });
  return { id: grant.id, token };
}
