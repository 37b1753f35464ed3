import type { Db } from "./index.ts";
import type { CustomerLinkRow, CustomerRow } from "./schema.ts";

export type Customer = CustomerRow;
export type CustomerLink = CustomerLinkRow;

/** A statement takes only so many values. */
const AT_ONCE = 500;

export const findCustomer = (db: Db, org: string, id: string): Promise<Customer | undefined> =>
  db.selectFrom("customers").selectAll().where("org_id", "=", org).where("id", "=", id).executeTakeFirst();

export interface CustomerQuery {
  readonly org: string;
  readonly archived: boolean;
  /** Part of a name, as `nameKey` makes it. */
  readonly key?: string;
  /** Behind this one in the order of names. */
  readonly after?: { readonly key: string; readonly id: string };
  readonly limit: number;
}

/** By name. */
export const listCustomers = (db: Db, { org, archived, key, after, limit }: CustomerQuery): Promise<Customer[]> =>
  db
    .selectFrom("customers")
    .selectAll()
    .where("org_id", "=", org)
    .where("archived", "=", archived ? 1 : 0)
    .$if(key !== undefined, (query) => query.where("name_key", "like", `%${plain(key!)}%`))
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row("name_key", ">", after!.key),
          row.and([row("name_key", "=", after!.key), row("id", ">", after!.id)]),
        ]),
      ),
    )
    .orderBy("name_key")
    .orderBy("id")
    .limit(limit)
    .execute();

/** Keys hold letters, digits and spaces; nothing else can be among them, so nothing else is looked for. */
const plain = (key: string) => key.replace(/[%_\\]/g, "");

export async function countCustomers(db: Db, org: string): Promise<{ active: number; archived: number }> {
  const rows = await db
    .selectFrom("customers")
    .select(["archived", (count) => count.fn.countAll<number>().as("customers")])
    .where("org_id", "=", org)
    .groupBy("archived")
    .execute();
  const of = (archived: number) => Number(rows.find((row) => row.archived === archived)?.customers ?? 0);
  return { active: of(0), archived: of(1) };
}

export async function addCustomers(trx: Db, rows: readonly Customer[]): Promise<void> {
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await trx
      .insertInto("customers")
      .values(rows.slice(from, from + AT_ONCE))
      .execute();
}

export async function changeCustomer(
  trx: Db,
  { org_id, id }: Pick<Customer, "org_id" | "id">,
  changes: Partial<Pick<Customer, "name" | "name_key" | "archived">>,
): Promise<void> {
  await trx.updateTable("customers").set(changes).where("org_id", "=", org_id).where("id", "=", id).execute();
}

/** Gives all that one customer has to another, and leaves nothing of it. Give it a transaction. */
export async function moveCustomer(trx: Db, org: string, { from, to }: { from: string; to: string }): Promise<void> {
  await trx
    .updateTable("customer_links")
    .set({ customer_id: to })
    .where("org_id", "=", org)
    .where("customer_id", "=", from)
    .execute();
  const given = trx
    .selectFrom("member_customers")
    .select("user_id")
    .where("org_id", "=", org)
    .where("customer_id", "=", to);
  await trx
    .deleteFrom("member_customers")
    .where("org_id", "=", org)
    .where("customer_id", "=", from)
    .where("user_id", "in", given)
    .execute();
  await trx
    .updateTable("member_customers")
    .set({ customer_id: to })
    .where("org_id", "=", org)
    .where("customer_id", "=", from)
    .execute();
  await trx.deleteFrom("customers").where("org_id", "=", org).where("id", "=", from).execute();
}

/** The links of some customers. */
export async function linksOf(db: Db, org: string, customers: readonly string[]): Promise<CustomerLink[]> {
  if (customers.length === 0) return [];
  return await db
    .selectFrom("customer_links")
    .selectAll()
    .where("org_id", "=", org)
    .where("customer_id", "in", customers)
    .orderBy("vendor")
    .orderBy("vendor_name")
    .orderBy("vendor_id")
    .execute();
}

/** Those of one id of a vendor, in whichever account. */
export const linksTo = (db: Db, org: string, vendor: string, vendorId: string): Promise<CustomerLink[]> =>
  db
    .selectFrom("customer_links")
    .selectAll()
    .where("org_id", "=", org)
    .where("vendor", "=", vendor)
    .where("vendor_id", "=", vendorId)
    .execute();

export async function addLinks(trx: Db, rows: readonly CustomerLink[]): Promise<void> {
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await trx
      .insertInto("customer_links")
      .values(rows.slice(from, from + AT_ONCE))
      .execute();
}

type LinkKey = Pick<CustomerLink, "org_id" | "vendor" | "vendor_id" | "connection_id">;

export async function changeLink(
  trx: Db,
  { org_id, vendor, vendor_id, connection_id }: LinkKey,
  changes: Partial<Pick<CustomerLink, "customer_id" | "vendor_name" | "gone_at">>,
): Promise<void> {
  await trx
    .updateTable("customer_links")
    .set(changes)
    .where("org_id", "=", org_id)
    .where("vendor", "=", vendor)
    .where("vendor_id", "=", vendor_id)
    .where("connection_id", "=", connection_id)
    .execute();
}

export async function removeLink(trx: Db, { org_id, vendor, vendor_id, connection_id }: LinkKey): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("customer_links")
    .where("org_id", "=", org_id)
    .where("vendor", "=", vendor)
    .where("vendor_id", "=", vendor_id)
    .where("connection_id", "=", connection_id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
