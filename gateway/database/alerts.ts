import { sql } from "kysely";
import type { Db } from "./index.ts";
import type { AlertRow, AlertThresholdRow } from "./schema.ts";

export const findThresholds = (db: Db, org: string): Promise<AlertThresholdRow[]> =>
  db.selectFrom("alert_thresholds").selectAll().where("org_id", "=", org).execute();

export async function putThreshold(trx: Db, row: AlertThresholdRow): Promise<void> {
  const { org_id, kind, ...values } = row;
  await trx
    .insertInto("alert_thresholds")
    .values(row)
    .onConflict((conflict) => conflict.columns(["org_id", "kind"]).doUpdateSet(values))
    .execute();
}

/** @returns whether this is new, and when it was first seen */
export async function noteSeen(trx: Db, org: string, key: string, at: number): Promise<{ isNew: boolean; at: number }> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("alert_seen")
    .values({ org_id: org, key, at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 0n) return { isNew: true, at };
  const row = await trx
    .selectFrom("alert_seen")
    .select("at")
    .where("org_id", "=", org)
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  return { isNew: false, at: row.at };
}

/** How many keys with that beginning were seen since then. */
export async function countSeen(
  trx: Db,
  { org, prefix, since }: { org: string; prefix: string; since: number },
): Promise<number> {
  const row = await trx
    .selectFrom("alert_seen")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("org_id", "=", org)
    .where("at", ">", since)
    .where(sql<boolean>`substr(key, 1, ${sql.lit(prefix.length)}) = ${prefix}`)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** When somebody was first seen, and which tools they used first. */
export async function forgetHabits(trx: Db, { org, user }: { org?: string | undefined; user: string }): Promise<void> {
  const use = `use:${user}:`;
  await trx
    .deleteFrom("alert_seen")
    .where((row) =>
      row.or([row("key", "=", `person:${user}`), sql<boolean>`substr(key, 1, ${sql.lit(use.length)}) = ${use}`]),
    )
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
}

/** What was noted to be counted within a window; that something was seen at all is kept. */
export async function forgetCounted(db: Db, before: number): Promise<void> {
  await db
    .deleteFrom("alert_seen")
    .where("at", "<", before)
    .where(({ not, or }) => not(or(KEPT.map((kept) => sql<boolean>`key like ${`${kept}%`}`))))
    .execute();
}

const KEPT = ["person:", "use:", "client:"];

type About = Pick<AlertRow, "org_id" | "kind" | "subject">;

export const findLive = (trx: Db, { org_id, kind, subject }: About): Promise<AlertRow | undefined> =>
  trx
    .selectFrom("alerts")
    .selectAll()
    .where("org_id", "=", org_id)
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .where("state", "<>", "closed")
    .executeTakeFirst();

/** When an alert about the same was closed last; what happened before is settled. */
export async function lastClosed(trx: Db, { org_id, kind, subject }: About): Promise<number> {
  const row = await trx
    .selectFrom("alerts")
    .select(({ fn }) => fn.max("decided_at").as("at"))
    .where("org_id", "=", org_id)
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .where("state", "=", "closed")
    .executeTakeFirst();
  return row?.at ?? 0;
}

/** False when another process has opened one about the same. */
export async function addAlert(trx: Db, row: AlertRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("alerts")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows !== 0n;
}

export async function growAlert(
  trx: Db,
  id: string,
  grown: Pick<AlertRow, "count" | "last_seq" | "last_at" | "facts" | "severity">,
): Promise<void> {
  await trx.updateTable("alerts").set(grown).where("id", "=", id).execute();
}

/** @returns whether it was in one of those states until now */
export async function moveAlert(
  trx: Db,
  {
    org,
    id,
    from,
    to,
    by,
    now,
  }: { org: string; id: string; from: readonly AlertRow["state"][]; to: AlertRow["state"]; by: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("alerts")
    .set({ state: to, decided_by: by, decided_at: now })
    .where("org_id", "=", org)
    .where("id", "=", id)
    .where("state", "in", from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Opens the last one about the same again, if it was opened since then. @returns whether there was one */
export async function reopenAlert(
  trx: Db,
  { org_id, kind, subject }: About,
  { since, ...seen }: { since: number } & Pick<AlertRow, "last_seq" | "last_at" | "facts">,
): Promise<boolean> {
  const last = trx
    .selectFrom("alerts")
    .select("id")
    .where("org_id", "=", org_id)
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .where("first_at", ">", since)
    .orderBy("first_at", "desc")
    .limit(1);
  const { numUpdatedRows } = await trx
    .updateTable("alerts")
    .set(({ eb }) => ({ ...seen, count: eb("count", "+", 1), state: "open", decided_by: null, decided_at: null }))
    .where("id", "=", last)
    .where("state", "=", "closed")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export const findAlert = (db: Db, org: string, id: string): Promise<AlertRow | undefined> =>
  db.selectFrom("alerts").selectAll().where("org_id", "=", org).where("id", "=", id).executeTakeFirst();

/** The most recent first. */
export const listAlerts = (
  db: Db,
  org: string,
  {
    states,
    limit,
    before,
  }: { states: readonly AlertRow["state"][]; limit: number; before?: { at: number; id: string } },
): Promise<AlertRow[]> =>
  db
    .selectFrom("alerts")
    .selectAll()
    .where("org_id", "=", org)
    .where("state", "in", states)
    .$if(before !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => eb(refTuple("last_at", "id"), "<", tuple(before!.at, before!.id))),
    )
    .orderBy("last_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();

export async function countOpenAlerts(db: Db, org: string): Promise<number> {
  const row = await db
    .selectFrom("alerts")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("org_id", "=", org)
    .where("state", "=", "open")
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export const undelivered = (db: Db, limit: number, org?: string): Promise<AlertRow[]> =>
  db
    .selectFrom("alerts")
    .selectAll()
    .where("delivered_at", "is", null)
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .orderBy("org_id")
    .orderBy("first_at")
    .limit(limit)
    .execute();

export async function orgsWithUndelivered(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("alerts").select("org_id").distinct().where("delivered_at", "is", null).execute();
  return rows.map(({ org_id }) => org_id);
}

export async function noteDelivered(db: Db, id: string, now: number): Promise<void> {
  await db.updateTable("alerts").set({ delivered_at: now }).where("id", "=", id).execute();
}

interface Window {
  readonly org: string;
  readonly actor: string;
  readonly since: number;
  /** Up to which event: what is known already but looked at later does not count yet. */
  readonly through: number;
}

/** Finished calls of a person since then, counted up to so many: more are not worth reading. */
export async function countCallsUpTo(db: Db, { org, actor, since, through }: Window, most: number): Promise<number> {
  const some = db
    .selectFrom("audit_events")
    .select("seq")
    .where("org_id", "=", org)
    .where("actor_id", "=", actor)
    .where("at", ">", since)
    .where("seq", "<=", through)
    .where("type", "=", "tool.call")
    .where("status", "<>", "started")
    .limit(most);
  const row = await db
    .selectFrom(some.as("some"))
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many calls a person makes in a window in which they make any, over a past. */
export async function usualCalls(
  db: Db,
  { org, actor, since, through }: Window,
  { until, windowMs }: { until: number; windowMs: number },
): Promise<number> {
  const row = await db
    .selectFrom("audit_events")
    .select(({ fn }) => [
      fn.countAll<number>().as("calls"),
      sql<number>`count(distinct at / ${sql.lit(windowMs)})`.as("windows"),
    ])
    .where("org_id", "=", org)
    .where("actor_id", "=", actor)
    .where("at", ">", since)
    .where("seq", "<=", through)
    .where("at", "<=", until)
    .where("type", "=", "tool.call")
    .where("status", "<>", "started")
    .executeTakeFirstOrThrow();
  return Number(row.windows) === 0 ? 0 : Number(row.calls) / Number(row.windows);
}

/** Events of a person in a window, by what they are: a status, a type, or rules. */
export async function countEvents(
  db: Db,
  { org, actor, since, through }: Window,
  { status, type }: { status?: "denied"; type?: string },
): Promise<number> {
  const row = await db
    .selectFrom("audit_events")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("org_id", "=", org)
    .where("actor_id", "=", actor)
    .where("at", ">", since)
    .where("seq", "<=", through)
    .$if(status !== undefined, (query) => query.where("status", "=", status!))
    .$if(type !== undefined, (query) => query.where("type", "=", type!))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
