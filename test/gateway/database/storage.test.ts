import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { verifyAll } from "../../../gateway/audit/verify.ts";
import * as artifacts from "../../../gateway/database/artifacts.ts";
import { reservePlaces } from "../../../gateway/database/audit-events.ts";
import * as clients from "../../../gateway/database/clients.ts";
import * as connections from "../../../gateway/database/connections.ts";
import * as credentials from "../../../gateway/database/credentials.ts";
import { closeEverythingOf } from "../../../gateway/database/erasure.ts";
import * as grants from "../../../gateway/database/grants.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { type Db, ping } from "../../../gateway/database/index.ts";
import * as orgs from "../../../gateway/database/orgs.ts";
import * as policies from "../../../gateway/database/policies.ts";
import { countUse, deleteExpiredCounters, forgetUses } from "../../../gateway/database/rate-counters.ts";
import type { GrantRow } from "../../../gateway/database/schema.ts";
import * as sessions from "../../../gateway/database/sessions.ts";
import { addSetupToken, isUnused, useAll } from "../../../gateway/database/setup-tokens.ts";
import * as userKeys from "../../../gateway/database/user-keys.ts";
import * as users from "../../../gateway/database/users.ts";
import * as signIns from "../../../gateway/database/vendor-sign-ins.ts";
import { addSomebody, connectionOf } from "../rows.ts";
import { empty, openers, TABLES } from "./stores.ts";

const NOW = Date.UTC(2026, 0, 5);
const KEYS = [Buffer.from("6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=", "base64")];

for (const { name, open } of openers) {
  const store = await open();
  if (!("missing" in store)) describe(`storage on ${name}`, () => storageTests(store));
  else if (process.env["REQUIRE_SERVICES"]) it(`has ${name} (OPS-04)`, () => expect.fail(store.missing));
  else console.log(`Storage tests on ${name} do not run: ${store.missing}.`);
}

function storageTests({ db, again, close }: { db: Db; again?: () => Promise<Db>; close(): Promise<void> }) {
  beforeEach(() => empty(db));
  afterAll(close);

  it("answers, and has every table (OPS-04)", async () => {
    await ping(db);
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    expect(tables.sort()).toEqual([...TABLES, "installation"].sort());
    for (const table of TABLES) expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
  });

  it("gives back numbers beyond 32 bits and every byte (OPS-04)", async () => {
    const { org, user } = await person(db);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const row = { org_id: org, owner_id: user, version: NOW, kid: "k1", wrapped: bytes, created_at: NOW };
    await userKeys.addUserKey(db, row);
    const found = (await userKeys.findUserKey(db, { org, owner: user }))!;
    expect(Buffer.from(found.wrapped)).toEqual(Buffer.from(bytes));
    expect(found.created_at).toBe(NOW);
    const { count } = await db
      .selectFrom("users")
      .select(db.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1);
  });

  it("keeps all of a transaction or nothing", async () => {
    const attempt = db.transaction().execute(async (trx) => {
      await addSetupToken(trx, "t1", NOW);
      throw new Error("no");
    });
    await expect(attempt).rejects.toThrow("no");
    expect(await isUnused(db, "t1", 0)).toBe(false);
  });

  it("refuses rows of an organisation or connection that does not exist (TEN-01)", async () => {
    const key = { org_id: "org_none", owner_id: "u", version: 1, kid: "k", wrapped: new Uint8Array(1), created_at: 0 };
    await expect(userKeys.addUserKey(db, key)).rejects.toThrow(/foreign key/i);
    await expect(credentials.putCredential(db, credential("org_none", "u", "con_none"))).rejects.toThrow(
      /foreign key/i,
    );
  });

  describe("people", () => {
    it("have one account per address", async () => {
      const row = {
        id: newId("usr"),
        email: "a@b.example",
        name: "A",
        password: "x",
        created_at: NOW,
        disabled_at: null,
        erased_at: null,
      };
      expect(await users.addUser(db, row)).toBe(true);
      expect(await users.addUser(db, { ...row, id: newId("usr") })).toBe(false);
      expect(await users.findUser(db, row.id)).not.toHaveProperty("password");
      expect((await users.findByEmail(db, "a@b.example"))?.password).toBe("x");
    });

    it("see the organisations they are active in, their own first (TEN-01)", async () => {
      const ann = await person(db, "Zoe's");
      const bob = await person(db, "Bob's");
      await orgs.addMember(db, { org_id: bob.org, user_id: ann.user, role: "member", active: 1, created_at: NOW });
      const seen = await orgs.orgsOfMember(db, ann.user);
      expect(seen.map(({ id, role }) => [id, role])).toEqual([
        [ann.org, "owner"],
        [bob.org, "member"],
      ]);
      await orgs.endMemberships(db, ann.user);
      expect(await orgs.orgsOfMember(db, ann.user)).toEqual([]);
    });

    it("have a policy of which one change at a time is the next version (TEN-06)", async () => {
      const { org, user } = await person(db);
      const row = (version: number) => ({ org_id: org, version, document: "{}", created_by: user, created_at: NOW });
      expect(await policies.currentVersion(db, org)).toBe(1);
      expect(await policies.addPolicy(db, row(2))).toBe(true);
      expect(await policies.addPolicy(db, row(2))).toBe(false);
      expect(await policies.currentVersion(db, org)).toBe(2);
      expect(await policies.findPolicy(db, org, 2)).toEqual(row(2));
      expect(await policies.findPolicy(db, org, 3)).toBeUndefined();
    });

    it("are all without the tools that the operator has switched off (PAC-03)", async () => {
      await policies.switchTool(db, "acme_wipe_thing", false);
      await policies.switchTool(db, "acme_wipe_thing", false);
      expect(await policies.readToolsOff(db)).toEqual(new Set(["acme_wipe_thing"]));
      await policies.switchTool(db, "acme_wipe_thing", true);
      expect(await policies.readToolsOff(db)).toEqual(new Set());
    });

    it("have sessions that end", async () => {
      const { org, user } = await person(db);
      for (const id_hash of ["s1", "s2", "s3"])
        await sessions.addSession(db, {
          id_hash,
          org_id: org,
          user_id: user,
          created_at: NOW,
          last_seen_at: NOW,
          expires_at: NOW + 10,
          methods: "password",
          authenticated_at: NOW,
        });
      expect(await sessions.findLiveSession(db, "s1", NOW)).toMatchObject({ user_id: user, org_id: org });
      expect(await sessions.findLiveSession(db, "s1", NOW + 10)).toBeUndefined();
      await sessions.deleteSessionsOf(db, user, "s2");
      expect(await sessions.findLiveSession(db, "s1", NOW)).toBeUndefined();
      expect(await sessions.findLiveSession(db, "s2", NOW)).toBeDefined();
      await sessions.deleteExpiredSessions(db, NOW + 11);
      expect(await sessions.findLiveSession(db, "s2", NOW)).toBeUndefined();
    });

    it("become the owner once, of many who try together", async () => {
      for (const token of ["t1", "t2"]) await addSetupToken(db, token, NOW);
      const tries = await Promise.all(
        Array.from({ length: 6 }, () => db.transaction().execute((trx) => useAll(trx, NOW))),
      );
      expect(tries.filter((used) => used.length > 0).map((used) => used.sort())).toEqual([["t1", "t2"]]);
    });
  });

  describe("limits", () => {
    it("count exactly, however many come at once (OAU-24)", async () => {
      const rate = { max: 10, windowMs: 1000 };
      const uses = await Promise.all(Array.from({ length: 25 }, () => countUse(db, "k", rate, NOW)));
      expect(uses.filter(({ allowed }) => allowed)).toHaveLength(10);
      expect(uses.find(({ allowed }) => !allowed)?.retryAfterSeconds).toBe(1);
    });

    it("do not lock anybody out for an hour when the clock was an hour ahead (OAU-24)", async () => {
      const rate = { max: 1, windowMs: 60_000 };
      const at = (now: number) => countUse(db, "ahead", rate, now);
      for (let n = 0; n < 3; n++) await at(NOW + 3_600_000);
      expect((await at(NOW)).allowed).toBe(true);
      expect(await at(NOW + 1)).toEqual({ allowed: false, retryAfterSeconds: 60, firstRefusal: true });
      await forgetUses(db, "ahead");
    });

    it("begin anew with the next window, and when they are forgotten", async () => {
      const rate = { max: 1, windowMs: 60_000 };
      const at = (now: number) => countUse(db, "k", rate, now);
      expect(await at(NOW)).toEqual({ allowed: true, retryAfterSeconds: 0, firstRefusal: false });
      expect(await at(NOW + 30_000)).toEqual({ allowed: false, retryAfterSeconds: 30, firstRefusal: true });
      expect((await at(NOW + 60_000)).allowed).toBe(true);
      expect(await at(NOW + 60_001)).toEqual({ allowed: false, retryAfterSeconds: 60, firstRefusal: true });
      await forgetUses(db, "k");
      expect((await at(NOW + 60_002)).allowed).toBe(true);
      await deleteExpiredCounters(db, NOW + 200_000);
      expect(await db.selectFrom("rate_counters").selectAll().execute()).toEqual([]);
    });
  });

  describe("credentials", () => {
    it("are replaced in place and found by owner only (TEN-01)", async () => {
      const { org, user } = await person(db);
      await connections.addConnection(db, connection(org, user, "con_1"));
      await credentials.putCredential(db, credential(org, user, "con_1"));
      await credentials.putCredential(db, { ...credential(org, user, "con_1"), version: 2 });
      expect(await credentials.credentialsExist(db)).toBe(true);
      const where = { org, owner: user, connection: "con_1" };
      expect((await credentials.findSealed(db, where))?.version).toBe(2);
      expect(await credentials.findSealed(db, { ...where, org: "org_other" })).toBeUndefined();
      expect(await credentials.findSealed(db, { ...where, owner: "usr_other" })).toBeUndefined();
    });

    it("have one user key, whoever makes it first", async () => {
      const { org, user } = await person(db);
      const made = await Promise.all(
        [1, 2, 3].map((byte) =>
          userKeys.addUserKey(db, {
            org_id: org,
            owner_id: user,
            version: byte,
            kid: `k${byte}`,
            wrapped: Uint8Array.of(byte),
            created_at: NOW,
          }),
        ),
      );
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await userKeys.kidsInUse(db)).toHaveLength(1);
    });

    it("of a replaced connection count one version up, once", async () => {
      const { org, user } = await person(db);
      const row = connection(org, user, "con_1");
      await connections.addConnection(db, row);
      const changes = { label: "", fields: "{}", signed_in: 0, last_ok_at: NOW, updated_at: NOW };
      const replaced = await Promise.all([1, 2, 3].map(() => connections.replaceConnection(db, row, changes)));
      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect((await connections.activeConnection(db, { org, user, vendor: "acme" }))?.version).toBe(2);
    });
  });

  describe("grants and tokens", () => {
    it("are consumed once, of many who try together", async () => {
      await artifacts.putArtifact(db, artifact("h1", null));
      const tries = await Promise.all([1, 2, 3, 4].map(() => artifacts.consumeArtifact(db, "AccessToken", "h1", NOW)));
      expect(tries.filter(Boolean)).toHaveLength(1);
    });

    it("lead to the caller in one row, until any part has ended (VLT-11)", async () => {
      const { org, user } = await person(db);
      await connections.addConnection(db, connection(org, user, "con_1"));
      await grants.insertGrant(db, grant(org, user, { connection_id: "con_1" }));
      await artifacts.putArtifact(db, artifact("h1", "grt_1"));
      const caller = () => grants.findCaller(db, { tokenHash: "h1", now: NOW });
      expect(await caller()).toMatchObject({
        org_id: org,
        user_id: user,
        connection_id: "con_1",
        policy_version: 1,
        tools_off: "",
        role: "owner",
      });
      expect((await artifacts.findArtifact(db, "AccessToken", "h1"))?.org_id).toBe(org);
      await db.updateTable("memberships").set({ active: 0 }).execute();
      expect(await caller()).toBeUndefined();
      await db.updateTable("memberships").set({ active: 1 }).execute();
      await grants.markGrantRevoked(db, "grt_1", NOW);
      expect(await caller()).toBeUndefined();
    });

    it("belong to clients that go when nobody uses them", async () => {
      const client = { kind: "dcr" as const, payload: "{}", created_at: NOW, last_used_at: null };
      for (const id of ["c1", "c2", "c3"]) await clients.putClient(db, { ...client, id });
      await clients.touchClient(db, "c2", NOW);
      expect(await clients.boundClients(db, 2)).toBe(1);
      expect(await clients.findClient(db, "c2")).toBeDefined();
      expect(await clients.deleteUnusedClients(db, { now: NOW + 100, neverUsedMs: 50, unusedMs: 1000 })).toBe(1);
      expect(await clients.findClient(db, "c2")).toMatchObject({ last_used_at: NOW });
    });
  });

  describe("sign-ins at vendors (OAU-19)", () => {
    const key = ({ org, user }: { org: string; user: string }) => ({
      connection_id: "con_1",
      org_id: org,
      owner_id: user,
    });

    async function signedIn() {
      const whose = await person(db);
      await connections.addConnection(db, { ...connection(whose.org, whose.user, "con_1"), signed_in: 1 });
      const hourAgo = NOW - 3_600_000;
      const row = { ...credential(whose.org, whose.user, "con_1"), created_at: hourAgo, expires_at: NOW + 60_000 };
      await credentials.putCredential(db, row);
      return { ...whose, row };
    }

    it("are renewed by one of many at a time, until the lease is over", async () => {
      const whose = await signedIn();
      const stores = again ? await Promise.all([again(), again()]) : [db, db];
      const lease = { ...key(whose), version: 1 };
      const at = (now: number) =>
        Promise.all(
          [...stores, db].map((each) => credentials.leaseCredential(each, lease, { now, until: now + 30_000 })),
        );
      expect((await at(NOW)).filter(Boolean)).toHaveLength(1);
      expect((await at(NOW + 29_999)).filter(Boolean)).toHaveLength(0);
      expect((await at(NOW + 30_000)).filter(Boolean)).toHaveLength(1);
      await credentials.releaseCredential(db, lease);
      expect((await at(NOW + 30_001)).filter(Boolean)).toHaveLength(1);
      if (again) for (const store of stores) await store.destroy();
    });

    it("take the next tokens once, and only over the version they come from", async () => {
      const { row, ...whose } = await signedIn();
      await credentials.leaseCredential(db, { ...key(whose), version: 1 }, { now: NOW, until: NOW + 30_000 });
      const next = { ...row, version: 2, expires_at: NOW + 3_600_000 };
      const rotated = await Promise.all([1, 2, 3].map(() => credentials.rotateCredential(db, next, 1)));
      expect(rotated.filter(Boolean)).toHaveLength(1);
      expect(await credentials.credentialState(db, key(whose))).toEqual({
        version: 2,
        expires_at: NOW + 3_600_000,
        leased_until: null,
      });
      expect(await credentials.leaseCredential(db, { ...key(whose), version: 1 }, { now: NOW, until: NOW })).toBe(
        false,
      );
    });

    it("are claimed before they end, once each, if they work, nobody renews them and it is not too soon after a failure", async () => {
      const whose = await signedIn();
      const claimed = async (by: number, now = NOW) =>
        (await credentials.claimEnding(db, { by, now, until: now + 30_000 }))?.id;
      expect(await claimed(NOW + 59_999)).toBeUndefined();
      expect(await claimed(NOW + 60_000, NOW - 1_800_001)).toBeUndefined(); // it has not lived half of its life
      const enough = { by: NOW + 60_000, now: NOW, until: NOW, except: [whose.row.vendor] };
      expect(await credentials.claimEnding(db, enough)).toBeUndefined();
      const both = await Promise.all([claimed(NOW + 60_000), claimed(NOW + 60_000)]);
      expect(both.filter(Boolean)).toEqual(["con_1"]);
      expect(await claimed(NOW + 60_000, NOW + 29_999)).toBeUndefined();
      expect(await claimed(NOW + 60_000, NOW + 30_000)).toBe("con_1");
      const fails = { now: NOW, delayMs: (failures: number) => failures * 1000 };
      const version = { ...key(whose), version: 1 };
      expect(await credentials.noteRenewalFailure(db, version, fails)).toEqual({ failures: 1, since: NOW });
      expect(await claimed(NOW + 60_000, NOW + 999)).toBeUndefined();
      expect(await claimed(NOW + 60_000, NOW + 1000)).toBe("con_1");
      const later = { ...fails, now: NOW + 5000 };
      expect(await credentials.noteRenewalFailure(db, version, later)).toEqual({ failures: 2, since: NOW });
      expect(await credentials.noteRenewalFailure(db, { ...version, version: 7 }, later)).toBeUndefined();
      expect(await credentials.tokenEnds(db, whose)).toEqual(new Map([["con_1", NOW + 60_000]]));
      const [row] = await connections.listConnections(db, whose);
      await connections.noteOnConnection(db, row!, { status: "error" });
      expect(await claimed(NOW + 60_000, NOW + 30_000)).toBeUndefined();
    });

    it("come back once, in the browser that left and in time", async () => {
      const { org, user } = await person(db);
      const left = (state_hash: string) => ({
        state_hash,
        session_hash: "s1",
        org_id: org,
        user_id: user,
        vendor: "acme",
        connection_id: null,
        shared: 0,
        label: "",
        return_to: "/settings",
        box: "b",
        expires_at: NOW + 1000,
      });
      for (const state of ["a", "b"]) await signIns.addVendorSignIn(db, left(state), NOW);
      const back = (state: string, more = {}) =>
        signIns.takeVendorSignIn(db, { state, session: "s1", vendor: "acme", now: NOW, ...more });
      expect(await back("a", { session: "s2" })).toBeUndefined();
      expect(await back("a", { vendor: "other" })).toBeUndefined();
      expect(await back("a", { now: NOW + 1000 })).toBeUndefined();
      const all = await Promise.all([back("a"), back("a"), back("a")]);
      expect(all.filter(Boolean)).toHaveLength(1);
      await signIns.addVendorSignIn(db, left("c"), NOW + 1000);
      expect(await db.selectFrom("vendor_sign_ins").select("state_hash").execute()).toEqual([{ state_hash: "c" }]);
    });
  });

  it("closes everything of a person and nothing of another (TEN-01)", async () => {
    const [ann, bob] = [await person(db, "Ann"), await person(db, "Bob")];
    for (const [n, { org, user }] of [ann, bob].entries()) {
      await connections.addConnection(db, connection(org, user, `con_${n}`));
      await credentials.putCredential(db, credential(org, user, `con_${n}`));
      await grants.insertGrant(db, grant(org, user, { id: `grt_${n}` }));
      await artifacts.putArtifact(db, artifact(`h${n}`, `grt_${n}`));
      await sessions.addSession(db, {
        id_hash: `s${n}`,
        org_id: org,
        user_id: user,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + 10,
        methods: "password",
        authenticated_at: NOW,
      });
    }
    await db.transaction().execute((trx) => closeEverythingOf(trx, { user: ann.user }, NOW));
    const left = async (n: number, { org, user }: typeof ann) => [
      (await connections.listConnections(db, { org, user })).length,
      await credentials.findSealed(db, { org, owner: user, connection: `con_${n}` }).then(Boolean),
      (await grants.liveGrants(db, { org, user }, NOW)).length,
      Boolean(await artifacts.findArtifact(db, "AccessToken", `h${n}`)),
      Boolean(await sessions.findLiveSession(db, `s${n}`, NOW)),
    ];
    expect(await left(0, ann)).toEqual([0, false, 0, false, false]);
    expect(await left(1, bob)).toEqual([1, true, 1, true, true]);
  });

  describe("the audit chain", () => {
    it("has no gaps and no forks, however many write at once, from several processes (AUD-10)", async () => {
      const others = again ? [await again(), await again()] : [];
      const logs = [db, ...others].map((db) => createAudit({ db, keys: KEYS, clock: { now: () => NOW }, sinks: [] }));
      const events = Array.from({ length: 90 }, (_, n) =>
        logs[n % logs.length]!.record({
          org: `org_${n % 3}`,
          type: "t",
          actor: { id: "u", type: "user" },
          status: "success",
        }),
      );
      await Promise.all(events);
      expect(await verifyAll(db, KEYS)).toEqual(
        ["org_0", "org_1", "org_2"].map((org) => ({ ok: true, org, events: 30 })),
      );
      await Promise.all(others.map((other) => other.destroy()));
    });

    it("holds whatever text a caller makes up (AUD-10)", async () => {
      const audit = createAudit({ db, keys: KEYS, clock: { now: () => NOW }, sinks: [] });
      const texts = ["\0", "a\0b", "\ud800", "\udc00x", "\u202e", "'; drop table users", "x".repeat(5000), "😀", ""];
      for (const text of texts)
        await audit.record({
          org: "org_1",
          type: "t",
          actor: { id: text, type: "user" },
          tool: text,
          callId: text,
          status: "denied",
          rule: text,
          detail: { [text]: text },
        });
      expect(await verifyAll(db, KEYS)).toEqual([{ ok: true, org: "org_1", events: texts.length }]);
    });

    it("gives a place back when the transaction fails", async () => {
      const attempt = db.transaction().execute(async (trx) => {
        await reservePlaces(trx, [{ org_id: "org_1", seq: 3 }]);
        throw new Error("no");
      });
      await expect(attempt).rejects.toThrow("no");
      expect((await reservePlaces(db, [{ org_id: "org_1", seq: 2 }])).get("org_1")).toEqual({ last: 2, mac: "" });
    });
  });
}

const person = (db: Db, name = "Ann's") => addSomebody(db, name, NOW);

const connection = (org: string, owner: string, id: string) => connectionOf({ org, owner, id }, NOW);

const credential = (org: string, owner: string, id: string) => ({
  connection_id: id,
  org_id: org,
  owner_id: owner,
  vendor: "acme",
  version: 1,
  wrapped_key: Uint8Array.of(1),
  box: Uint8Array.of(2),
  created_at: NOW,
  expires_at: null,
  leased_until: null,
});

const artifact = (id_hash: string, grant_id: string | null) => ({
  model: "AccessToken",
  id_hash,
  grant_id,
  uid: null,
  user_id: null,
  payload: "{}",
  expires_at: NOW + 1000,
});

const grant = (org: string, user: string, change: Partial<GrantRow> = {}): GrantRow => ({
  id: "grt_1",
  org_id: org,
  user_id: user,
  client_id: "c1",
  client_name: "C",
  resource: "https://x/v1/acme",
  vendor: "acme",
  connection_id: null,
  scopes: "acme:read",
  created_at: NOW,
  last_used_at: null,
  expires_at: NOW + 1000,
  revoked_at: null,
  ...change,
});
