import type { Db } from "./index.ts";

/** Names of those among these ids who are, or were, members of the organisation, in the order of names. Erased people have none. */
export async function namesOf(db: Db, org: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("users")
    .innerJoin("memberships", "memberships.user_id", "users.id")
    .select(["users.id", "users.name"])
    .where("memberships.org_id", "=", org)
    .where("users.id", "in", [...new Set(ids)])
    .where("users.name", "!=", "")
    .orderBy("users.name")
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
