import { randomBytes } from "node:crypto";
import { BOX_COLUMNS, type BoxColumn, boxPage, replaceBox, type StoredBox } from "../database/boxes.ts";
import * as userKeys from "../database/user-keys.ts";
import { bind } from "./box.ts";
import type { KeyProvider } from "./keys.ts";
import { type Rotated, type RotationHouse, type RotationOptions, type Run, rotating } from "./rotation.ts";
import { userKeyBound } from "./row-bound.ts";
import { kidOf, rewrapBox } from "./secret-box.ts";

/**
 * Wraps everything anew that the first master key did not wrap: user keys, and the keys of small boxes. What they
 * protect is neither opened nor changed, and everything stays readable all the time. Cut short at any moment, it goes
 * on where it was: what is left is what another key wraps.
 * @throws RotationBusy, and VaultError when a key service is away
 */
export async function rotateMaster(house: RotationHouse, options: RotationOptions = {}): Promise<Rotated> {
  const scope = await currentKid(house.keys);
  return await rotating(house, { kind: "master", scope }, options, {
    left: () => userKeys.countUserKeys(house.db, { notKid: scope }),
    async steps(run) {
      await rewrapUserKeys(run, scope);
      for (const column of BOX_COLUMNS) await rewrapBoxes(run, column, scope);
    },
  });
}

/** Asked rather than configured: a service may have turned its key. What was wrapped is opened again as a proof. */
export async function currentKid(keys: KeyProvider): Promise<string> {
  const [canary, bound] = [randomBytes(32), bind("canary/v1")];
  const { kid, blob } = await keys.wrap(canary, bound);
  const opened = await keys.unwrap(kid, blob, bound);
  if (!opened.equals(canary)) throw new Error(`The master key ${kid} does not give back what it wrapped.`);
  return kid;
}

async function rewrapUserKeys(run: Run, kid: string) {
  const { db, keys } = run;
  for (let after: userKeys.OwnerPlace | undefined; ; ) {
    const page = await userKeys.userKeyPage(db, { after, limit: run.batch, notKid: kid });
    if (page.length === 0) return;
    after = page.at(-1)!;
    const next = await mapped(page, run, async (row) => {
      const bound = userKeyBound(row);
      const key = await keys.unwrap(row.kid, row.wrapped, bound);
      try {
        const { kid, blob } = await keys.wrap(key, bound);
        return { kid, wrapped: blob };
      } finally {
        key.fill(0);
      }
    });
    await run.commit("user keys", async (trx) => {
      const orgs: string[] = [];
      for (const [row, wrapped] of next) if (await userKeys.rewrapUserKey(trx, row, wrapped)) orgs.push(row.org_id);
      return orgs;
    });
  }
}

async function rewrapBoxes(run: Run, column: BoxColumn, kid: string) {
  for (let after = ""; ; ) {
    const page = await boxPage(run.db, column, { after, limit: run.batch });
    if (page.length === 0) return;
    after = page.at(-1)!.id;
    const old = page.filter(({ text }) => isUnderAnother(column.boxIn(text), kid));
    if (old.length === 0) continue;
    const next = await mapped(old, run, async ({ text, row }: StoredBox) =>
      column.withBox(text, await rewrapBox(run.keys, column.boxIn(text)!, column.bound(row))),
    );
    await run.commit(column.table, async (trx) => {
      const orgs: (string | undefined)[] = [];
      for (const [box, text] of next) if (await replaceBox(trx, column, box, text)) orgs.push(column.org(box.row));
      return orgs;
    });
  }
}

const isUnderAnother = (box: string | undefined, kid: string) => box !== undefined && kidOf(box) !== kid;

const AT_ONCE = 8;

/** Outside of the transaction, as a key service takes its time; rows that do not open are counted and left. */
async function mapped<Row, Next>(
  rows: readonly Row[],
  run: Run,
  wrap: (row: Row) => Promise<Next>,
): Promise<[Row, Next][]> {
  const done: [Row, Next][] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await Promise.all(
      rows.slice(from, from + AT_ONCE).map(async (row) => {
        try {
          done.push([row, await wrap(row)]);
        } catch (error) {
          run.fail(error);
        }
      }),
    );
  return done;
}
