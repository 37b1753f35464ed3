import type { Db } from "./index.ts";
import type { ClientRow } from "./schema.ts";

/** Applications that registered themselves, and service clients an administrator made. */
export async function putClient(db: Db, row: ClientRow): Promise<void> {
  const { kind, payload } = row;
  await db
    .insertInto("oauth_clients")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ kind, payload }))
    .execute();
}

export async function findClient(db: Db, id: string): Promise<ClientRow | undefined> {
  return await db.selectFrom("oauth_clients").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Notes a use, at most once a minute. */
export async function touchClient(db: Db, id: string, now: number): Promise<void> {
  await db
    .updateTable("oauth_clients")
    .set({ last_used_at: now })
    .where("id", "=", id)
    .where((is) => is.or([is("last_used_at", "is", null), is("last_used_at", "<", now - 60_000)]))
    .execute();
}

export async function deleteClient(db: Db, id: string): Promise<void> {
  await db.deleteFrom("oauth_clients").where("id", "=", id).execute();
}

/** Registrations that never led anywhere, and those nobody has used for long and no grant depends on. */
export async function deleteUnusedClients(
  db: Db,
  { now, neverUsedMs, unusedMs }: { now: number; neverUsedMs: number; unusedMs: number },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("oauth_clients")
    .where("kind", "=", "dcr")
    .where((is) =>
      is.or([
        is.and([is("last_used_at", "is", null), is("created_at", "<", now - neverUsedMs)]),
        is("last_used_at", "<", now - unusedMs),
      ]),
    )
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("oauth_grants")
            .select("oauth_grants.id")
            .whereRef("oauth_grants.client_id", "=", "oauth_clients.id")
            .where("oauth_grants.revoked_at", "is", null)
            .where("oauth_grants.expires_at", ">", now),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Keeps at most so many registrations: those never used go first, then the ones used longest ago. */
export async function boundClients(db: Db, most: number): Promise<number> {
  const { count } = await db
    .selectFrom("oauth_clients")
    .select((build) => build.fn.countAll<number>().as("count"))
    .where("kind", "=", "dcr")
    .executeTakeFirstOrThrow();
  const over = Number(count) - most;
  if (over <= 0) return 0;
  const { numDeletedRows } = await db
    .deleteFrom("oauth_clients")
    .where("id", "in", (build) =>
      build
        .selectFrom("oauth_clients")
        .select("id")
        .where("kind", "=", "dcr")
        .orderBy((order) => order.case().when("last_used_at", "is", null).then(0).else(1).end())
        .orderBy((order) => order.fn.coalesce("last_used_at", "created_at"))
        .limit(over),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
