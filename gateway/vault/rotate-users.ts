import { randomBytes } from "node:crypto";
import * as credentials from "../database/credentials.ts";
import type { KeyRotation } from "../database/key-rotations.ts";
import * as userKeys from "../database/user-keys.ts";
import { open, seal } from "./box.ts";
import { type Rotated, type RotationHouse, type RotationOptions, type Run, rotating } from "./rotation.ts";
import { rowBound, userKeyBound } from "./row-bound.ts";

export interface WhoseKeys {
  readonly org?: string | undefined;
  /** A person in all their organisations, or an organisation for what it shares. */
  readonly owner?: string | undefined;
}

/**
 * Gives owners new user keys. Their data keys are wrapped anew in the transaction that replaces the user key, so
 * whoever opens a credential reads both of before or both of after. The credentials themselves stay as they are.
 * @throws RotationBusy, and VaultError when a key service is away
 */
export async function rotateUserKeys(
  house: RotationHouse,
  { org, owner }: WhoseKeys,
  options: RotationOptions = {},
): Promise<Rotated> {
  const scope = org ? `org ${org}` : owner ? `owner ${owner}` : "all";
  const madeBefore = ({ started_at }: KeyRotation) => ({ org, owner, madeBefore: started_at });
  return await rotating(house, { kind: "users", scope }, options, {
    left: (rotation) => userKeys.countUserKeys(house.db, madeBefore(rotation)),
    async steps(run) {
      for (let after: userKeys.OwnerPlace | undefined; ; ) {
        const page = await userKeys.userKeyPage(run.db, { ...madeBefore(run.rotation), after, limit: run.batch });
        if (page.length === 0) return;
        after = page.at(-1)!;
        for (const row of page) await rotateOwner(run, row);
      }
    },
  });
}

async function rotateOwner(run: Run, row: userKeys.UserKey) {
  const { keys, clock } = run;
  const fresh = randomBytes(32);
  let old: Buffer | undefined;
  try {
    old = await keys.unwrap(row.kid, row.wrapped, userKeyBound(row));
    const version = Math.max(clock.now(), run.rotation.started_at, row.version + 1);
    const { kid, blob } = await keys.wrap(fresh, userKeyBound({ ...row, version }));
    const next = { ...row, version, kid, wrapped: blob, created_at: clock.now() };
    await run.commit("data keys", async (trx) => {
      const held = await userKeys.holdUserKey(trx, { org: row.org_id, owner: row.owner_id });
      if (held?.version !== row.version) return []; // Erased, or replaced by somebody else.
      for (const credential of await credentials.credentialsOf(trx, row))
        await credentials.rewrapCredential(trx, credential, rewrapped(credential, old!, fresh));
      await userKeys.replaceUserKey(trx, next);
      return [row.org_id];
    });
  } catch (error) {
    run.fail(error); // With a row that does not open nothing of the owner changes: the old key may still be of use.
  } finally {
    old?.fill(0);
    fresh.fill(0);
  }
}

function rewrapped(row: credentials.Credential, old: Buffer, fresh: Buffer): Buffer {
  const { org_id: org, owner_id: owner, connection_id: connection, vendor, version } = row;
  const bound = rowBound("dek/v1", { org, owner, vendor, connection, version });
  const key = open(old, row.wrapped_key, bound);
  try {
    return seal(fresh, key, bound);
  } finally {
    key.fill(0);
  }
}
