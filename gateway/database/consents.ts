import type { Db } from "./index.ts";
import type { GrantRow } from "./schema.ts";

/** Of one moment there are only a few; whoever looks for one more than a minute late has no need of it. */
const AROUND_MS = 60_000;

/** The consent by which a grant came about: when, and how long after the application's request. */
export async function findConsent(
  db: Db,
  { id, org_id, created_at }: GrantRow,
): Promise<{ at: number; sinceMs?: number } | undefined> {
  const rows = await db
    .selectFrom("audit_events")
    .select(["at", "detail"])
    .where("org_id", "=", org_id)
    .where("type", "=", "consent.grant")
    .where("at", ">=", created_at - AROUND_MS)
    .where("at", "<=", created_at + AROUND_MS)
    .execute();
  const known = rows.map(({ at, detail }) => ({ at, ...(JSON.parse(detail) as { grant?: string; sinceMs?: number }) }));
  return known.find(({ grant }) => grant === id);
}
