import type { Db } from "./index.ts";
import type { CredentialRow } from "./schema.ts";

export type Credential = CredentialRow;

/** Stores, or replaces what the connection had. */
export async function putCredential(db: Db, row: Credential): Promise<void> {
  await db
    .insertInto("credentials")
    .values(row)
    .onConflict((conflict) => conflict.column("connection_id").doUpdateSet(row))
    .execute();
}

export const findCredential = (
  db: Db,
  where: { org: string; owner: string; connection: string },
): Promise<Credential | undefined> =>
  db
    .selectFrom("credentials")
    .selectAll()
    .where("connection_id", "=", where.connection)
    .where("org_id", "=", where.org)
    .where("owner_id", "=", where.owner)
    .executeTakeFirst();

export async function credentialsExist(db: Db): Promise<boolean> {
  return Boolean(await db.selectFrom("credentials").select("connection_id").limit(1).executeTakeFirst());
}
