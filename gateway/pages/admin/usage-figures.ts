import type { FastifyInstance } from "fastify";
import { countUsage, DAY_MS, within } from "../../audit/usage.ts";
import { namesOf } from "../../database/people-names.ts";
import { clientNamesOf, customerNamesOf } from "../../database/policy-subjects.ts";
import { type Counted, latenciesBy, type UsageBy, usageBy, usageByDay } from "../../database/usage-days.ts";
import { type DayCount, everyDay } from "./chart.ts";

export const PERIODS = [7, 30, 90] as const;
export const GROUPS = ["tool", "vendor", "person", "customer", "client"] as const;
export type Group = (typeof GROUPS)[number];

const COLUMN: Readonly<Record<Group, UsageBy>> = {
  tool: "tool",
  vendor: "vendor",
  person: "actor_id",
  customer: "customer",
  client: "client",
};

export interface UsageAsked {
  readonly days: number;
  readonly by: Group;
  readonly vendor?: string;
}

export interface UsageLine extends Record<Counted, number> {
  readonly name: string;
  readonly id: string;
  readonly calls: number;
  readonly median?: number;
  readonly p95?: number;
}

export interface UsageFigures {
  readonly lines: readonly UsageLine[];
  readonly total: UsageLine;
  readonly days: readonly DayCount[];
  /** False while a long past is still being counted. */
  readonly complete: boolean;
}

/** A page does not wait longer than for this many events. */
const MOST_TO_COUNT = 20_000;
const MOST_LINES = 500;

/** Everything about a period, from the daily figures. */
export async function usageFigures(app: FastifyInstance, org: string, { days, by, vendor }: UsageAsked): Promise<UsageFigures> {
  const complete = await countUsage(app.db, org, { most: MOST_TO_COUNT });
  const today = Math.floor(app.clock.now() / DAY_MS);
  const from = today - days + 1;
  const question = { org, from, vendor };
  const isTimed = by === "tool" || by === "vendor";
  const [rows, perDay, times, allTimes] = await Promise.all([
    usageBy(app.db, question, COLUMN[by], MOST_LINES),
    usageByDay(app.db, question),
    isTimed ? latenciesBy(app.db, question, by) : [],
    latenciesBy(app.db, question),
  ]);
  const names = await namesFor(app, org, by, rows.map(({ name }) => name));
  const byName = Map.groupBy(times, ({ name }) => name);
  return {
    complete,
    lines: rows.map((row) => lineOf({ ...row, id: row.name, name: names(row.name) }, byName.get(row.name))),
    total: lineOf({ id: "", name: "All", ...summed(perDay) }, allTimes),
    days: everyDay(from, today, perDay.map(({ day, success, error, timeout, denied }) => ({ day, good: success, bad: error + timeout + denied }))),
  };
} // biome-ignore format: one thought

type Row = Record<Counted, number> & { id: string; name: string };

const lineOf = (row: Row, buckets: readonly { bucket: number; calls: number }[] = []): UsageLine => ({
  ...row,
  calls: row.success + row.error + row.timeout + row.denied,
  median: within(0.5, buckets),
  p95: within(0.95, buckets),
});

function summed(rows: readonly Record<Counted, number>[]): Record<Counted, number> {
  const sum = (name: Counted) => rows.reduce((all, row) => all + row[name], 0);
  return {
    success: sum("success"),
    error: sum("error"),
    timeout: sum("timeout"),
    denied: sum("denied"),
    cached: sum("cached"),
  };
}

/** What people call what the log knows by its id. */
async function namesFor(app: FastifyInstance, org: string, by: Group, ids: readonly string[]): Promise<(id: string) => string> {
  if (by === "tool") return (id) => id || "No tool";
  if (by === "vendor") return (id) => app.vendors.get(id)?.title ?? (id || "No vendor");
  if (by === "client") {
    const names = await clientNamesOf(app.db, org, ids);
    return (id) => (id === "" ? "No app" : (names.get(id) ?? id));
  }
  if (by === "person") {
    const names = await namesOf(app.db, org, ids);
    return (id) => names.get(id) || "Somebody who has left";
  }
  const names = await customerNamesOf(app.db, org, ids);
  return (id) => (id === "" ? "No customer" : (names.get(id) ?? id));
} // biome-ignore format: one thought
