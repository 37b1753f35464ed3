import type { Db } from "./index.ts";

/** Calls of people that worked since then, the newest `limit` of them, in order of time. */
export async function callsThatWorked(db: Db, { org, from, limit }: { org: string; from: number; limit: number }) {
  const rows = await db
    .selectFrom("audit_events")
    .select(["at", "actor_id", "tool", "tier", "detail"])
    .where("org_id", "=", org)
    .where("at", ">=", from)
    .where("type", "=", "tool.call")
    .where("status", "=", "success")
    .where("actor_type", "=", "user")
    .orderBy("at", "desc")
    .orderBy("seq", "desc")
    .limit(limit)
    .execute();
  return rows.reverse();
}

/** How requests for a person's yes ended since then. */
export async function decisionsSince(db: Db, { org, from }: { org: string; from: number }) {
  const rows = await db
    .selectFrom("audit_events")
    .select(["type"])
    .where("org_id", "=", org)
    .where("at", ">=", from)
    .where("type", "in", ["approval.approve", "approval.deny", "approval.expire"])
    .execute();
  return rows.map(({ type }) => type);
}
