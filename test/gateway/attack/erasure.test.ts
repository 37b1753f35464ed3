import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findConnection, revokeConnection } from "../../../gateway/connections/connections.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import { connectionRow, person, scratch, testApp } from "../support.ts";

async function stored() {
  const DATA_DIR = scratch();
  const app = await testApp({ env: { DATA_DIR } });
  const { user, org } = await person(app);
  const where = await connectionRow(app, { org, owner: user.id });
  await app.vault.put({ ...where, version: 1 }, { apiKey: "canary" });
  const { box } = await app.db.selectFrom("credentials").select("box").executeTakeFirstOrThrow();
  const { wrapped } = await app.db.selectFrom("user_keys").select("wrapped").executeTakeFirstOrThrow();
  const files = () => ["", "-wal"].map((end) => readFileSync(`${DATA_DIR}/vendorsmith.db${end}`));
  const onDisk = (bytes: Uint8Array) => files().some((file) => file.includes(Buffer.from(bytes)));
  expect([onDisk(box), onDisk(wrapped)]).toEqual([true, true]);
  return { app, user, org, where, box, wrapped, onDisk };
}

it("a deleted account leaves no bytes of its keys in the database's files (VLT-02)", async () => {
  const { app, user, box, wrapped, onDisk } = await stored();
  await deleteAccount(app, { userId: user.id });
  expect([onDisk(box), onDisk(wrapped)]).toEqual([false, false]);
});

it("a revoked connection leaves no bytes of its credential there either", async () => {
  const { app, user, org, where, box, onDisk } = await stored();
  const connection = await findConnection(app.db, { org, user: user.id, id: where.connection });
  await revokeConnection(app, connection!, { actor: user.id });
  expect(onDisk(box)).toBe(false);
});
