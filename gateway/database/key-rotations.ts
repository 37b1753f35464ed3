import type { Db } from "./index.ts";
import type { KeyRotationRow } from "./schema.ts";

export type KeyRotation = KeyRotationRow;

export const LEASE_MS = 60_000;

interface Claim {
  readonly kind: KeyRotation["kind"];
  readonly scope: string;
  readonly holder: string;
  readonly now: number;
}

/**
 * Begins a rotation, or goes on with one of the same scope that did not end.
 * @returns the rotation; somebody else's when that is under way
 */
export async function claimRotation(db: Db, { kind, scope, holder, now }: Claim): Promise<KeyRotation> {
  return await db.transaction().execute(async (trx) => {
    const fresh = { kind, scope, started_at: now, finished_at: null, done: 0, holder, leased_until: now + LEASE_MS };
    // Does nothing but lock the row where there is one, so that two who claim go one after the other.
    const row = await trx
      .insertInto("key_rotations")
      .values(fresh)
      .onConflict((conflict) => conflict.column("kind").doUpdateSet((old) => ({ kind: old.ref("key_rotations.kind") })))
      .returningAll()
      .executeTakeFirstOrThrow();
    if (row.holder === holder || row.leased_until > now) return row;
    const goesOn = row.finished_at === null && row.scope === scope;
    const next = goesOn ? { holder, leased_until: now + LEASE_MS } : fresh;
    await trx.updateTable("key_rotations").set(next).where("kind", "=", kind).execute();
    return { ...row, ...next };
  });
}

/** @returns false when somebody else took over */
export async function advanceRotation(
  trx: Db,
  { kind, holder, now, more }: Omit<Claim, "scope"> & { more: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("key_rotations")
    .set((row) => ({ done: row("done", "+", more), leased_until: now + LEASE_MS }))
    .where("kind", "=", kind)
    .where("holder", "=", holder)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

export async function endRotation(
  db: Db,
  { kind, holder, finished_at }: Pick<KeyRotation, "kind" | "holder" | "finished_at">,
): Promise<void> {
  await db
    .updateTable("key_rotations")
    .set({ finished_at, leased_until: 0 })
    .where("kind", "=", kind)
    .where("holder", "=", holder)
    .execute();
}

export const listRotations = (db: Db): Promise<KeyRotation[]> =>
  db.selectFrom("key_rotations").selectAll().orderBy("kind").execute();
