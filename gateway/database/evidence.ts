import type { Db } from "./index.ts";

/** What an auditor is shown of one organisation: who has access to what, and under which keys. Never a key or a credential. */
export async function accessOf(db: Db, org: string) {
  const members = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["users.id", "users.name", "users.email", "memberships.role", "memberships.active"])
    .select(["memberships.created_at", "users.disabled_at", "users.erased_at"])
    .where("memberships.org_id", "=", org)
    .orderBy("users.id")
    .execute();
  const connections = await db
    .selectFrom("connections")
    .select(["id", "owner_id", "vendor", "status", "created_at", "last_used_at"])
    .where("org_id", "=", org)
    .orderBy("id")
    .execute();
  const grants = await db
    .selectFrom("oauth_grants")
    .select([
      "id",
      "user_id",
      "client_id",
      "vendor",
      "scopes",
      "created_at",
      "last_used_at",
      "expires_at",
      "revoked_at",
    ])
    .where("org_id", "=", org)
    .orderBy("id")
    .execute();
  return { members, connections, grants };
}

/** Of the keys that seal people's credentials: under which master key, how many, and since when. */
export const keyAges = (db: Db, org: string) =>
  db
    .selectFrom("user_keys")
    .select(({ fn }) => [
      "kid",
      fn.countAll<number>().as("keys"),
      fn.min("created_at").as("oldest"),
      fn.max("created_at").as("newest"),
    ])
    .where("org_id", "=", org)
    .groupBy("kid")
    .orderBy("kid")
    .execute();

/** The stretch of the trail there is. */
export async function trailOf(db: Db, org: string) {
  const head = await db.selectFrom("audit_heads").selectAll().where("org_id", "=", org).executeTakeFirst();
  const anchors = await db
    .selectFrom("audit_anchors")
    .select(({ fn }) => [fn.countAll<number>().as("count"), fn.max("at").as("last")])
    .where("org_id", "=", org)
    .executeTakeFirstOrThrow();
  const oldest = await db
    .selectFrom("audit_events")
    .select("at")
    .where("org_id", "=", org)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return {
    events: (head?.seq ?? 0) - (head?.base_seq ?? 0),
    removed_by_retention: head?.base_seq ?? 0,
    kept_days: head?.keep_days ?? 0,
    oldest: oldest?.at,
    anchors: Number(anchors.count),
    last_anchor: anchors.last ?? undefined,
  };
}
