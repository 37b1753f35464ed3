import { type Expression, type SqlBool, sql } from "kysely";
import { SEALED, type Sealed } from "./credentials.ts";
import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
import type { ConnectionRow, ConnectionUserRow } from "./schema.ts";

export type Connection = ConnectionRow;

/** Whose rows: every question names the organisation and the person. */
export interface Owner {
  readonly org: string;
  readonly user: string;
}

/** It belongs to the organisation rather than to one person. */
export const isShared = ({ org_id, owner_id }: Pick<Connection, "org_id" | "owner_id">): boolean => owner_id === org_id;

/**
 * Whether a person may use a row of `connections` in this moment: their own, or one that the organisation shares with them or
 * with their role. A program may use what it was given of those.
 */
export const mayUse = (org: Expression<string>, user: Expression<string>) => sql<SqlBool>`(
  connections.owner_id = ${user} or (
    connections.owner_id = ${org} and (
      exists (
        select 1 from connection_users as may
        inner join memberships as them on them.org_id = may.org_id and them.user_id = ${user} and them.active = 1
        where may.connection_id = connections.id and may.org_id = ${org}
          and ((may.kind = 'person' and may.who = them.user_id) or (may.kind = 'role' and may.who = them.role))
      ) or exists (
        select 1 from service_connections as given
        where given.connection_id = connections.id and given.org_id = ${org} and given.service_id = ${user}
      )
    )
  )
)`;

const live = (db: Db, org: string) =>
  db
    .selectFrom("connections")
    .selectAll()
    .where("connections.org_id", "=", org)
    .where("connections.status", "!=", "revoked");

const usable = (db: Db, { org, user }: Owner) => live(db, org).where(mayUse(sql.val(org), sql.val(user)));

/** Everything the person may use, their own and shared ones, newest first. */
export const listConnections = (db: Db, owner: Owner): Promise<Connection[]> =>
  usable(db, owner).orderBy("created_at", "desc").orderBy("id").execute();

/** One connection, if it is theirs alone and not revoked. */
export const findConnection = (db: Db, { id, org, user }: Owner & { id: string }): Promise<Connection | undefined> =>
  live(db, org).where("owner_id", "=", user).where("id", "=", id).executeTakeFirst();

/** One connection that the organisation shares, whoever may use it. */
export const findShared = (db: Db, { id, org }: { id: string; org: string }): Promise<Connection | undefined> =>
  findConnection(db, { id, org, user: org });

/** The connection a call uses: the one that is named, or else the newest that works, or else the newest. */
export async function activeConnection(
  db: Db,
  { vendor, id, ...owner }: Owner & { vendor: string; id?: string },
): Promise<Connection | undefined> {
  if (id) return await findUsable(db, { vendor, id, ...owner });
  const rows = await usable(db, owner)
    .where("vendor", "=", vendor)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
  return rows.find(({ status }) => status === "active") ?? rows[0];
}

/** Named one by one: the server keeps no plan for a star. */
const COLUMNS = [
  "connections.id",
  "connections.org_id",
  "connections.owner_id",
  "connections.vendor",
  "connections.label",
  "connections.fields",
  "connections.status",
  "connections.version",
  "connections.signed_in",
  "connections.last_used_at",
  "connections.last_ok_at",
  "connections.last_error",
  "connections.last_error_at",
  "connections.created_at",
  "connections.updated_at",
] as const;

type Question = Owner & { readonly vendor: string; readonly id: string };

/** The connection of that id, if the person may use it and it is not revoked. */
const usableRow = (db: Db, value: <Name extends keyof Question>(name: Name) => Question[Name]) =>
  db
    .selectFrom("connections")
    .select(COLUMNS)
    .where("connections.id", "=", value("id"))
    .where("connections.org_id", "=", value("org"))
    .where("connections.vendor", "=", value("vendor"))
    .where("connections.status", "!=", "revoked")
    .where(mayUse(sql.val(value("org")), sql.val(value("user"))));

const findUsable = prepared<Question>()(usableRow);

const findUsableSealed = prepared<Question>()((db, value) =>
  usableRow(db, value)
    .leftJoin("credentials", (join) =>
      join
        .onRef("credentials.connection_id", "=", "connections.id")
        .onRef("credentials.org_id", "=", "connections.org_id")
        .onRef("credentials.owner_id", "=", "connections.owner_id"),
    )
    .leftJoin("user_keys", (join) =>
      join
        .onRef("user_keys.org_id", "=", "credentials.org_id")
        .onRef("user_keys.owner_id", "=", "credentials.owner_id"),
    )
    .leftJoin("orgs", "orgs.id", "credentials.org_id")
    .select([...SEALED, "credentials.version as sealed_version"]),
);

/** The connection a call names, and what its owner's key has sealed for it, as both are in one moment: one question in place of two. */
export async function sealedConnection(
  db: Db,
  question: Question,
): Promise<{ connection: Connection; sealed: Sealed | undefined } | undefined> {
  const row = await findUsableSealed(db, question);
  if (!row) return undefined;
  const { home, wrapped_key, box, key_version, kid, wrapped, sealed_version: version, ...connection } = row;
  const sealed = version !== null && wrapped_key !== null && box !== null;
  return { connection, sealed: sealed ? { home, version, wrapped_key, box, key_version, kid, wrapped } : undefined };
}

/** Those whose keys work, for which the person can let an app act: their own before shared ones, the newest first. */
export const workingConnections = (db: Db, owner: Owner): Promise<Connection[]> =>
  usable(db, owner)
    .where("status", "=", "active")
    .orderBy((row) => row.case().when("owner_id", "=", owner.user).then(0).else(1).end())
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();

/** All that the organisation shares, newest first. */
export const sharedConnections = (db: Db, org: string): Promise<Connection[]> =>
  live(db, org).where("owner_id", "=", org).orderBy("created_at", "desc").orderBy("id").execute();

/** What members connected for themselves, by name of the person; never a field of it. */
export const membersConnections = (db: Db, { org, after, limit }: MembersQuestion) =>
  db
    .selectFrom("connections")
    .innerJoin("users", "users.id", "connections.owner_id")
    .select(["connections.id", "connections.vendor", "connections.status", "connections.signed_in"])
    .select(["connections.last_used_at", "connections.last_error", "connections.last_error_at"])
    .select(["users.id as user_id", "users.name as user_name"])
    .where("connections.org_id", "=", org)
    .where("connections.status", "!=", "revoked")
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row("users.name", ">", after!.name),
          row.and([row("users.name", "=", after!.name), row("connections.id", ">", after!.id)]),
        ]),
      ),
    )
    .orderBy("users.name")
    .orderBy("connections.id")
    .limit(limit)
    .execute();

interface MembersQuestion {
  readonly org: string;
  readonly after?: { readonly name: string; readonly id: string };
  readonly limit: number;
}

/** Somebody's own connection, for who looks after the organisation's. */
export const findMembersConnection = (
  db: Db,
  { org, id }: { org: string; id: string },
): Promise<Connection | undefined> =>
  live(db, org).where("owner_id", "!=", org).where("id", "=", id).executeTakeFirst();

export type ConnectionUser = Pick<ConnectionUserRow, "kind" | "who">;

/** Who may use shared connections, by connection. */
export async function connectionUsers(db: Db, org: string): Promise<Map<string, ConnectionUserRow[]>> {
  const rows = await db
    .selectFrom("connection_users")
    .selectAll()
    .where("org_id", "=", org)
    .orderBy("kind", "desc")
    .orderBy("who")
    .execute();
  return Map.groupBy(rows, ({ connection_id }) => connection_id);
}

/** In place of whoever might before. Give it a transaction. */
export async function setConnectionUsers(
  trx: Db,
  { id, org_id }: Pick<Connection, "id" | "org_id">,
  users: readonly ConnectionUser[],
): Promise<void> {
  await trx.deleteFrom("connection_users").where("connection_id", "=", id).where("org_id", "=", org_id).execute();
  const rows = users.map(({ kind, who }) => ({ connection_id: id, org_id, kind, who }));
  if (rows.length > 0) await trx.insertInto("connection_users").values(rows).execute();
}

/** @returns false when it was revoked meanwhile */
export async function nameConnection(trx: Db, { id, org_id, owner_id }: Connection, label: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("connections")
    .set({ label })
    .where("id", "=", id)
    .where("org_id", "=", org_id)
    .where("owner_id", "=", owner_id)
    .where("status", "!=", "revoked")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

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
  await setConnectionUsers(trx, { id, org_id }, []);
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
