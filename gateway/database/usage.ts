import type { Db } from "./index.ts";
import type { AuditEventRow } from "./schema.ts";

/** How many tool calls of a person ended in each way since then. */
export async function countCalls(
  db: Db,
  { org, user, since }: { org: string; user: string; since: number },
): Promise<Partial<Record<AuditEventRow["status"], number>>> {
  const rows = await db
    .selectFrom("audit_events")
    .select(["status", (count) => count.fn.countAll<number>().as("calls")])
    .where("org_id", "=", org)
    .where("status", "in", ["success", "error", "timeout", "denied"])
    .where("at", ">=", since)
    .where("type", "=", "tool.call")
    .where("actor_id", "=", user)
    .groupBy("status")
    .execute();
  return Object.fromEntries(rows.map(({ status, calls }) => [status, Number(calls)]));
}
