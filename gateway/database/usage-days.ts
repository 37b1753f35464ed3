import { type ExpressionBuilder, sql } from "kysely";
import type { Db } from "./index.ts";
import type { AuditEventRow, Database, UsageDayRow, UsageLatencyRow } from "./schema.ts";

const COUNTED = ["success", "error", "timeout", "denied", "cached"] as const;
export type Counted = (typeof COUNTED)[number];

/** What figures can be told apart by. */
export type UsageBy = "tool" | "vendor" | "actor_id" | "client" | "customer";

/** Organisations with events that are not counted yet. */
export async function orgsToCount(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom("audit_heads as head")
    .leftJoin("usage_progress as progress", "progress.org_id", "head.org_id")
    .select("head.org_id")
    .where(({ eb, fn, ref, val }) => eb("head.seq", ">", fn.coalesce(ref("progress.seq"), val(0))))
    .execute();
  return rows.map(({ org_id }) => org_id);
}

/** Up to which event an organisation is counted, held until the transaction ends: two processes do not count one twice. */
export async function holdProgress(trx: Db, org: string): Promise<number> {
  const { seq } = await trx
    .insertInto("usage_progress")
    .values({ org_id: org, seq: 0 })
    .onConflict((conflict) => conflict.column("org_id").doUpdateSet((old) => ({ seq: old.ref("usage_progress.seq") })))
    .returning("seq")
    .executeTakeFirstOrThrow();
  return seq;
}

export const readForCounting = (trx: Db, org: string, after: number, limit: number) =>
  trx
    .selectFrom("audit_events")
    .select(["seq", "at", "type", "status", "actor_id", "vendor", "tool", "client", "customer", "detail"])
    .where("org_id", "=", org)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute();

export type CountedEvent = Pick<
  AuditEventRow,
  "seq" | "at" | "type" | "status" | "actor_id" | "vendor" | "tool" | "client" | "customer" | "detail"
>;

/** Adds to what is there, and remembers how far the counting is. */
export async function addCounts(
  trx: Db,
  org: string,
  { days, latencies, seq }: { days: readonly UsageDayRow[]; latencies: readonly UsageLatencyRow[]; seq: number },
): Promise<void> {
  for (const rows of chunks(days))
    await trx
      .insertInto("usage_days")
      .values(rows)
      .onConflict(
        (conflict) =>
        conflict
          .columns(["org_id", "day", "tool", "actor_id", "client", "customer", "vendor"])
          .doUpdateSet((eb) => Object.fromEntries(COUNTED.map((name) => [name, eb(`usage_days.${name}`, "+", eb.ref(`excluded.${name}`))]))), // biome-ignore format: one thought
      )
      .execute();
  for (const rows of chunks(latencies))
    await trx
      .insertInto("usage_latencies")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["org_id", "day", "tool", "bucket", "vendor"])
          .doUpdateSet((eb) => ({ calls: eb("usage_latencies.calls", "+", eb.ref("excluded.calls")) })),
      )
      .execute();
  await trx.updateTable("usage_progress").set({ seq }).where("org_id", "=", org).execute();
}

const ROWS_AT_ONCE = 500;

function* chunks<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) yield rows.slice(from, from + ROWS_AT_ONCE);
}

export interface UsageQuestion {
  readonly org: string;
  /** The first day that counts, since 1970. */
  readonly from: number;
  /** Only what is of this vendor. */
  readonly vendor?: string;
}

type Sums = Record<Counted, number>;

const sums = ({ fn }: ExpressionBuilder<Database, "usage_days">) =>
  COUNTED.map((name) => fn.sum<number>(`usage_days.${name}`).as(name));

const within = (db: Db, { org, from, vendor }: UsageQuestion) =>
  db
    .selectFrom("usage_days")
    .where("org_id", "=", org)
    .where("day", ">=", from)
    .$if(vendor !== undefined, (query) => query.where("vendor", "=", vendor!));

/** PostgreSQL answers sums as texts. */
const numbers = (row: Sums): Sums => Object.fromEntries(COUNTED.map((name) => [name, Number(row[name] ?? 0)])) as Sums; // of each

/** Per day, the oldest first; days without a call are not there. */
export async function usageByDay(db: Db, question: UsageQuestion): Promise<(Sums & { day: number })[]> {
  const rows = await within(db, question).select("day").select(sums).groupBy("day").orderBy("day").execute();
  return rows.map(({ day, ...row }) => ({ day, ...numbers(row) }));
}

/** What was used most comes first. */
export async function usageBy(
  db: Db,
  question: UsageQuestion,
  by: UsageBy,
  limit: number,
): Promise<(Sums & { name: string })[]> {
  const rows = await within(db, question)
    .select(`${by} as name`)
    .select(sums)
    .groupBy(by)
    .orderBy(sql`sum(success) + sum(error) + sum(timeout) + sum(denied)`, "desc")
    .orderBy(by)
    .limit(limit)
    .execute();
  return rows.map(({ name, ...row }) => ({ name, ...numbers(row) }));
}

/** How many calls of each vendor or tool took about how long; of everything together under one empty name. */
export async function latenciesBy(
  db: Db,
  { org, from, vendor }: UsageQuestion,
  by?: "tool" | "vendor",
): Promise<{ name: string; bucket: number; calls: number }[]> {
  const asked = db
    .selectFrom("usage_latencies")
    .select(["bucket", ({ fn }) => fn.sum<number>("calls").as("calls")])
    .where("org_id", "=", org)
    .where("day", ">=", from)
    .$if(vendor !== undefined, (query) => query.where("vendor", "=", vendor!));
  const rows = by
    ? await asked.select(`${by} as name`).groupBy([by, "bucket"]).execute()
    : (await asked.groupBy("bucket").execute()).map((row) => ({ ...row, name: "" }));
  return rows.map(({ name, bucket, calls }) => ({ name, bucket, calls: Number(calls) }));
}
