import { sql } from "kysely";
import type { Db } from "./index.ts";

/** What waits in the whole installation: letters to send, alerts to deliver, requests for a yes. */
export async function waitingCounts(db: Db, now: number): Promise<Readonly<Record<"letters" | "alerts" | "approvals", number>>> {
  const { letters, alerts, approvals } = await db
    .selectNoFrom(({ selectFrom, fn }) => [
      selectFrom("outbox").select(fn.countAll<number>().as("count")).where("due_at", "<=", now).as("letters"),
      selectFrom("alerts").select(fn.countAll<number>().as("count")).where("delivered_at", "is", null).where("state", "=", "open").as("alerts"),
      selectFrom("approvals").select(fn.countAll<number>().as("count")).where("status", "=", "pending").where("expires_at", ">", now).as("approvals"),
    ])
    .executeTakeFirstOrThrow();
  return { letters: Number(letters), alerts: Number(alerts), approvals: Number(approvals) };
} // biome-ignore format: one thought

/** How many events each reader has not taken yet, over all organisations. */
export async function eventsBehind(db: Db): Promise<{ reader: string; events: number }[]> {
  const rows = await db
    .selectFrom("audit_cursors as cursor")
    .innerJoin("audit_heads as head", "head.org_id", "cursor.org_id")
    .select(["cursor.reader", sql<number>`sum(head.seq - cursor.seq)`.as("events")])
    .groupBy("cursor.reader")
    .execute();
  return rows.map(({ reader, events }) => ({ reader, events: Number(events) }));
}

/** By vendor and whether they work: active, failing at the last call, refused. */
export async function connectionCounts(db: Db): Promise<{ vendor: string; state: string; count: number }[]> {
  const rows = await db
    .selectFrom("connections")
    .select(({ eb, fn }) => [
      "vendor",
      eb
        .case()
        .when("status", "=", "error")
        .then("refused")
        .when("last_error", "is not", null)
        .then("failing")
        .else("active")
        .end()
        .as("state"),
      fn.countAll<number>().as("count"),
    ])
    .where("status", "!=", "revoked")
    .groupBy(["vendor", "state"])
    .execute();
  return rows.map(({ vendor, state, count }) => ({ vendor, state, count: Number(count) }));
}
