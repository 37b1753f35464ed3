import { type Allowance, allowance, latestEnd, type Rate } from "../database/rate-counters.ts";
import type { SharedRedis } from "./redis.ts";

/** Counts one use and says how long its window lasts, in one step. */
const COUNT = `
local count = redis.call("INCR", KEYS[1])
local left = redis.call("PTTL", KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call("PEXPIRE", KEYS[1], left)
end
return { count, left }`;

/** @throws when Redis does not answer: then nobody knows whether it was counted */
export async function countInRedis(
  { client, prefix }: SharedRedis,
  key: string,
  { max, windowMs }: Rate,
  now: number,
): Promise<Allowance> {
  const [count, left] = (await client.eval(COUNT, 1, `${prefix}limit:${key}`, windowMs)) as [number, number];
  return allowance(count, now + left, max, now);
}

export function countInMemory() {
  const counters = new Map<string, { count: number; expiresAt: number }>();
  return {
    count(key: string, { max, windowMs }: Rate, now: number): Allowance {
      const known = counters.get(key);
      const goesOn = known && known.expiresAt > now && known.expiresAt <= latestEnd(now, windowMs);
      const counter = goesOn ? known : { count: 0, expiresAt: now + windowMs };
      counters.set(key, counter);
      counter.count++;
      return allowance(counter.count, counter.expiresAt, max, now);
    },
    forget(now: number) {
      for (const [key, { expiresAt }] of counters) if (expiresAt <= now) counters.delete(key);
    },
  };
}
