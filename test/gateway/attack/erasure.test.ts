import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { exportLines } from "../../../gateway/audit/org-export.ts";
import { verifyAll } from "../../../gateway/audit/verify.ts";
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

it("after an erasure nothing opens and no name is left in database, journal, audit file or export, and the chain verifies (CMP-02)", async () => {
  const DATA_DIR = scratch();
  const AUDIT_LOG_FILE = `${DATA_DIR}/audit.jsonl`;
  const app = await testApp({ env: { DATA_DIR, AUDIT_LOG_FILE } });
  const { user, org } = await person(app, "zoe.unmistakable@example.com");
  const where = await connectionRow(app, { org, owner: user.id });
  const place = { ...where, version: 1 };
  await app.vault.put(place, { apiKey: "canary-of-zoe" });
  const actor = { id: user.id, type: "user" } as const;
  await app.audit.record({ org, type: "tool.call", actor, tool: "acme_list", vendor: "acme", status: "success" });
  const files = () => ["vendorsmith.db", "vendorsmith.db-wal", "audit.jsonl"].map((name) => readFileSync(`${DATA_DIR}/${name}`)); // biome-ignore format: one thought
  const isThere = (text: string, bytes = files()) => bytes.some((file) => file.includes(text));
  const backup = files();
  const [row] = await app.db.selectFrom("credentials").selectAll().execute();
  expect([isThere("zoe.unmistakable"), isThere("canary-of-zoe")]).toEqual([true, false]);
  const purpose = { actor: user.id, kind: "call" } as const;
  expect(await app.vault.open(place, purpose)).toEqual({ apiKey: "canary-of-zoe" });

  await deleteAccount(app, { userId: user.id });
  expect(isThere("zoe.unmistakable", backup)).toBe(true); // the search finds what is there
  expect(isThere("zoe.unmistakable")).toBe(false);
  let exported = "";
  for await (const part of exportLines(app.db, { org })) exported += part;
  expect(exported).toContain(user.id);
  expect(exported).not.toContain("zoe.unmistakable");

  // The ciphertext of a copy, put back where it stood: the key that opens it is no more.
  await app.db.insertInto("credentials").values(row!).execute();
  await expect(app.vault.open(place, purpose)).rejects.toThrow();
  for (const { ok } of await verifyAll(app.db, app.keys.audit)) expect(ok).toBe(true);
});
