import ipaddr from "ipaddr.js";
import { sql } from "kysely";
import type { Db } from "./index.ts";

export interface Rate {
  max: number;
  windowMs: number;
}

export interface Allowance {
  allowed: boolean;
  /** Until the window ends; 0 when allowed. */
  retryAfterSeconds: number;
  /** True once a window, or once a window and replica: whoever records refusals does not let a flood fill the log. */
  firstRefusal: boolean;
}

/** `rate_counters` survives a crash of the database, as a limit against guessing must; `call_counters` costs less. */
type Counters = "rate_counters" | "call_counters";

/**
 * Counts one more use of `key` in its window and says whether it is within the rate. Exact under concurrent callers.
 * @param key `<what>:<whom>`: an account, address, user, organisation or grant, never a session
 */
export async function countUse(db: Db, key: string, rate: Rate, now: number): Promise<Allowance> {
  const { count, expiresAt } = await countUses(db, "rate_counters", { key, uses: 1, rate, now });
  return allowance(count, expiresAt, rate.max, now);
}

/** Counts several uses at once. @returns how many there are in the window then, and when it ends */
export async function countUses(
  db: Db,
  table: Counters,
  { key, uses, rate, now }: { key: string; uses: number; rate: Rate; now: number },
): Promise<{ count: number; expiresAt: number }> {
  const { windowMs } = rate;
  const fresh = { key, window_start: now, count: uses, expires_at: now + windowMs };
  const kept = (column: "count" | "window_start" | "expires_at") => sql.ref<number>(`${table}.${column}`);
  const end = kept("expires_at");
  const over = sql<boolean>`(${end} <= ${now} or ${end} > ${latestEnd(now, windowMs)})`;
  const unlessOver = (column: "window_start" | "expires_at") =>
    sql<number>`case when ${over} then ${fresh[column]} else ${kept(column)} end`;
  const counter = await db
    .insertInto(table)
    .values(fresh)
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet({
        count: sql<number>`case when ${over} then ${uses} else ${kept("count")} + ${uses} end`,
        window_start: unlessOver("window_start"),
        expires_at: unlessOver("expires_at"),
      }),
    )
    .returning(["count", "expires_at"])
    .executeTakeFirstOrThrow();
  return { count: counter.count, expiresAt: counter.expires_at };
}

/** Counts down from what was to be had, unless another window began meanwhile. */
export async function uncountUses(
  db: Db,
  table: Counters,
  { key, uses, max, expiresAt }: { key: string; uses: number; max: number; expiresAt: number },
): Promise<void> {
  await db
    .updateTable(table)
    .set({ count: sql<number>`case when count > ${max} then ${max} else count end - ${uses}` })
    .where("key", "=", key)
    .where("expires_at", "=", expiresAt)
    .execute();
}

/**
 * No window that was begun by a clock like ours ends later: one that does was begun before the clock was set back, and would
 * lock people out for as long as it had been ahead. Clocks of replicas may differ by a window.
 */
export const latestEnd = (now: number, windowMs: number): number => now + 2 * windowMs;

export function allowance(count: number, expiresAt: number, max: number, now: number): Allowance {
  return count <= max ? ALLOWED : { ...refusal(expiresAt, now), firstRefusal: count === max + 1 };
}

export const ALLOWED: Allowance = { allowed: true, retryAfterSeconds: 0, firstRefusal: false };

export const refusal = (expiresAt: number, now: number) => ({
  allowed: false,
  retryAfterSeconds: Math.max(1, Math.ceil((expiresAt - now) / 1000)),
});

/** Whom to count for an address: with IPv6 its network, because whoever has one has all of its addresses. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const ip = ipaddr.process(address); // unfolds ::ffff:192.0.2.1
  return ip instanceof ipaddr.IPv6 ? `${ip.parts.slice(0, 4).map((part) => part.toString(16)).join(":")}::/64` : ip.toString(); // biome-ignore format: one thought
}

/** Forgets the uses of a key: a right password clears the wrong ones before it. */
export async function forgetUses(db: Db, key: string): Promise<void> {
  await db.deleteFrom("rate_counters").where("key", "=", key).execute();
}

export async function deleteExpiredCounters(db: Db, now: number): Promise<void> {
  for (const table of ["rate_counters", "call_counters", "budget_slots"] as const)
    await db.deleteFrom(table).where("expires_at", "<=", now).execute();
}
