import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { masterKeys } from "../../../gateway/vault/keys.ts";
import { createVault } from "../../../gateway/vault/vault.ts";
import { connectionRow, person, type TestApp, testApp } from "../support.ts";

const WHY = { actor: "usr_1", kind: "call", callId: "call_1", tool: "acme_list", requestId: "r1" } as const;

async function sealed(
  app: TestApp,
  { email, id, vendor, secret }: { email?: string; id?: string; vendor?: string; secret: object },
) {
  const { user, org } = await person(app, email);
  const where = await connectionRow(app, { org, owner: user.id, id, vendor });
  await app.vault.put({ ...where, version: 1 }, { ...secret });
  return where;
}

describe("a stored credential", () => {
  it("opens for its owner and connection (VLT-01)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { apiKey: "canary-1", nested: { list: [1, "ü"] } } });
    expect(await app.vault.open(where, WHY)).toEqual({ apiKey: "canary-1", nested: { list: [1, "ü"] } });
  });

  it("is in no table and no file in the clear (VLT-04)", async () => {
    const app = await testApp({ env: { AUDIT_LOG_FILE: "" } });
    const where = await sealed(app, { secret: { apiKey: "canary-secret" } });
    await app.vault.open(where, WHY);
    await app.db.updateTable("orgs").set({ name: "canary-control" }).execute();
    await app.close();
    const files = readdirSync(app.config.dataDir).map((file) =>
      readFileSync(`${app.config.dataDir}/${file}`, "latin1"),
    );
    expect(files.some((text) => text.includes("canary-control"))).toBe(true);
    expect(files.some((text) => text.includes("canary-secret"))).toBe(false);
    expect(files.some((text) => text.includes(Buffer.from("canary-secret").toString("base64").slice(0, 16)))).toBe(
      false,
    );
  });

  it("has a random key of its owner around a random key of its own (VLT-02)", async () => {
    const app = await testApp();
    const ann = await sealed(app, { secret: { a: 1 } });
    const rows = () => app.db.selectFrom("credentials").selectAll().execute();
    const [first] = await rows();
    await app.vault.put({ ...ann, version: 2 }, { a: 1 });
    const [second] = await rows();
    expect(second!.wrapped_key).not.toEqual(first!.wrapped_key);
    expect(second!.box).not.toEqual(first!.box);
    await sealed(app, { email: "bob@example.com", id: "con_2", secret: { a: 1 } });
    const keys = await app.db.selectFrom("user_keys").selectAll().execute();
    expect(keys.map(({ owner_id, kid, wrapped }) => [owner_id, kid, wrapped.length])).toEqual([
      [ann.owner, "k1", 12 + 32 + 16],
      [expect.any(String), "k1", 12 + 32 + 16],
    ]);
    expect(keys[0]!.wrapped).not.toEqual(keys[1]!.wrapped);
  });

  it("is the new one after a replacement, and the old version opens no more", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: "old" } });
    const old = await app.db.selectFrom("credentials").selectAll().executeTakeFirstOrThrow();
    await app.vault.put({ ...where, version: 2 }, { a: "new" });
    expect(await app.vault.open(where, WHY)).toEqual({ a: "new" });
    await app.db.updateTable("credentials").set({ box: old.box, wrapped_key: old.wrapped_key }).execute();
    await expect(app.vault.open(where, WHY)).rejects.toMatchObject({ code: "WRONG_KEY" });
  });

  it("is stored with its connection, or neither is", async () => {
    const app = await testApp();
    const { user, org } = await person(app);
    const attempt = app.audit.atomically(async (trx) => {
      await app.vault.put(
        { org, owner: user.id, vendor: "acme", connection: "con_none", version: 1 },
        { a: 1 },
        { trx },
      );
    });
    await expect(attempt).rejects.toThrow(/foreign key/i);
    expect(await app.db.selectFrom("user_keys").selectAll().execute()).toEqual([]);
  });
});

describe("a row that somebody moved", () => {
  type Part = "wrapped_key" | "box" | "both" | "row" | "user_key" | "version";
  const parts: Part[] = ["wrapped_key", "box", "both", "row", "user_key", "version"];

  it("never opens to another's credential, whatever was swapped (VLT-03)", async () => {
    const app = await testApp();
    const places = [
      await sealed(app, { email: "a@example.com", id: "con_a", secret: { of: "a" } }),
      await sealed(app, { email: "b@example.com", id: "con_b", secret: { of: "b" } }),
    ];
    const owner = places[0]!;
    const third = {
      ...(await connectionRow(app, { org: owner.org, owner: owner.owner, id: "con_c", vendor: "other" })),
    };
    await app.vault.put({ ...third, version: 1 }, { of: "c" });
    places.push(third);
    const stored = await app.db.selectFrom("credentials").selectAll().execute();
    const keys = await app.db.selectFrom("user_keys").selectAll().execute();
    const rowOf = (n: number) => stored.find((row) => row.connection_id === places[n]!.connection)!;
    const keyOf = (n: number) => keys.find((row) => row.owner_id === places[n]!.owner)!;

    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(2), fc.constantFrom(...parts), async (from, to, part) => {
        const [source, target] = [rowOf(from), rowOf(to)];
        const set = {
          wrapped_key: { wrapped_key: source.wrapped_key },
          box: { box: source.box },
          both: { wrapped_key: source.wrapped_key, box: source.box },
          row: { wrapped_key: source.wrapped_key, box: source.box, vendor: source.vendor, version: source.version },
          version: { version: target.version + 1 },
          user_key: {},
        }[part];
        await app.db
          .updateTable("credentials")
          .set({ ...target, ...set })
          .where("connection_id", "=", target.connection_id)
          .execute();
        const key = keyOf(to);
        if (part === "user_key")
          await app.db
            .updateTable("user_keys")
            .set({ wrapped: keyOf(from).wrapped })
            .where("owner_id", "=", key.owner_id)
            .execute();
        const answer = await app.vault.open(places[to]!, WHY).catch((error) => error.code);
        const untouched = part !== "version" && (part === "user_key" ? keyOf(from) === key : from === to);
        expect(answer).toEqual(untouched ? { of: "abc"[to] } : "WRONG_KEY");
        await app.db.updateTable("credentials").set(target).where("connection_id", "=", target.connection_id).execute();
        await app.db.updateTable("user_keys").set(key).where("owner_id", "=", key.owner_id).execute();
      }),
      { numRuns: 60 },
    );
  });

  it("is not found under another organisation, owner or vendor (VLT-03, TEN-01)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: 1 } });
    const { org } = await person(app, "b@example.com");
    await expect(app.vault.open({ ...where, org }, WHY)).rejects.toMatchObject({ code: "NOTHING_STORED" });
    await expect(app.vault.open({ ...where, owner: "usr_x" }, WHY)).rejects.toMatchObject({ code: "NOTHING_STORED" });
    await expect(app.vault.open({ ...where, vendor: "other" }, WHY)).rejects.toMatchObject({ code: "WRONG_KEY" });
  });
});

describe("erasing an owner", () => {
  it("destroys the key: what it sealed never opens again, not with a new key either (VLT-02)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: 1 } });
    const backup = await app.db.selectFrom("credentials").selectAll().executeTakeFirstOrThrow();
    await app.vault.destroyOwner(where.org, where.owner);
    await expect(app.vault.open(where, WHY)).rejects.toMatchObject({ code: "NO_USER_KEY" });
    await app.vault.put({ ...where, version: 2 }, { a: 2 });
    expect(await app.vault.open(where, WHY)).toEqual({ a: 2 });
    await app.db.updateTable("credentials").set(backup).execute();
    await expect(app.vault.open(where, WHY)).rejects.toMatchObject({ code: "WRONG_KEY" });
  });
});

it("leaves no key in memory: each is zeroed after use", async () => {
  const app = await testApp();
  const where = await sealed(app, { secret: { a: 1 } });
  const held: Buffer[] = [];
  const keys = await masterKeys(app.keys.vault);
  const unwrap = async (...args: Parameters<typeof keys.unwrap>) => {
    const key = await keys.unwrap(...args);
    expect(key.some((byte) => byte !== 0)).toBe(true);
    held.push(key);
    return key;
  };
  const vault = createVault({ db: app.db, audit: app.audit, clock: app.clock, keys: { ...keys, unwrap } });
  await vault.open(where, WHY);
  await vault.put({ ...where, version: 2 }, { a: 2 });
  await vault.open({ ...where, vendor: "other" }, WHY).catch(() => {});
  expect(held.map((key) => key.every((byte) => byte === 0))).toEqual([true, true, true]);
});

describe("every open", () => {
  it("is recorded with time, actor, purpose and call, and without the credential (VLT-08)", async () => {
    const app = await testApp({ now: () => 1_767_600_000_000 });
    const where = await sealed(app, { secret: { apiKey: "canary" } });
    await app.vault.open(where, { ...WHY, client: "c1", grant: "grt_1" });
    await app.vault.open(where, { actor: "usr_1", kind: "verify" });
    const [verify, call] = await listEvents(app.db, { org: where.org, limit: 2 });
    expect(call).toMatchObject({
      type: "credential.open",
      at: 1_767_600_000_000,
      actor_id: "usr_1",
      call_id: "call_1",
      request_id: "r1",
      vendor: "acme",
      tool: "acme_list",
      status: "success",
    });
    expect(JSON.parse(call!.detail)).toEqual({
      client: "c1",
      grant: "grt_1",
      connection: "con_1",
      purpose: "call",
      owner: where.owner,
      version: 1,
      kid: "k1",
    });
    expect(JSON.parse(verify!.detail)).toMatchObject({ purpose: "verify" });
    expect(JSON.stringify([verify, call])).not.toContain("canary");
  });

  it("is recorded when it fails as well (VLT-08)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: 1 } });
    await app.vault.destroyOwner(where.org, where.owner);
    await app.vault.open(where, WHY).catch(() => {});
    const [event] = await listEvents(app.db, { org: where.org, limit: 1 });
    expect([event!.status, JSON.parse(event!.detail).rule]).toEqual(["error", "NO_USER_KEY"]);
  });

  it("that meets a tampered row is recorded as refused (VLT-08)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: 1 } });
    await app.db.updateTable("credentials").set({ version: 2 }).execute();
    await app.vault.open(where, WHY).catch(() => {});
    const events = await listEvents(app.db, { org: where.org, limit: 2 });
    expect(events.map(({ status, detail }) => [status, JSON.parse(detail).rule])).toEqual([
      ["error", "WRONG_KEY"],
      ["success", undefined],
    ]);
  });

  it("does not happen when it cannot be recorded (VLT-08)", async () => {
    const app = await testApp();
    const where = await sealed(app, { secret: { a: 1 } });
    const keys = await masterKeys(app.keys.vault);
    const unwrap = vi.fn(keys.unwrap);
    const audit = createAudit({ db: app.db, keys: app.keys.audit, clock: app.clock, sinks: [] });
    const vault = createVault({ db: app.db, audit, clock: app.clock, keys: { ...keys, unwrap } });
    await app.db.schema.dropTable("audit_events").execute();
    await expect(vault.open(where, WHY)).rejects.toThrow("audit_events");
    expect(unwrap).not.toHaveBeenCalled();
  });
});
