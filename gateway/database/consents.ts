import type { Db } from "./index.ts";
import type { GrantRow } from "./schema.ts";

/** The event follows the grant in one transaction; between them there is little else. */
const AFTER_MS = 5_000;

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
    .where("at", ">=", created_at)
    .where("at", "<=", created_at + AFTER_MS)
    .execute();
  const known = rows.map(({ at, detail }) => ({ at, ...(JSON.parse(detail) as { grant?: string; sinceMs?: number }) }));
  return known.find(({ grant }) => grant === id);
}
