import type { SharedRedis } from "../bus/redis.ts";
import { bind, open, seal } from "../vault/box.ts";

/** An answer as it left, and when the vendor was asked, in epoch milliseconds. */
export interface Kept {
  readonly json: string;
  readonly at: number;
}

/** Where answers are kept, by a key that says everything they depend on. */
export interface ResultStore {
  get(org: string, key: string): Promise<Kept | undefined>;
  put(org: string, key: string, kept: Kept, ttlMs: number): Promise<void>;
  /** All of an organisation. */
  drop(org: string): Promise<void>;
}

const MOST_BYTES = 32 * 1_048_576;
/** Of an entry besides its text: key, object and place in the map, roughly. */
const OVERHEAD_BYTES = 400;

/** In this process; the least used go first when it is full. */
export function memoryStore({ now, mostBytes = MOST_BYTES }: { now(): number; mostBytes?: number }): ResultStore {
  const entries = new Map<string, Kept & { readonly org: string; readonly expiresAt: number }>();
  let bytes = 0;
  const sizeOf = ({ json }: Kept) => json.length * 2 + OVERHEAD_BYTES;
  const remove = (key: string) => {
    const entry = entries.get(key);
    if (!entry) return undefined;
    entries.delete(key);
    bytes -= sizeOf(entry);
    return entry;
  };
  return {
    async get(org, key) {
      const entry = remove(key);
      if (!entry || entry.org !== org || entry.expiresAt <= now()) return undefined;
      entries.set(key, entry); // back in at the end: the map's order is that of last use
      bytes += sizeOf(entry);
      return entry;
    },
    async put(org, key, kept, ttlMs) {
      remove(key);
      if (sizeOf(kept) > mostBytes / 10) return;
      entries.set(key, { ...kept, org, expiresAt: kept.at + ttlMs });
      bytes += sizeOf(kept);
      for (const oldest of entries.keys()) {
        if (bytes <= mostBytes) break;
        remove(oldest);
      }
    },
    async drop(org) {
      for (const [key, entry] of entries) if (entry.org === org) remove(key);
    },
  };
}

/** In Redis, sealed: whoever reads it learns how many answers there are and how long. @throws when it does not answer */
export function redisStore({ client, prefix }: SharedRedis, { seal: sealing, name }: ResultKeys): ResultStore {
  const placeOf = (org: string, key: string) => `${prefix}result:${name(org)}:${key}`;
  return {
    async get(org, key) {
      const place = placeOf(org, key);
      const box = await client.getBuffer(place);
      return box ? (JSON.parse(open(sealing, box, bind("result/v1", place)).toString()) as Kept) : undefined;
    },
    async put(org, key, { json, at }, ttlMs) {
      const place = placeOf(org, key);
      const box = seal(sealing, Buffer.from(JSON.stringify({ json, at })), bind("result/v1", place));
      await client.set(place, box, "PX", ttlMs);
    },
    async drop(org) {
      for await (const places of client.scanStream({ match: `${placeOf(org, "")}*`, count: 500 }))
        if ((places as string[]).length > 0) await client.unlink(places as string[]);
    },
  };
}

/** Secrets that all replicas have in common, for this purpose alone. */
export interface ResultKeys {
  /** 32 bytes. */
  readonly seal: Buffer;
  /** A name for something that nobody can turn back. */
  name(text: string): string;
}
