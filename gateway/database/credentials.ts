import { PostgresAdapter } from "kysely";
import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
import type { ConnectionRow as Connection, CredentialRow } from "./schema.ts";

/** What is kept of how its renewals fail is not part of it, and begins anew with whatever is stored. */
export type Credential = Omit<CredentialRow, keyof typeof NO_FAILURES>;

const NO_FAILURES = { renew_failures: null, failing_since: null, renew_after: null };

/** Stores, or replaces what the connection had. */
export async function putCredential(db: Db, row: Credential): Promise<void> {
  await db
    .insertInto("credentials")
    .values(row)
    .onConflict((conflict) => conflict.column("connection_id").doUpdateSet({ ...row, ...NO_FAILURES }))
    .execute();
}

/** What opens a credential, but for its version. */
export const SEALED = [
  "orgs.region as home",
  "credentials.wrapped_key as wrapped_key",
  "credentials.box as box",
  "user_keys.version as key_version",
  "user_keys.kid as kid",
  "user_keys.wrapped as wrapped",
] as const;

export type Sealed = NonNullable<Awaited<ReturnType<typeof findSealed>>>;

/**
 * A credential with its owner's key, which is null when that is gone. One statement, so that both are of one moment:
 * a rotation changes them together.
 */
export const findSealed = prepared<{ org: string; owner: string; connection: string }>()((db, value) =>
  db
    .selectFrom("credentials")
    .leftJoin("user_keys", (join) =>
      join
        .onRef("user_keys.org_id", "=", "credentials.org_id")
        .onRef("user_keys.owner_id", "=", "credentials.owner_id"),
    )
    .leftJoin("orgs", "orgs.id", "credentials.org_id")
    .select([...SEALED, "credentials.version as version"])
    .where("credentials.connection_id", "=", value("connection"))
    .where("credentials.org_id", "=", value("org"))
    .where("credentials.owner_id", "=", value("owner")),
);

/** Everything that is sealed under an owner's key. */
export const credentialsOf = (db: Db, { org_id, owner_id }: Pick<Credential, "org_id" | "owner_id">) =>
  db.selectFrom("credentials").selectAll().where("org_id", "=", org_id).where("owner_id", "=", owner_id).execute();

/** Those whose owner's key is gone: nothing opens them. */
export const credentialsWithoutKey = (db: Db) =>
  db
    .selectFrom("credentials")
    .leftJoin("user_keys", (join) =>
      join
        .onRef("user_keys.org_id", "=", "credentials.org_id")
        .onRef("user_keys.owner_id", "=", "credentials.owner_id"),
    )
    .select(["credentials.org_id as org_id", "credentials.connection_id as connection_id"])
    .where("user_keys.kid", "is", null)
    .execute();

export async function orgsWithCredentials(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("credentials").select("org_id").distinct().orderBy("org_id").execute();
  return rows.map(({ org_id }) => org_id);
}

export const versionsIn = (db: Db, org: string) =>
  db.selectFrom("credentials").select(["connection_id", "version"]).where("org_id", "=", org).execute();

/** Deletes what nothing opens any more; the connections stay and ask for new keys. @returns how many there were */
export async function giveUpCredentials(trx: Db, owner: Pick<Credential, "org_id" | "owner_id">): Promise<number> {
  const ids = (await credentialsOf(trx, owner)).map(({ connection_id }) => connection_id);
  if (ids.length === 0) return 0;
  await trx.deleteFrom("credentials").where("connection_id", "in", ids).execute();
  await trx
    .updateTable("connections")
    .set({ status: "error", last_error: "VENDOR_AUTH" })
    .where("id", "in", ids)
    .where("status", "!=", "revoked")
    .execute();
  return ids.length;
}

export async function rewrapCredential(trx: Db, row: Credential, wrapped_key: Uint8Array): Promise<void> {
  await trx
    .updateTable("credentials")
    .set({ wrapped_key })
    .where("connection_id", "=", row.connection_id)
    .where("version", "=", row.version)
    .execute();
}

export async function credentialsExist(db: Db): Promise<boolean> {
  return Boolean(await db.selectFrom("credentials").select("connection_id").limit(1).executeTakeFirst());
}

export type CredentialKey = Pick<Credential, "connection_id" | "org_id" | "owner_id">;

/** What is stored now, without the box. */
export const credentialState = (db: Db, key: CredentialKey) =>
  db
    .selectFrom("credentials")
    .select(["version", "expires_at", "leased_until"])
    .where("connection_id", "=", key.connection_id)
    .where("org_id", "=", key.org_id)
    .where("owner_id", "=", key.owner_id)
    .executeTakeFirst();

/** One row, if nothing replaced it since: false when another version is stored, or none. */
export async function rotateCredential(db: Db, row: Credential, from: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("credentials")
    .set({ ...row, ...NO_FAILURES, leased_until: null })
    .where("connection_id", "=", row.connection_id)
    .where("org_id", "=", row.org_id)
    .where("owner_id", "=", row.owner_id)
    .where("version", "=", from)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** For so long nobody else renews this version; false when somebody does already, or another version is stored. */
export async function leaseCredential(
  db: Db,
  key: CredentialKey & { version: number },
  { now, until }: { now: number; until: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("credentials")
    .set({ leased_until: until })
    .where("connection_id", "=", key.connection_id)
    .where("org_id", "=", key.org_id)
    .where("owner_id", "=", key.owner_id)
    .where("version", "=", key.version)
    .where((row) => row.or([row("leased_until", "is", null), row("leased_until", "<=", now)]))
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Lets others try at once; nothing when the version went on meanwhile. */
export async function releaseCredential(db: Db, key: CredentialKey & { version: number }): Promise<void> {
  await db
    .updateTable("credentials")
    .set({ leased_until: null })
    .where("connection_id", "=", key.connection_id)
    .where("org_id", "=", key.org_id)
    .where("owner_id", "=", key.owner_id)
    .where("version", "=", key.version)
    .execute();
}

export type DueConnection = Connection & { readonly credential_version: number };

interface Claim {
  readonly by: number;
  readonly now: number;
  readonly until: number;
  readonly region?: string | undefined;
  /** Vendors of which enough are being renewed. */
  readonly except?: readonly string[];
}

/**
 * Takes one sign-in that ends by then and has lived at least half of its life, the soonest first, and leases it: nobody else renews
 * it until then. Each is given to one process, however many ask at the same time, and no process waits for another. Those at home
 * in another region are left to it.
 */
export async function claimEnding(
  db: Db,
  { by, now, until, region, except = [] }: Claim,
): Promise<DueConnection | undefined> {
  const due = db
    .selectFrom("credentials as due")
    .innerJoin("connections", "connections.id", "due.connection_id")
    .leftJoin("orgs", "orgs.id", "due.org_id")
    .select("due.connection_id")
    .where((row) => row.or([row("orgs.region", "is", null), row("orgs.region", "=", region ?? "")]))
    .where("due.expires_at", "<=", by)
    .where((row) => row(row("due.expires_at", "+", row.ref("due.created_at")), "<=", 2 * now))
    .$if(except.length > 0, (query) => query.where("due.vendor", "not in", [...except]))
    .where("connections.signed_in", "=", 1)
    .where("connections.status", "=", "active")
    .where((row) => row.or([row("due.leased_until", "is", null), row("due.leased_until", "<=", now)]))
    .where((row) => row.or([row("due.renew_after", "is", null), row("due.renew_after", "<=", now)]))
    .orderBy("due.expires_at")
    .limit(1)
    // SQLite has one writer at a time, so there is nothing to skip.
    .$if(db.getExecutor().adapter instanceof PostgresAdapter, (query) => query.forUpdate("due").skipLocked());
  const claimed = await db
    .updateTable("credentials")
    .set({ leased_until: until })
    .where("connection_id", "=", due)
    .returning(["connection_id", "version"])
    .executeTakeFirst();
  if (!claimed) return undefined;
  const connection = await db
    .selectFrom("connections")
    .selectAll()
    .where("id", "=", claimed.connection_id)
    .executeTakeFirst();
  return connection && { ...connection, credential_version: claimed.version };
}

/**
 * One more renewal of this version failed: says until when nobody tries again, and lets go of the lease.
 * @returns how it fails by now; undefined when the version went on meanwhile
 */
export async function noteRenewalFailure(
  db: Db,
  { connection_id, org_id, version }: CredentialKey & { version: number },
  { now, delayMs }: { now: number; delayMs(failures: number): number },
): Promise<{ failures: number; since: number } | undefined> {
  const row = await db
    .updateTable("credentials")
    .set((old) => ({
      renew_failures: old(old.fn.coalesce("renew_failures", old.val(0)), "+", 1),
      failing_since: old.fn.coalesce("failing_since", old.val(now)),
    }))
    .where("connection_id", "=", connection_id)
    .where("org_id", "=", org_id)
    .where("version", "=", version)
    .returning(["renew_failures", "failing_since"])
    .executeTakeFirst();
  if (!row) return undefined;
  const failures = Number(row.renew_failures);
  await db
    .updateTable("credentials")
    .set({ renew_after: now + delayMs(failures), leased_until: null })
    .where("connection_id", "=", connection_id)
    .where("org_id", "=", org_id)
    .where("version", "=", version)
    .execute();
  return { failures, since: Number(row.failing_since) };
}

/** When the tokens of a person's connections and of shared ones end, by connection. */
export async function tokenEnds(db: Db, { org, user }: { org: string; user: string }): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("credentials")
    .select(["connection_id", "expires_at"])
    .where("org_id", "=", org)
    .where("owner_id", "in", [user, org])
    .where("expires_at", "is not", null)
    .execute();
  return new Map(rows.map(({ connection_id, expires_at }) => [connection_id, expires_at!]));
}
