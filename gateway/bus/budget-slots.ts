import type { Booking, Spent } from "../database/budget-slots.ts";
import type { SharedRedis } from "./redis.ts";

/** As in the database, with one hash per budget: slot → spent. @throws when Redis does not answer */
export async function bookInRedis(
  { client, prefix }: SharedRedis,
  bookings: readonly Booking[],
  since: ReadonlyMap<string, number>,
  now: number,
): Promise<ReadonlyMap<string, Spent>> {
  const place = (key: string) => `${prefix}budget:${key}`;
  const together = client.multi();
  for (const { key, slot, spent, expires_at } of bookings)
    together.hincrby(place(key), String(slot), spent).pexpire(place(key), Math.max(1, expires_at - now));
  const keys = [...since.keys()];
  for (const key of keys) together.hgetall(place(key));
  const answers = (await together.exec())!.slice(-keys.length);
  const found = new Map<string, Spent>();
  for (const [index, [error, slots]] of answers.entries()) {
    if (error) throw error;
    const key = keys[index]!;
    const all = Object.entries(slots as Record<string, string>).map(([slot, spent]) => [Number(slot), Number(spent)]);
    const old = all.filter(([slot]) => slot! < since.get(key)!).map(([slot]) => String(slot));
    if (old.length > 0) client.hdel(place(key), ...old).catch(() => {}); // it expires as a whole anyway
    const counting = all.filter(([slot, spent]) => slot! >= since.get(key)! && spent! > 0);
    if (counting.length === 0) continue;
    const spent = counting.reduce((sum, [, each]) => sum + each!, 0);
    found.set(key, { spent, first: Math.min(...counting.map(([slot]) => slot!)) });
  }
  return found;
}
