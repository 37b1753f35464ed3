import type { Db } from "./index.ts";
import type { ConnectionRow } from "./schema.ts";

export type Connection = ConnectionRow;

/** Whose rows: every question names the organisation and the person. */
export interface Owner {
  readonly org: string;
  readonly user: string;
}

const mine = (db: Db, { org, user }: Owner) =>
  db
    .selectFrom("connections")
    .selectAll()
    .where("org_id", "=", org)
    .where("owner_id", "=", user)
    .where("status", "!=", "revoked");

/** Everything the person has connected and not revoked, newest first. */
export const listConnections = (db: Db, owner: Owner): Promise<Connection[]> =>
  mine(db, owner).orderBy("created_at", "desc").orderBy("id").execute();

/** One connection, if it is theirs and not revoked. */
export const findConnection = (db: Db, { id, ...owner }: Owner & { id: string }): Promise<Connection | undefined> =>
  mine(db, owner).where("id", "=", id).executeTakeFirst();

/** The connection a call uses: the one that is named, or else the newest that works, or else the newest. */
export async function activeConnection(
  db: Db,
  { vendor, id, ...owner }: Owner & { vendor: string; id?: string },
): Promise<Connection | undefined> {
  const all = mine(db, owner).where("vendor", "=", vendor);
  if (id) return await all.where("id", "=", id).executeTakeFirst();
  const rows = await all.orderBy("created_at", "desc").orderBy("id").execute();
  return rows.find(({ status }) => status === "active") ?? rows[0];
}

/** The vendors whose keys work, for which the person can let an app act. */
export const workingConnections = (db: Db, owner: Owner): Promise<Connection[]> =>
  mine(db, owner).where("status", "=", "active").orderBy("created_at", "desc").orderBy("id").execute();

export async function addConnection(db: Db, row: Connection): Promise<void> {
  await db.insertInto("connections").values(row).execute();
}

type Notes = Partial<Pick<Connection, "status" | "last_used_at" | "last_ok_at" | "last_error" | "last_error_at">>;

/** Notes how a call or a test went, unless the keys were replaced or revoked meanwhile: then it is old news. */
export async function noteOnConnection(db: Db, connection: Connection, notes: Notes): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("connections")
    .set(notes)
    .where("id", "=", connection.id)
    .where("org_id", "=", connection.org_id)
    .where("owner_id", "=", connection.owner_id)
    .where("version", "=", connection.version)
    .where("status", "!=", "revoked")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Marks as revoked and deletes the sealed keys. Give it a transaction. */
export async function endConnection(trx: Db, { org_id, owner_id, id }: Connection, now: number): Promise<void> {
  await trx
    .deleteFrom("credentials")
    .where("connection_id", "=", id)
    .where("org_id", "=", org_id)
    .where("owner_id", "=", owner_id)
    .execute();
  await trx
    .updateTable("connections")
    .set({ status: "revoked", fields: "{}", updated_at: now })
    .where("id", "=", id)
    .where("org_id", "=", org_id)
    .where("owner_id", "=", owner_id)
    .execute();
}

/** Counts the version up; false when the row is gone or another replacement came first. */
export async function replaceConnection(
  db: Db,
  { org_id, owner_id, id, version }: Connection,
  changes: Pick<Connection, "label" | "fields" | "signed_in" | "last_ok_at" | "updated_at">,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("connections")
    .set({ ...changes, version: version + 1, status: "active", last_error: null, last_error_at: null })
    .where("id", "=", id)
    .where("org_id", "=", org_id)
    .where("owner_id", "=", owner_id)
    .where("version", "=", version)
    .where("status", "!=", "revoked")
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}
