import { describe, expect, it } from "vitest";
import { verifyAll } from "../../../gateway/audit/verify.ts";
import { listEvents, SYSTEM_ORG } from "../../../gateway/database/audit-events.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import { orgsOf, setWritesEnabled } from "../../../gateway/identity/orgs.ts";
import { createSession, endSession, findSession, IDLE_MS, LONGEST_MS } from "../../../gateway/identity/sessions.ts";
import { isSetupToken, redeemSetup, setupToken } from "../../../gateway/identity/setup.ts";
import { createUser, findUser } from "../../../gateway/identity/users.ts";
import { decidedBy } from "../policies.ts";
import { connectionRow, fakeClock, PASSWORD, person, testApp } from "../support.ts";

const ANN = { email: "ann@example.com", name: "Ann", password: PASSWORD };

describe("the first owner", () => {
  it("is who opens the printed link, once", async () => {
    const app = await testApp();
    const token = (await setupToken(app))!;
    expect(await isSetupToken(app, token)).toBe(true);
    const user = await redeemSetup(app, { token, ...ANN });
    expect(await orgsOf(app.db, user.id)).toMatchObject([{ role: "owner", personal_of: user.id }]);
    expect(await isSetupToken(app, token)).toBe(false);
    await expect(redeemSetup(app, { token, ...ANN, email: "bob@example.com" })).rejects.toMatchObject({
      code: "SETUP_OVER",
    });
    expect(await setupToken(app)).toBeUndefined();
  });

  it("is one, of two who have links and open them together", async () => {
    const app = await testApp();
    const tokens = [(await setupToken(app))!, (await setupToken(app))!];
    const outcomes = await Promise.allSettled(
      tokens.map((token, n) => redeemSetup(app, { token, ...ANN, email: `p${n}@example.com` })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("can try again after a password that was too short, and not with a guessed or old link", async () => {
    const clock = fakeClock();
    const app = await testApp(clock);
    const token = (await setupToken(app))!;
    await expect(redeemSetup(app, { token, ...ANN, password: "short" })).rejects.toMatchObject({
      code: "PASSWORD_TOO_SHORT",
    });
    await expect(redeemSetup(app, { token: `${token}x`, ...ANN })).rejects.toMatchObject({ code: "SETUP_OVER" });
    expect(await isSetupToken(app, token)).toBe(true);
    clock.pass(25 * 3_600_000);
    await expect(redeemSetup(app, { token, ...ANN })).rejects.toMatchObject({ code: "SETUP_OVER" });
  });

  it("has a link that is stored as a hash only (OAU-23)", async () => {
    const app = await testApp();
    const token = (await setupToken(app))!;
    expect(JSON.stringify(await app.db.selectFrom("setup_tokens").selectAll().execute())).not.toContain(token);
  });
});

describe("an account", () => {
  it("comes with an organisation of its own that starts with reading only (TEN-01, TEN-07)", async () => {
    const app = await testApp();
    const user = await createUser(app, ANN);
    const [org, ...others] = await orgsOf(app.db, user.id);
    expect(others).toEqual([]);
    expect(org).toMatchObject({ role: "owner", policy_version: 1 });
    await setWritesEnabled(app, { org: org!.id, on: true, actor: user.id });
    expect((await orgsOf(app.db, user.id))[0]).toMatchObject({ policy_version: 2 });
    expect((await decidedBy(app.db, org!.id)).switches).toEqual({ write: true, destroy: false, reveal: false });
    const [event] = await listEvents(app.db, { org: org!.id, limit: 1 });
    expect([event!.type, event!.actor_id, JSON.parse(event!.detail)]).toEqual([
      "policy.writes",
      user.id,
      { enabled: true, changed: ["switches"], policyVersion: 2 },
    ]);
  });

  it("is one per address, however the address is written", async () => {
    const app = await testApp();
    await createUser(app, ANN);
    const again = createUser(app, { ...ANN, email: "  Ann@EXAMPLE.com " });
    await expect(again).rejects.toMatchObject({ code: "EMAIL_TAKEN" });
    expect(await app.db.selectFrom("orgs").selectAll().execute()).toHaveLength(1);
  });

  it.each([
    ["no address", { email: "ann" }, "EMAIL_INVALID"],
    ["an address with a line break", { email: "ann@example.com\nbcc@x.example" }, "EMAIL_INVALID"],
    ["no name", { name: " \u200b" }, "NAME_INVALID"],
    ["an endless name", { name: "n".repeat(101) }, "NAME_INVALID"],
    ["a short password", { password: "elevenchars" }, "PASSWORD_TOO_SHORT"],
    ["an endless password", { password: "p".repeat(201) }, "PASSWORD_TOO_LONG"],
  ])("is refused with %s", async (_what, change, code) => {
    await expect(createUser(await testApp(), { ...ANN, ...change })).rejects.toMatchObject({ code });
  });

  it("stores its password as argon2id with 19 MiB", async () => {
    const app = await testApp();
    await createUser(app, ANN);
    const row = await app.db.selectFrom("users").select("password").executeTakeFirstOrThrow();
    expect(row.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe("a session", () => {
  it("is stored as a hash only, and ends when it is signed out (OAU-23)", async () => {
    const app = await testApp();
    const { user, org, token } = await person(app);
    expect(JSON.stringify(await app.db.selectFrom("sessions").selectAll().execute())).not.toContain(token);
    const found = await findSession(app.db, token, app.clock.now());
    expect(found).toMatchObject({ user: { id: user.id, email: user.email }, session: { orgId: org } });
    expect(await findSession(app.db, `${token}x`, app.clock.now())).toBeUndefined();
    expect(await findSession(app.db, undefined, app.clock.now())).toBeUndefined();
    await endSession(app.db, token);
    expect(await findSession(app.db, token, app.clock.now())).toBeUndefined();
  });

  it("lasts while it is used, and at most a week", async () => {
    const clock = fakeClock();
    const app = await testApp(clock);
    const { user, token } = await person(app);
    const idle = (await createSession(app.db, { userId: user.id, now: clock.now() })).token;
    const begin = clock.now();
    while (clock.now() < begin + LONGEST_MS - IDLE_MS) {
      clock.pass(IDLE_MS - 1);
      expect(await findSession(app.db, token, clock.now())).toBeDefined();
    }
    expect(await findSession(app.db, idle, clock.now())).toBeUndefined();
    clock.pass(begin + LONGEST_MS - clock.now());
    expect(await findSession(app.db, token, clock.now())).toBeUndefined();
  });

  it("ends when the person is disabled", async () => {
    const app = await testApp();
    const { token } = await person(app);
    expect(await findSession(app.db, token, app.clock.now())).toBeDefined();
    await app.db.updateTable("users").set({ disabled_at: 1 }).execute();
    expect(await findSession(app.db, token, app.clock.now())).toBeUndefined();
  });
});

describe("deleting an account", () => {
  it("destroys the key and ends everything at once, and the audit chain stays valid (VLT-02, AUD-10)", async () => {
    const app = await testApp();
    const { user, org, token } = await person(app);
    const bob = await person(app, "bob@example.com");
    const where = await connectionRow(app, { org, owner: user.id });
    await app.vault.put({ ...where, version: 1 }, { apiKey: "k" });
    await deleteAccount(app, { userId: user.id, requestId: "r1" });

    expect(await app.db.selectFrom("user_keys").selectAll().execute()).toEqual([]);
    expect(await app.db.selectFrom("credentials").selectAll().execute()).toEqual([]);
    expect(await findSession(app.db, token, app.clock.now())).toBeUndefined();
    expect(await orgsOf(app.db, user.id)).toEqual([]);
    expect(await findUser(app.db, user.id)).toMatchObject({
      name: "",
      email: `erased:${user.id}`,
      erased_at: expect.any(Number),
    });
    const everything = JSON.stringify(
      await Promise.all(
        (["users", "orgs", "connections", "audit_events"] as const).map((table) =>
          app.db.selectFrom(table).selectAll().execute(),
        ),
      ),
    );
    expect(everything).not.toMatch(/ann@example|"ann"/);
    expect(await findSession(app.db, bob.token, app.clock.now())).toBeDefined();
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(event).toMatchObject({ type: "account.delete", actor_id: user.id, request_id: "r1" });
    expect((await verifyAll(app.db, app.keys.audit)).every(({ ok }) => ok)).toBe(true);
  });

  it("does nothing when it cannot be recorded", async () => {
    const app = await testApp();
    const { user, token } = await person(app);
    await app.db.schema.alterTable("audit_events").renameTo("elsewhere").execute();
    await expect(deleteAccount(app, { userId: user.id })).rejects.toThrow();
    expect(await findSession(app.db, token, app.clock.now())).toBeDefined();
    expect(await findUser(app.db, user.id)).toMatchObject({ erased_at: null });
  });

  it("leaves the address free for a new account", async () => {
    const app = await testApp();
    const user = await createUser(app, ANN);
    await deleteAccount(app, { userId: user.id });
    expect((await createUser(app, ANN)).id).not.toBe(user.id);
    expect(await listEvents(app.db, { org: SYSTEM_ORG, limit: 9 })).toEqual([]);
  });
});
