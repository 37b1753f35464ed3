import type { Insertable } from "kysely";
import type { Customer, CustomerLink } from "./customers.ts";
import type { Db } from "./index.ts";
import type { CustomerImportRow } from "./schema.ts";

export type CustomerImport = CustomerImportRow;

/** Begins an import in place of those of before. */
export async function addImport(trx: Db, row: Insertable<CustomerImport>): Promise<void> {
  await trx
    .deleteFrom("customer_imports")
    .where("org_id", "=", row.org_id)
    .where("user_id", "=", row.user_id)
    .execute();
  await trx.insertInto("customer_imports").values(row).execute();
}

/** Of the person who began it alone. */
export const findImport = (
  db: Db,
  { org, user, id, now }: { org: string; user: string; id: string; now: number },
): Promise<CustomerImport | undefined> =>
  db
    .selectFrom("customer_imports")
    .selectAll()
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .where("id", "=", id)
    .where("expires_at", ">", now)
    .executeTakeFirst();

export async function noteImport(
  db: Db,
  { org_id, id }: Pick<CustomerImport, "org_id" | "id">,
  changes: Partial<Pick<CustomerImport, "state" | "rows_read" | "found" | "problem" | "updated_at">>,
): Promise<void> {
  await db.updateTable("customer_imports").set(changes).where("org_id", "=", org_id).where("id", "=", id).execute();
}

/** @returns whether it was still there: of two who decide at once, one does */
export async function endImport(trx: Db, { org_id, id }: Pick<CustomerImport, "org_id" | "id">): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("customer_imports")
    .where("org_id", "=", org_id)
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** All that the organisation knows of one vendor's ids. */
export const linksAt = (db: Db, org: string, vendor: string): Promise<CustomerLink[]> =>
  db.selectFrom("customer_links").selectAll().where("org_id", "=", org).where("vendor", "=", vendor).execute();

/** Every active customer by its key, for comparing names: ids and names alone. */
export const customersForMatching = (db: Db, org: string): Promise<Pick<Customer, "id" | "name" | "name_key">[]> =>
  db
    .selectFrom("customers")
    .select(["id", "name", "name_key"])
    .where("org_id", "=", org)
    .where("archived", "=", 0)
    .execute();

/** How many accounts of a vendor are connected, by whomever. */
export async function liveAccounts(db: Db, org: string, vendor: string): Promise<number> {
  const { accounts } = await db
    .selectFrom("connections")
    .select((row) => row.fn.countAll<number>().as("accounts"))
    .where("org_id", "=", org)
    .where("vendor", "=", vendor)
    .where("status", "!=", "revoked")
    .executeTakeFirstOrThrow();
  return Number(accounts);
}
