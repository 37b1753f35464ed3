import { createHash } from "node:crypto";
import type { Part, SharedBudgets } from "../../runtime/index.ts";
import { bookInRedis } from "../bus/budget-slots.ts";
import type { SharedRedis } from "../bus/redis.ts";
import { type Booking, bookSpent, type Spent } from "../database/budget-slots.ts";
import type { Db } from "../database/index.ts";
import { createOthersSpent } from "./others-spent.ts";

interface House {
  readonly db: Db;
  readonly redis: SharedRedis | undefined;
  readonly clock: { now(): number };
}

const MOST_KEPT = 20_000;
/** Longer than a replica takes to find out that Redis is back. */
const RETURN_MS = 1500;

/**
 * What all replicas spend of a vendor's budget, counted in Redis, or else in the database. A place that begins empty, because
 * Redis went away or came back, is first told by each replica what it spent in the window. Until all have, each leaves the others
 * what they had, and spends nothing while some may still count where it was counted before: so the budget holds over the change.
 */
export function sharedBudgets({ db, redis, clock }: House): SharedBudgets {
  const own = new Map<string, Map<number, number>>();
  const told = new Set<string>();
  const others = createOthersSpent();
  let place = "";
  let connected = redis?.connected() ?? 0;
  let quietUntil = 0;

  /** In Redis or, when it does not answer, in the database. */
  async function book(bookings: readonly Booking[], parts: readonly Part[], keys: readonly string[]) {
    const since = new Map(parts.map(({ oldest }, index) => [keys[index]!, oldest]));
    if (redis?.isUp()) {
      noteReturn(redis.connected());
      enter(`redis ${redis.connected()}`);
      const found = await bookInRedis(redis, [...carried(parts, keys), ...bookings], since, clock.now()).catch(
        () => {},
      );
      if (found) return found;
    }
    enter("database");
    return await bookSpent(db, merged([...carried(parts, keys), ...bookings]), since).catch((error: unknown) => {
      for (const key of keys) told.delete(key);
      throw error;
    });
  }

  function enter(now: string) {
    if (place === now) return;
    told.clear();
    others.move(clock.now());
    place = now;
  }

  function noteReturn(connection: number) {
    if (connected !== connection) quietUntil = clock.now() + RETURN_MS;
    connected = connection;
  }

  /** What this process spent and this place does not know yet. */
  function carried(parts: readonly Part[], keys: readonly string[]): Booking[] {
    return parts.flatMap((part, index) => {
      const key = keys[index]!;
      if (told.has(key)) return [];
      told.add(key);
      const slots = [...(own.get(key) ?? [])].filter(([slot, spent]) => slot >= part.oldest && spent > 0);
      return slots.map(([slot, spent]) => bookingOf(part, key, slot, spent));
    });
  }

  function remember(parts: readonly Part[], keys: readonly string[], spent: number) {
    for (const [index, { slot, oldest }] of parts.entries()) {
      const key = keys[index]!;
      const slots = own.get(key) ?? new Map<number, number>();
      own.delete(key); // and back in at the end: the map's order is that of last use
      own.set(key, slots.set(slot, (slots.get(slot) ?? 0) + spent));
      for (const each of slots.keys()) if (each < oldest) slots.delete(each);
    }
    if (own.size > MOST_KEPT) forget(own.keys().next().value!);
    if (told.size > MOST_KEPT) told.clear();
  }

  function forget(key: string) {
    own.delete(key);
    others.forget(key);
  }

  /** What of a budget is spent, by all that is known. */
  function spentOf(part: Part, key: string, found: Spent | undefined, wanted: number): number {
    const slots = [...(own.get(key) ?? [])].filter(([slot]) => slot >= part.oldest);
    const mine = slots.reduce((sum, [, spent]) => sum + spent, 0);
    if (found) others.hear(key, { others: Math.max(0, found.spent - mine), until: endOf(part, part.slot) });
    return Math.max(found?.spent ?? wanted, mine + others.of(key, clock.now()).others);
  }

  function freeAt(part: Part, key: string, spent: ReadonlyMap<string, Spent>): number {
    const end = endOf(part, spent.get(key)?.first ?? part.slot);
    const { until } = others.of(key, clock.now());
    return until > 0 ? Math.min(end, until) : end;
  }

  return {
    async spend(parts, wanted) {
      const keys = parts.map(({ key }) => createHash("sha256").update(key).digest("base64url"));
      const mine = parts.map((part, index) => bookingOf(part, keys[index]!, part.slot, wanted));
      const booked = book(mine, parts, keys);
      // Before anything is known of it: should the place change meanwhile, rather too much is carried over than too little.
      remember(parts, keys, wanted);
      const spent = await booked;
      const over = parts.map((part, index) => {
        const key = keys[index]!;
        return spentOf(part, key, spent.get(key), wanted) - part.requests;
      });
      const isQuiet = clock.now() < quietUntil;
      const granted = isQuiet ? 0 : Math.max(0, Math.min(wanted, wanted - Math.max(...over)));
      if (granted < wanted) {
        await book(mine.map((each) => ({ ...each, spent: granted - wanted })), parts, keys); // biome-ignore format: one thought
        remember(parts, keys, granted - wanted);
      }
      const waits = parts.map((part, index) => (over[index]! > 0 ? freeAt(part, keys[index]!, spent) : 0));
      return { granted, freeAt: granted > 0 ? clock.now() : Math.max(...waits, isQuiet ? quietUntil : 0) };
    },
  };
}

/** When a slot stops counting. */
const endOf = ({ slot, oldest, slotMs }: Part, first: number) => (first + (slot - oldest) + 1) * slotMs;

const bookingOf = (part: Part, key: string, slot: number, spent: number): Booking => ({
  key,
  slot,
  spent,
  expires_at: endOf(part, part.slot),
});

/** One row per slot: a statement must not touch a row twice. */
function merged(bookings: readonly Booking[]): Booking[] {
  const rows = new Map<string, Booking>();
  for (const each of bookings) {
    const id = `${each.key} ${each.slot}`;
    const before = rows.get(id);
    rows.set(id, before ? { ...before, spent: before.spent + each.spent } : each);
  }
  return [...rows.values()];
}
