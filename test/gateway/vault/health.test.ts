import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { VaultError } from "../../../gateway/vault/errors.ts";
import { type KeyProvider, localKeys } from "../../../gateway/vault/keys.ts";
import { createVault } from "../../../gateway/vault/vault.ts";
import { connectionRow, fakeClock, person, testApp } from "../support.ts";

it("keys are well while the first wraps and every needed one opens a stored user key (VLT-05)", async () => {
  const app = await testApp();
  expect(await app.vault.health()).toMatchObject({ ok: true, keys: [{ kid: "k1", state: "ok" }] });
});

it("says which key is away and which does not open, asks at most every 30 s, and tells no secret (VLT-04, VLT-05)", async () => {
  const app = await testApp();
  const { user, org } = await person(app);
  await app.vault.put({ ...(await connectionRow(app, { org, owner: user.id })), version: 1 }, { a: 1 });
  const far = localKeys([{ kid: "far", key: randomBytes(32) }]);
  let away = false;
  let asked = 0;
  const keys: KeyProvider = {
    ...far,
    async wrap(key, bound) {
      asked++;
      if (away) throw new VaultError("KEYS_UNAVAILABLE", "away");
      return await far.wrap(key, bound);
    },
  };
  const clock = fakeClock();
  const vault = createVault({ db: app.db, audit: app.audit, clock, keys });
  const first = await vault.health();
  expect([first.ok, first.keys]).toEqual([
    false,
    [
      { kid: "far", state: "ok" },
      { kid: "k1", state: "UNKNOWN_KID" },
    ],
  ]);
  away = true;
  expect(await vault.health()).toEqual(first);
  expect(asked).toBe(1);
  clock.pass(30_000);
  expect((await vault.health()).keys[0]).toEqual({ kid: "far", state: "KEYS_UNAVAILABLE" });
});

it("notices a first key of the right name that opens nothing, as another installation's does not (VLT-05)", async () => {
  const app = await testApp();
  const { user, org } = await person(app);
  await app.vault.put({ ...(await connectionRow(app, { org, owner: user.id })), version: 1 }, { a: 1 });
  const keys = localKeys([{ kid: "k1", key: randomBytes(32) }]);
  const { ok, keys: states } = await createVault({ db: app.db, audit: app.audit, clock: fakeClock(), keys }).health();
  expect(ok).toBe(false);
  expect(states).toEqual([
    { kid: "k1", state: "ok" },
    { kid: "k1", state: "WRONG_KEY" },
  ]);
});
