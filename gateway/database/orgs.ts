import type { Db } from "./index.ts";
import type { MembershipRow, OrgRow } from "./schema.ts";

export type Org = OrgRow;
/** An organisation as one of its active members sees it. */
export type MemberOrg = OrgRow & { role: MembershipRow["role"] };

export async function addOrg(db: Db, org: Org): Promise<void> {
  await db.insertInto("orgs").values(org).execute();
}

export async function addMember(db: Db, membership: MembershipRow): Promise<void> {
  await db.insertInto("memberships").values(membership).execute();
}

/** The personal one first, then by name. */
export const orgsOfMember = (db: Db, user: string): Promise<MemberOrg[]> =>
  db
    .selectFrom("orgs")
    .innerJoin("memberships", "memberships.org_id", "orgs.id")
    .selectAll("orgs")
    .select("memberships.role")
    .where("memberships.user_id", "=", user)
    .where("memberships.active", "=", 1)
    .where("orgs.deleted_at", "is", null)
    .orderBy((order) => order.case().when("orgs.personal_of", "=", user).then(0).else(1).end())
    .orderBy("orgs.name")
    .execute();

/** Where a person was last; their own as long as they have been nowhere. */
export async function startingOrg(db: Db, user: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("orgs")
    .innerJoin("memberships", "memberships.org_id", "orgs.id")
    .select("orgs.id")
    .where("memberships.user_id", "=", user)
    .where("memberships.active", "=", 1)
    .where("orgs.deleted_at", "is", null)
    .orderBy((row) => row.fn.coalesce("memberships.last_seen_at", row.lit(0)), "desc")
    .orderBy((row) => row.case().when("orgs.personal_of", "=", user).then(0).else(1).end())
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

export const findPersonalOrg = (db: Db, user: string): Promise<Org | undefined> =>
  db.selectFrom("orgs").selectAll().where("personal_of", "=", user).executeTakeFirst();

export async function orgExists(db: Db, id: string): Promise<boolean> {
  const row = await db.selectFrom("orgs").select("id").where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst(); // biome-ignore format: one thought
  return Boolean(row);
}

export async function endMemberships(db: Db, user: string): Promise<void> {
  await db.updateTable("memberships").set({ active: 0 }).where("user_id", "=", user).execute();
}

export async function renameOrg(db: Db, org: string, name: string): Promise<void> {
  await db.updateTable("orgs").set({ name }).where("id", "=", org).execute();
}

/** The organisation that was there first, of those that still are. */
export async function firstOrg(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom("orgs")
    .select("id")
    .where("deleted_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Whoever was owner first, in their own organisation: the one who set the gateway up. */
export const firstOwner = (db: Db) =>
  db
    .selectFrom("memberships")
    .innerJoin("orgs", "orgs.id", "memberships.org_id")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["memberships.user_id", "memberships.org_id", "memberships.role", "orgs.name as org_name"])
    .select(["orgs.policy_version", "orgs.region as org_region"])
    .where("memberships.role", "=", "owner")
    .where("memberships.active", "=", 1)
    .where("users.disabled_at", "is", null)
    .orderBy("memberships.created_at")
    .orderBy("users.id")
    .executeTakeFirst();

/** What it was called goes too; its id stays, which audit events name. */
export async function markDeleted(trx: Db, org: string, now: number): Promise<void> {
  await trx.updateTable("orgs").set({ name: "", deleted_at: now }).where("id", "=", org).execute();
  await trx.updateTable("memberships").set({ active: 0 }).where("org_id", "=", org).execute();
}

export async function endMembership(trx: Db, { org, user }: { org: string; user: string }): Promise<void> {
  await trx
    .updateTable("memberships")
    .set({ active: 0 })
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .execute();
}
