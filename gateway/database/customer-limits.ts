import type { Db } from "./index.ts";

export interface Member {
  readonly org: string;
  readonly user: string;
}

/** One customer of a limited member, with one of the ids that a vendor has for it, if any. */
export interface AdmittedRow {
  readonly id: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly vendor_id: string | null;
  /** As in customer_links. */
  readonly connection_id: string | null;
}

/** What a limited member may see: archived customers are nobody's. */
export const admittedRows = (db: Db, { org, user }: Member): Promise<AdmittedRow[]> =>
  db
    .selectFrom("member_customers as given")
    .innerJoin("customers", (join) =>
      join.onRef("customers.id", "=", "given.customer_id").onRef("customers.org_id", "=", "given.org_id"),
    )
    .leftJoin("customer_links as link", (join) =>
      join.onRef("link.customer_id", "=", "customers.id").onRef("link.org_id", "=", "customers.org_id"),
    )
    .select(["customers.id", "customers.name", "link.vendor", "link.vendor_id", "link.connection_id"])
    .where("given.org_id", "=", org)
    .where("given.user_id", "=", user)
    .where("customers.archived", "=", 0)
    .orderBy("customers.name_key")
    .orderBy("customers.id")
    .execute();

/** Whether a member is limited; undefined for who is none. */
export async function isLimited(db: Db, { org, user }: Member): Promise<boolean | undefined> {
  const row = await db
    .selectFrom("memberships")
    .select("limited")
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .where("active", "=", 1)
    .executeTakeFirst();
  return row && row.limited === 1;
}

export const givenCustomers = (
  db: Db,
  { org, user }: Member,
): Promise<{ id: string; name: string; archived: number }[]> =>
  db
    .selectFrom("member_customers as given")
    .innerJoin("customers", "customers.id", "given.customer_id")
    .select(["customers.id", "customers.name", "customers.archived"])
    .where("given.org_id", "=", org)
    .where("given.user_id", "=", user)
    .where("customers.org_id", "=", org)
    .orderBy("customers.name_key")
    .orderBy("customers.id")
    .execute();

/** Give it a transaction. */
export async function setLimited(trx: Db, { org, user }: Member, limited: boolean): Promise<void> {
  await trx
    .updateTable("memberships")
    .set({ limited: limited ? 1 : 0 })
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .execute();
}

/** Give it a transaction. Those of another organisation are not given. @returns how many were */
export async function giveCustomers(trx: Db, { org, user }: Member, customers: readonly string[]): Promise<number> {
  const there = await trx
    .selectFrom("customers")
    .select("id")
    .where("org_id", "=", org)
    .where("id", "in", [...customers, ""])
    .execute();
  if (there.length === 0) return 0;
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("member_customers")
    .values(there.map(({ id }) => ({ org_id: org, user_id: user, customer_id: id })))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(added ?? 0);
}

/** Give it a transaction. @returns how many were taken */
export async function takeCustomers(trx: Db, { org, user }: Member, customers: readonly string[]): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom("member_customers")
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .where("customer_id", "in", [...customers, ""])
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Who is limited to this customer, among others. */
export const limitedTo = (
  db: Db,
  org: string,
  customer: string,
): Promise<{ id: string; name: string; email: string }[]> =>
  db
    .selectFrom("member_customers as given")
    .innerJoin("memberships", (join) =>
      join.onRef("memberships.org_id", "=", "given.org_id").onRef("memberships.user_id", "=", "given.user_id"),
    )
    .innerJoin("users", "users.id", "given.user_id")
    .select(["users.id", "users.name", "users.email"])
    .where("given.org_id", "=", org)
    .where("given.customer_id", "=", customer)
    .where("memberships.active", "=", 1)
    .where("memberships.limited", "=", 1)
    .orderBy("users.name")
    .execute();

/** Active members, by name, with how many customers each is limited to; or one of them. */
export async function membersWithLimits(db: Db, org: string, user?: string) {
  const rows = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .leftJoin("member_customers as given", (join) =>
      join.onRef("given.org_id", "=", "memberships.org_id").onRef("given.user_id", "=", "memberships.user_id"),
    )
    .select(["users.id", "users.name", "users.email", "memberships.role", "memberships.limited"])
    .select((row) => row.fn.count<number>("given.customer_id").as("customers"))
    .where("memberships.org_id", "=", org)
    .where("memberships.active", "=", 1)
    .$if(user !== undefined, (query) => query.where("memberships.user_id", "=", user!))
    .groupBy(["users.id", "users.name", "users.email", "memberships.role", "memberships.limited"])
    .orderBy("users.name")
    .orderBy("users.id")
    .execute();
  return rows.map((row) => ({ ...row, limited: row.limited ?? 0, customers: Number(row.customers) }));
}
