import type { Db } from "./index.ts";

/** Names of those among these ids who are, or were, members of the organisation. Erased people have none. */
export async function namesOf(db: Db, org: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("users")
    .innerJoin("memberships", "memberships.user_id", "users.id")
    .select(["users.id", "users.name"])
    .where("memberships.org_id", "=", org)
    .where("users.id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.filter(({ name }) => name).map(({ id, name }) => [id, name]));
}
