import { BOX_COLUMNS, boxPage } from "../database/boxes.ts";
import type { Db } from "../database/index.ts";
import { userKeysByKid } from "../database/user-keys.ts";
import { kidOf } from "./secret-box.ts";

/** What needs a master key. */
export interface Needed {
  readonly kid: string;
  /** Rows by where they are: `user_keys`, `approvals.box` … */
  readonly rows: Readonly<Record<string, number>>;
  /** When the oldest user key under it was made; undefined where there is none. */
  readonly oldest: number | undefined;
}

const PAGE = 1000;

/** Everything under a master key, by master key. Reads all boxes, which are few. */
export async function neededKids(db: Db): Promise<Needed[]> {
  const found = new Map<string, { rows: Record<string, number>; oldest?: number }>();
  const add = (kid: string, where: string, count: number) => {
    const one = found.get(kid) ?? { rows: {} };
    found.set(kid, one);
    one.rows[where] = (one.rows[where] ?? 0) + count;
    return one;
  };
  for (const { kid, count, oldest } of await userKeysByKid(db)) add(kid, "user_keys", count).oldest = oldest;
  for (const column of BOX_COLUMNS)
    for (let after = ""; ; ) {
      const page = await boxPage(db, column, { after, limit: PAGE });
      if (page.length === 0) break;
      after = page.at(-1)!.id;
      for (const { text } of page) {
        const box = column.boxIn(text);
        if (box) add(kidOf(box), `${column.table}.${column.column}`, 1);
      }
    }
  return [...found]
    .map(([kid, { rows, oldest }]) => ({ kid, rows, oldest }))
    .sort((one, other) => (one.kid < other.kid ? -1 : 1));
}
