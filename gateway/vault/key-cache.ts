import type { UserKey } from "../database/user-keys.ts";

type Row = Pick<UserKey, "org_id" | "owner_id" | "kid" | "wrapped">;

/** Unwrapped user keys for some minutes, where unwrapping one is a request to a key service. */
export interface KeyCache {
  /** The key of exactly this row; asked for once however many want it at the same time. The caller zeroes its copy. */
  get(row: Row, unwrap: () => Promise<Buffer>): Promise<Buffer>;
  drop(org: string, owner: string): void;
  clear(): void;
}

const KEEP_MS = 5 * 60_000;
const MOST = 1000;

interface Kept {
  readonly row: Row;
  readonly key: Promise<Buffer>;
  readonly end: NodeJS.Timeout;
}

/** One key an owner. Whoever reads the row first finds an erased or replaced key gone, whatever is kept here. */
export function keyCache({ keepMs = KEEP_MS, most = MOST } = {}): KeyCache {
  const kept = new Map<string, Kept>();
  return {
    async get(row, unwrap) {
      const id = idOf(row.org_id, row.owner_id);
      const known = kept.get(id);
      const key = known && isSame(known.row, row) ? known.key : keep(id, row, unwrap());
      try {
        return Buffer.from(await key);
      } catch (error) {
        if (kept.get(id)?.key === key) drop(id);
        throw error;
      }
    },
    drop: (org, owner) => drop(idOf(org, owner)),
    clear() {
      for (const id of [...kept.keys()]) drop(id);
    },
  };

  function keep(id: string, row: Row, key: Promise<Buffer>): Promise<Buffer> {
    drop(id);
    if (kept.size >= most) drop(kept.keys().next().value!);
    kept.set(id, { row, key, end: setTimeout(drop, keepMs, id).unref() });
    return key;
  }

  function drop(id: string) {
    const entry = kept.get(id);
    if (!entry) return;
    kept.delete(id);
    clearTimeout(entry.end);
    // Whoever waits for it takes a copy first: their turn was queued before this one.
    entry.key.then(
      (key) => setImmediate(() => key.fill(0)),
      () => {},
    );
  }
}

const idOf = (org: string, owner: string) => `${org}\0${owner}`;

const isSame = (one: Row, other: Row) => one.kid === other.kid && Buffer.compare(one.wrapped, other.wrapped) === 0;
