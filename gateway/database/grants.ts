import { sql } from "kysely";
import { mayUse } from "./connections.ts";
import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
import type { GrantConnectionRow, GrantRow } from "./schema.ts";

export interface GrantOwner {
  readonly org: string;
  readonly user: string;
}

export async function insertGrant(db: Db, row: GrantRow): Promise<void> {
  await db.insertInto("oauth_grants").values(row).execute();
}

/** Which connection a grant of all vendors uses for each. */
export async function bindConnections(db: Db, rows: readonly GrantConnectionRow[]): Promise<void> {
  await db.insertInto("grant_connections").values(rows).execute();
}

/** The connections that each of these grants is bound to, as far as it is one of all vendors. */
export async function bindingsOf(db: Db, grants: readonly string[]): Promise<Map<string, string[]>> {
  if (grants.length === 0) return new Map();
  const rows = await db.selectFrom("grant_connections").selectAll().where("grant_id", "in", grants).execute();
  const byGrant = Map.groupBy(rows, ({ grant_id }) => grant_id);
  return new Map([...byGrant].map(([grant, bound]) => [grant, bound.map(({ connection_id }) => connection_id)]));
}

/**
 * What a grant of all vendors reaches: every vendor of which the person may use a connection, each with the one bound at
 * consent. Without one it was connected or replaced since, or they may not use it any more.
 */
export async function boundConnections(
  db: Db,
  { grant, org, user }: GrantOwner & { grant: string },
): Promise<Map<string, string | undefined>> {
  const rows = await db
    .selectFrom("connections")
    .leftJoin("grant_connections as bound", (join) =>
      join.onRef("bound.connection_id", "=", "connections.id").on("bound.grant_id", "=", grant),
    )
    .select(["connections.vendor", "bound.connection_id as bound"])
    .where("connections.org_id", "=", org)
    .where("connections.status", "!=", "revoked")
    .where(mayUse(sql.val(org), sql.val(user)))
    .execute();
  const reach = new Map<string, string | undefined>();
  for (const { vendor, bound } of rows) reach.set(vendor, bound ?? reach.get(vendor));
  return reach;
}

export async function findGrant(db: Db, id: string): Promise<GrantRow | undefined> {
  return await db.selectFrom("oauth_grants").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Those that still admit somebody, newest first. */
export async function liveGrants(db: Db, { org, user }: GrantOwner, now: number): Promise<GrantRow[]> {
  return await db
    .selectFrom("oauth_grants")
    .selectAll()
    .where("user_id", "=", user)
    .where("org_id", "=", org)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
}

/** @returns the grant when this call ended it, undefined when there was nothing to end */
export async function markGrantRevoked(db: Db, id: string, now: number): Promise<GrantRow | undefined> {
  return await db
    .updateTable("oauth_grants")
    .set({ revoked_at: now })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .returningAll()
    .executeTakeFirst();
}

/** Notes a use, at most once a minute. @returns whether it was the first */
export async function touchGrant(db: Db, id: string, now: number): Promise<boolean> {
  const first = await db
    .updateTable("oauth_grants")
    .set({ last_used_at: now })
    .where("id", "=", id)
    .where("last_used_at", "is", null)
    .executeTakeFirst();
  if (first.numUpdatedRows > 0n) return true;
  await db
    .updateTable("oauth_grants")
    .set({ last_used_at: now })
    .where("id", "=", id)
    .where("last_used_at", "<", now - 60_000)
    .execute();
  return false;
}

/** Lets the older grants for the same purpose end soon: several processes may still hold tokens of them. */
export async function endOlderGrants(db: Db, newer: GrantRow, endsAt: number): Promise<void> {
  await db
    .updateTable("oauth_grants")
    .set({ expires_at: endsAt })
    .where("org_id", "=", newer.org_id)
    .where("user_id", "=", newer.user_id)
    .where("client_id", "=", newer.client_id)
    .where("resource", "=", newer.resource)
    .where("id", "!=", newer.id)
    .where("created_at", "<=", newer.created_at)
    .where("expires_at", ">", endsAt)
    .execute();
}

/** Gives grants whose connection is gone, or not for this person any more, the one that replaced it. @returns how many */
export async function moveGrants(db: Db, made: GrantOwner & { vendor: string; connection: string }): Promise<number> {
  return (await moveVendorGrants(db, made)) + (await moveBindings(db, made));
}

async function moveBindings(
  db: Db,
  { org, user, vendor, connection }: GrantOwner & { vendor: string; connection: string },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("grant_connections")
    .set({ connection_id: connection })
    .where("org_id", "=", org)
    .where("vendor", "=", vendor)
    .where("grant_id", "in", (is) =>
      is
        .selectFrom("oauth_grants")
        .select("id")
        .where("org_id", "=", org)
        .where("user_id", "=", user)
        .where("revoked_at", "is", null),
    )
    .where("connection_id", "not in", (is) =>
      is
        .selectFrom("connections")
        .select("connections.id")
        .where("connections.org_id", "=", org)
        .where("connections.status", "!=", "revoked")
        .where(mayUse(sql.val(org), sql.val(user))),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

async function moveVendorGrants(
  db: Db,
  { org, user, vendor, connection }: GrantOwner & { vendor: string; connection: string },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_grants")
    .set({ connection_id: connection })
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .where("vendor", "=", vendor)
    .where("revoked_at", "is", null)
    .where((is) =>
      is.or([
        is("connection_id", "is", null),
        is.not(
          is.exists(
            is
              .selectFrom("connections")
              .select("connections.id")
              .whereRef("connections.id", "=", "oauth_grants.connection_id")
              .where("connections.org_id", "=", org)
              .where("connections.status", "!=", "revoked")
              .where(mayUse(sql.val(org), sql.val(user))),
          ),
        ),
      ]),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Everything a bearer token stands for, in one row: none when the token, grant, user or membership has ended. */
export const findCaller = prepared<{ tokenHash: string; now: number }>()((db, value) =>
  db
    .selectFrom("oauth_artifacts as token")
    .innerJoin("oauth_grants as grant", "grant.id", "token.grant_id")
    .innerJoin("users", "users.id", "grant.user_id")
    .innerJoin("memberships", (join) =>
      join.onRef("memberships.org_id", "=", "grant.org_id").onRef("memberships.user_id", "=", "grant.user_id"),
    )
    .innerJoin("orgs", "orgs.id", "grant.org_id")
    .innerJoin("installation", (join) => join.on("installation.id", "=", 1))
    .leftJoin("connections", (join) =>
      join
        .onRef("connections.id", "=", "grant.connection_id")
        .onRef("connections.org_id", "=", "grant.org_id")
        .on("connections.status", "!=", "revoked")
        .on(mayUse(sql.ref("grant.org_id"), sql.ref("grant.user_id"))),
    )
    .select([
      "token.payload",
      "token.expires_at",
      "grant.id as grant_id",
      "grant.org_id",
      "grant.user_id",
      "grant.client_id",
      "grant.client_name",
      "grant.vendor",
      "grant.last_used_at",
      "memberships.role",
      "memberships.limited",
      "orgs.name as org_name",
      "orgs.policy_version",
      "orgs.region as org_region",
      "installation.tools_off",
      "connections.id as connection_id",
    ])
    .where("token.model", "=", "AccessToken")
    .where("token.id_hash", "=", value("tokenHash"))
    .where("token.expires_at", ">", value("now"))
    .where("grant.revoked_at", "is", null)
    .where("grant.expires_at", ">", value("now"))
    .where("users.disabled_at", "is", null)
    .where("users.erased_at", "is", null)
    .where("memberships.active", "=", 1),
);

/** Whether a token may still be given out under this grant: the same conditions as for a caller, without a token. */
export async function isGrantAlive(db: Db, id: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom("oauth_grants as grant")
    .innerJoin("memberships", (join) =>
      join.onRef("memberships.org_id", "=", "grant.org_id").onRef("memberships.user_id", "=", "grant.user_id"),
    )
    .select("grant.id")
    .where("grant.id", "=", id)
    .where("grant.revoked_at", "is", null)
    .where("grant.expires_at", ">", now)
    .where("memberships.active", "=", 1)
    .executeTakeFirst();
  return row !== undefined;
}
