import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { UserKey } from "../../../gateway/database/user-keys.ts";
import { keyCache } from "../../../gateway/vault/key-cache.ts";
import { type KeyProvider, localKeys } from "../../../gateway/vault/keys.ts";
import { createVault } from "../../../gateway/vault/vault.ts";
import { connectionRow, person, type TestApp, testApp } from "../support.ts";

const rowOf = (owner: string): UserKey => ({
  org_id: "org_1",
  owner_id: owner,
  version: 1,
  kid: "far/1",
  wrapped: randomBytes(60),
  created_at: 1,
});

describe("an unwrapped user key from a key service", () => {
  it("is asked for once, however many want it, and each gets a copy of its own (VLT-05)", async () => {
    const cache = keyCache();
    const [row, key] = [rowOf("usr_1"), randomBytes(32)];
    const unwrap = vi.fn(async () => Buffer.from(key));
    const [one, two] = await Promise.all([cache.get(row, unwrap), cache.get(row, unwrap)]);
    one.fill(0);
    expect(two.equals(key)).toBe(true);
    expect((await cache.get(row, unwrap)).equals(key)).toBe(true);
    expect(unwrap).toHaveBeenCalledTimes(1);
  });

  it("is asked for again after a failure, for another row, and after some minutes (VLT-05)", async () => {
    const cache = keyCache({ keepMs: 20 });
    const row = rowOf("usr_1");
    const unwrap = vi.fn(async () => randomBytes(32));
    await expect(cache.get(row, async () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    await cache.get(row, unwrap);
    await cache.get({ ...row, wrapped: randomBytes(60) }, unwrap);
    expect(unwrap).toHaveBeenCalledTimes(2);
    await sleep(60);
    await cache.get(row, unwrap);
    expect(unwrap).toHaveBeenCalledTimes(3);
  });

  it("is overwritten when it is dropped, when there are too many, and at the end (VLT-05)", async () => {
    const cache = keyCache({ most: 2 });
    const held = [randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(32)];
    for (const [n, key] of held.entries()) await cache.get(rowOf(`usr_${n}`), async () => key);
    await sleep(10);
    const zeroed = () => held.map((key) => key.every((byte) => byte === 0));
    expect(zeroed()).toEqual([true, true, false, false]);
    cache.drop("org_1", "usr_2");
    await sleep(10);
    expect(zeroed()).toEqual([true, true, true, false]);
    cache.clear();
    await sleep(10);
    expect(zeroed()).toEqual([true, true, true, true]);
  });
});

/** Local keys that say they are elsewhere, and count what they are asked. */
function farKeys(app: TestApp) {
  const near = localKeys([{ kid: "far", key: randomBytes(32) }]);
  const far: KeyProvider = { ...near, isRemote: () => true, unwrap: vi.fn(near.unwrap) };
  return { far, vault: createVault({ db: app.db, audit: app.audit, clock: app.clock, keys: far }) };
}

it("opening asks the service once, and an erased owner opens nothing though the key was kept (VLT-02, VLT-05)", async () => {
  const app = await testApp();
  const { user, org } = await person(app);
  const where = await connectionRow(app, { org, owner: user.id });
  const { far, vault } = farKeys(app);
  const why = { actor: user.id, kind: "call" } as const;
  await vault.put({ ...where, version: 1 }, { a: 1 });
  for (let n = 0; n < 5; n++) expect(await vault.open(where, why)).toEqual({ a: 1 });
  expect(far.unwrap).toHaveBeenCalledTimes(1);
  await app.db.deleteFrom("user_keys").execute(); // as another replica does
  await expect(vault.open(where, why)).rejects.toMatchObject({ code: "NO_USER_KEY" });
});
