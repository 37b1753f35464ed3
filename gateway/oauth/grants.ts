import { deleteArtifact, deleteArtifactsOfGrant } from "../database/artifacts.ts";
import * as rows from "../database/grants.ts";
import type { Db } from "../database/index.ts";
import type { GrantRow } from "../database/schema.ts";
import type { Actor, AuthorizationServer } from "./server.ts";

/** An application that a person lets act for them, at one vendor or at all they have connected, in one organisation. */
export interface AuthorizedApp {
  readonly id: string;
  readonly clientId: string;
  readonly clientName: string;
  /** Where the client's own description lives; missing for an application that only registered itself. */
  readonly clientHost?: string;
  readonly vendor: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** The connections it acts through: one, or one of each vendor. */
  readonly connectionIds: readonly string[];
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt: number;
}

type Server = Pick<AuthorizationServer, "db" | "now" | "audit">;
type Holder = { readonly oauth: Server };

/** Those that still work, newest first. */
export async function listGrants(
  db: Db,
  { org, user, now }: { org: string; user: string; now: number },
): Promise<AuthorizedApp[]> {
  const live = await rows.liveGrants(db, { org, user }, now);
  const bound = await rows.bindingsOf(
    db,
    live.map(({ id }) => id),
  );
  return live.map((row) => ({
    id: row.id,
    clientId: row.client_id,
    clientName: row.client_name,
    clientHost: hostOf(row.client_id),
    vendor: row.vendor,
    resource: row.resource,
    scopes: row.scopes.split(" "),
    connectionIds: row.connection_id ? [row.connection_id] : (bound.get(row.id) ?? []),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    expiresAt: row.expires_at,
  }));
}

export const hostOf = (clientId: string) => (/^https:/i.test(clientId) ? URL.parse(clientId)?.host : undefined);

/** Ends one grant of this person. The next request with any of its tokens is refused. @returns false when not theirs */
export async function revokeGrant(
  { oauth }: Holder,
  { id, org, user, actor }: { id: string; org: string; user: string; actor?: Actor },
): Promise<boolean> {
  const grant = await rows.findGrant(oauth.db, id);
  if (!grant || grant.org_id !== org || grant.user_id !== user) return false;
  return await endGrant(oauth, id, { rule: "revoked-by-person", actor: actor ?? { id: user, type: "user" } });
}

/** Lets grants whose connection is gone use the one that was just made. @returns how many did */
export const rebindGrants = rows.moveGrants;

/** @returns whether this call ended it */
export async function endGrant(
  { audit, now }: Server,
  id: string,
  { rule, actor = { id: "oauth", type: "system" } }: { rule: string; actor?: Actor },
): Promise<boolean> {
  return await audit.atomically(async (trx, record) => {
    const ended = await rows.markGrantRevoked(trx, id, now());
    // Also when it had ended before: a token written by a request that was still under way goes now.
    await deleteArtifactsOfGrant(trx, id);
    await deleteArtifact(trx, "Grant", id);
    if (ended) await record({ ...eventOf(ended), type: "grant.revoke", status: "success", actor, rule });
    return ended !== undefined;
  });
}

/** A refresh token came again inside the grace window: two processes of one client, or a thief. */
export async function noteReuse({ db, audit }: Server, id: string): Promise<void> {
  const grant = await rows.findGrant(db, id);
  if (!grant) return;
  const actor = { id: grant.user_id, type: "user" } as const;
  await audit.record({ ...eventOf(grant), type: "token.reuse", status: "success", actor, rule: "within-grace" });
}

/** An older grant for the same purpose lives this long after the newer one is first used. */
const OVERLAP_MS = 24 * 60 * 60 * 1000;

/**
 * Notes that a grant gave out a token; the first time, older grants for the same purpose are on their way out.
 * @returns the first time, the grant
 */
export async function noteUse({ db, now }: Pick<Server, "db" | "now">, id: string): Promise<GrantRow | undefined> {
  const first = await rows.touchGrant(db, id, now());
  const grant = first ? await rows.findGrant(db, id) : undefined;
  if (grant) await rows.endOlderGrants(db, grant, now() + OVERLAP_MS);
  return grant;
}

/** What an audit event says about a grant. */
export const eventOf = (grant: GrantRow) => ({
  org: grant.org_id,
  client: grant.client_id,
  grant: grant.id,
  connection: grant.connection_id ?? undefined,
  vendor: grant.vendor,
});
