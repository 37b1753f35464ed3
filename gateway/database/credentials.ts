import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
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

export const findCredential = prepared<{ org: string; owner: string; connection: string }>()((db, value) =>
  db
    .selectFrom("credentials")
    .selectAll()
    .where("connection_id", "=", value("connection"))
    .where("org_id", "=", value("org"))
    .where("owner_id", "=", value("owner")),
);

export async function credentialsExist(db: Db): Promise<boolean> {
  return Boolean(await db.selectFrom("credentials").select("connection_id").limit(1).executeTakeFirst());
}
