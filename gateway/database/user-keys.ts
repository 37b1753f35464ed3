import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
import type { UserKeyRow } from "./schema.ts";

export type UserKey = UserKeyRow;

/**
 * Holds the owner's key until the transaction ends: nobody replaces it meanwhile, so what is sealed under it stays
 * readable. An update that changes nothing, because that locks a row in every database.
 */
export const holdUserKey = (trx: Db, { org, owner }: { org: string; owner: string }): Promise<UserKey | undefined> =>
  trx
    .updateTable("user_keys")
    .set((row) => ({ kid: row.ref("kid") }))
    .where("org_id", "=", org)
    .where("owner_id", "=", owner)
    .returningAll()
    .executeTakeFirst();

export const findUserKey = prepared<{ org: string; owner: string }>()((db, value) =>
  db
    .selectFrom("user_keys")
    .select(["org_id", "owner_id", "version", "kid", "wrapped", "created_at"])
    .where("org_id", "=", value("org"))
    .where("owner_id", "=", value("owner")),
);

/** @returns false when the owner has a key already, which then stays */
export async function addUserKey(db: Db, row: UserKey): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("user_keys")
    .values(row)
    .onConflict((conflict) => conflict.columns(["org_id", "owner_id"]).doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export async function deleteUserKey(db: Db, org: string, owner: string): Promise<void> {
  await db.deleteFrom("user_keys").where("org_id", "=", org).where("owner_id", "=", owner).execute();
}

/** Wrapped anew, if it is still the row that was read. */
export async function rewrapUserKey(trx: Db, row: UserKey, next: Pick<UserKey, "kid" | "wrapped">): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("user_keys")
    .set({ kid: next.kid, wrapped: next.wrapped })
    .where("org_id", "=", row.org_id)
    .where("owner_id", "=", row.owner_id)
    .where("version", "=", row.version)
    .where("kid", "=", row.kid)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Another key for the owner, in place of the one that was held. */
export async function replaceUserKey(trx: Db, row: UserKey): Promise<void> {
  const { version, kid, wrapped, created_at } = row;
  await trx
    .updateTable("user_keys")
    .set({ version, kid, wrapped, created_at })
    .where("org_id", "=", row.org_id)
    .where("owner_id", "=", row.owner_id)
    .execute();
}

export type OwnerPlace = Pick<UserKey, "org_id" | "owner_id">;

interface UserKeyPage {
  readonly after?: OwnerPlace | undefined;
  readonly limit: number;
  readonly kid?: string;
  /** Only those that this master key did not wrap. */
  readonly notKid?: string;
  /** Only those made before. */
  readonly madeBefore?: number;
  readonly org?: string | undefined;
  readonly owner?: string | undefined;
}

const userKeysWhere = (db: Db, { after, kid, notKid, madeBefore, org, owner }: Omit<UserKeyPage, "limit">) =>
  db
    .selectFrom("user_keys")
    .$if(kid !== undefined, (query) => query.where("kid", "=", kid!))
    .$if(notKid !== undefined, (query) => query.where("kid", "<>", notKid!))
    .$if(madeBefore !== undefined, (query) => query.where("version", "<", madeBefore!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .$if(owner !== undefined, (query) => query.where("owner_id", "=", owner!))
    .$if(after !== undefined, (query) =>
      query.where((is) =>
        is.or([
          is("org_id", ">", after!.org_id),
          is.and([is("org_id", "=", after!.org_id), is("owner_id", ">", after!.owner_id)]),
        ]),
      ),
    );

/** In the order of organisation and owner. */
export const userKeyPage = (db: Db, { limit, ...page }: UserKeyPage): Promise<UserKey[]> =>
  userKeysWhere(db, page).selectAll().orderBy("org_id").orderBy("owner_id").limit(limit).execute();

export async function countUserKeys(db: Db, page: Omit<UserKeyPage, "limit" | "after"> = {}): Promise<number> {
  const counted = userKeysWhere(db, page).select((build) => build.fn.countAll<number>().as("count"));
  return Number((await counted.executeTakeFirstOrThrow()).count);
}

/** How many user keys each master key wraps, and when the oldest was made. */
export async function userKeysByKid(db: Db): Promise<{ kid: string; count: number; oldest: number }[]> {
  const rows = await db
    .selectFrom("user_keys")
    .select((build) => ["kid", build.fn.countAll<number>().as("count"), build.fn.min("created_at").as("oldest")])
    .groupBy("kid")
    .orderBy("kid")
    .execute();
  return rows.map(({ kid, count, oldest }) => ({ kid, count: Number(count), oldest: Number(oldest) }));
}

/** One that this master key wraps. */
export const someUserKey = (db: Db, kid: string): Promise<UserKey | undefined> =>
  db.selectFrom("user_keys").selectAll().where("kid", "=", kid).limit(1).executeTakeFirst();

/** The master keys that stored user keys need. */
export async function kidsInUse(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("user_keys").select("kid").distinct().execute();
  return rows.map(({ kid }) => kid);
}
