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
    .orderBy((order) => order.case().when("orgs.personal_of", "=", user).then(0).else(1).end())
    .orderBy("orgs.name")
    .execute();

export const findPersonalOrg = (db: Db, user: string): Promise<Org | undefined> =>
  db.selectFrom("orgs").selectAll().where("personal_of", "=", user).executeTakeFirst();

/** A changed policy has a new version, so that lists built under the old one are not served again. */
export async function setWrites(db: Db, org: string, enabled: boolean): Promise<void> {
  await db
    .updateTable("orgs")
    .set((old) => ({ writes_enabled: enabled ? 1 : 0, policy_version: old("policy_version", "+", 1) }))
    .where("id", "=", org)
    .where("writes_enabled", "=", enabled ? 0 : 1)
    .execute();
}

/** Adds or takes away a vendor; who changes it at the same time is waited for. */
export async function setExtended(trx: Db, org: string, vendor: string, enabled: boolean): Promise<void> {
  for (;;) {
    const row = await trx.selectFrom("orgs").select("extended_vendors").where("id", "=", org).executeTakeFirst();
    if (!row || extendedVendors(row).has(vendor) === enabled) return;
    const others = [...extendedVendors(row)].filter((each) => each !== vendor);
    const { numUpdatedRows } = await trx
      .updateTable("orgs")
      .set((old) => ({
        extended_vendors: (enabled ? [...others, vendor].sort() : others).join(" "),
        policy_version: old("policy_version", "+", 1),
      }))
      .where("id", "=", org)
      .where("extended_vendors", "=", row.extended_vendors)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
  }
}

export const extendedVendors = ({ extended_vendors }: Pick<Org, "extended_vendors">): ReadonlySet<string> =>
  new Set(extended_vendors.split(" ").filter(Boolean));

export async function endMemberships(db: Db, user: string): Promise<void> {
  await db.updateTable("memberships").set({ active: 0 }).where("user_id", "=", user).execute();
}

export async function renameOrg(db: Db, org: string, name: string): Promise<void> {
  await db.updateTable("orgs").set({ name }).where("id", "=", org).execute();
}
