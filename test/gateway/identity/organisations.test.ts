import { randomBytes } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { verifyAll } from "../../../gateway/audit/verify.ts";
import * as artifacts from "../../../gateway/database/artifacts.ts";
import { putWebhook } from "../../../gateway/database/audit-webhooks.ts";
import { findClient, putClient } from "../../../gateway/database/clients.ts";
import { addConnection } from "../../../gateway/database/connections.ts";
import * as grants from "../../../gateway/database/grants.ts";
import { newId, tokenHash } from "../../../gateway/database/ids.ts";
import type { Db } from "../../../gateway/database/index.ts";
import { openInvitations } from "../../../gateway/database/invitations.ts";
import { countMembers, findMember, listMembers, putMember, roleOf } from "../../../gateway/database/members.ts";
import { putNotices } from "../../../gateway/database/outbox.ts";
import { offersTo } from "../../../gateway/database/ownership.ts";
import { addServiceClient, findService } from "../../../gateway/database/service-clients.ts";
import type { IdentityContext } from "../../../gateway/identity/context.ts";
import { addCustomer, linkCustomer } from "../../../gateway/identity/customers/changes.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import * as invitations from "../../../gateway/identity/invitations.ts";
import { changeRole, leaveOrg, membersWith, removeMember } from "../../../gateway/identity/members.ts";
import { createOrg, deleteOrg, nameOrg } from "../../../gateway/identity/organisations.ts";
import { orgsOf } from "../../../gateway/identity/orgs.ts";
import * as ownership from "../../../gateway/identity/ownership.ts";
import { createSession, findSession } from "../../../gateway/identity/sessions.ts";
import { ROLES, type Role } from "../../../gateway/policy/roles.ts";
import { localKeys } from "../../../gateway/vault/keys.ts";
import { createVault } from "../../../gateway/vault/vault.ts";
import { empty, openers } from "../database/stores.ts";
import { addSomebody, connectionOf } from "../rows.ts";

const NOW = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const AUDIT_KEYS = [randomBytes(32)];
const VAULT_KEYS = localKeys([{ kid: "k1", key: randomBytes(32) }]);

for (const { name, open } of openers) {
  const store = await open();
  if (!("missing" in store)) describe(`organisations on ${name}`, () => tests(store));
  else console.log(`Tests of organisations on ${name} do not run: ${store.missing}.`);
}

function tests({ db, again, close }: { db: Db; again?: () => Promise<Db>; close(): Promise<void> }) {
  let time = NOW;
  const clock = { now: () => time };
  const context = contextOn(db, clock);
  beforeEach(async () => {
    time = NOW;
    await empty(db);
  });
  afterAll(close);

  /** An organisation with one member in each role. */
  async function team() {
    const people = {} as Record<Role, string>;
    for (const role of ROLES) people[role] = (await addSomebody(db, role, NOW)).user;
    const org = (await createOrg(context, { name: "Umbrella IT", actor: people.owner })).id;
    for (const role of ROLES.filter((one) => one !== "owner"))
      await putMember(db, { org_id: org, user_id: people[role], role, active: 1, created_at: NOW });
    return { org, people };
  }

  const code = (work: Promise<unknown>) => work.then(() => "done", (error: { code?: string }) => error.code ?? error); // biome-ignore format: one thought

  const events = async (org: string) => {
    const rows = await db.selectFrom("audit_events").selectAll().where("org_id", "=", org).orderBy("seq").execute();
    return rows.map(({ type, actor_id, detail }) => ({ type, actor: actor_id, ...JSON.parse(detail) }));
  };

  it("are made by anybody, belong to who made them, and stand beside the personal one (TEN-01, TEN-02)", async () => {
    const ann = await addSomebody(db, "Ann", NOW);
    const org = await createOrg(context, { name: "  Umbrella\u202e\n IT ", actor: ann.user });
    expect(org.name).toBe("Umbrella IT");
    expect(await code(createOrg(context, { name: "\u200b ", actor: ann.user }))).toBe("NAME_INVALID");
    expect((await orgsOf(db, ann.user)).map(({ id, role }) => [id, role])).toEqual([
      [ann.org, "owner"],
      [org.id, "owner"],
    ]);
    await nameOrg(context, { org: org.id, actor: ann.user, name: "Umbrella" });
    expect((await orgsOf(db, ann.user))[1]!.name).toBe("Umbrella");
    expect((await events(org.id)).map(({ type, actor }) => [type, actor])).toEqual([
      ["org.create", ann.user],
      ["org.rename", ann.user],
    ]);
  });

  it("let each role do to each other role what it may, and nothing else (TEN-02)", async () => {
    const allowed: string[] = [];
    for (const role of ROLES)
      for (const target of ROLES.filter((one) => one !== role)) {
        await empty(db);
        const { org, people } = await team();
        const acting = { org, actor: people[role] };
        const user = people[target];
        if ((await code(changeRole(context, { ...acting, user, role: target === "member" ? "auditor" : "member" }))) === "done") allowed.push(`${role} changes ${target}`); // biome-ignore format: a table
        if ((await code(removeMember(context, { ...acting, user }))) === "done") allowed.push(`${role} removes ${target}`); // biome-ignore format: a table
      }
    const others = ["operator", "approver", "auditor", "member"];
    const both = (role: string, them: string[]) => them.flatMap((one) => [`${role} changes ${one}`, `${role} removes ${one}`]); // biome-ignore format: one thought
    expect(allowed.sort()).toEqual([...both("owner", ["admin", ...others]), ...both("admin", others)].sort());
  });

  it("have no role given above one's own, and ownership not at all (TEN-02)", async () => {
    const { org, people } = await team();
    const give = (actor: Role, role: Role) => code(changeRole(context, { org, actor: people[actor], user: people.member, role })); // biome-ignore format: one thought
    expect(await give("owner", "owner")).toBe("NO_RIGHT");
    expect(await give("admin", "owner")).toBe("NO_RIGHT");
    expect(await give("admin", "admin")).toBe("done");
    const invite = (actor: Role, role: Role) => code(invitations.invite(context, { org, actor: people[actor], role }));
    expect(await invite("owner", "owner")).toBe("NO_RIGHT");
    expect(await invite("operator", "member")).toBe("NO_RIGHT");
    expect(await invite("admin", "admin")).toBe("done");
    const stranger = await addSomebody(db, "Eve", NOW);
    expect(await code(changeRole(context, { org, actor: stranger.user, user: people.member, role: "auditor" }))).toBe(
      "NOT_A_MEMBER",
    );
  });

  it("always have an owner, whoever leaves, removes or demotes whom (TEN-02)", async () => {
    const { org, people } = await team();
    const acting = { org, actor: people.owner };
    expect(await code(leaveOrg(context, acting))).toBe("LAST_OWNER");
    expect(await code(removeMember(context, { ...acting, user: people.owner }))).toBe("LAST_OWNER");
    expect(await code(changeRole(context, { ...acting, user: people.owner, role: "admin" }))).toBe("LAST_OWNER");
    expect(await code(deleteAccount(context, { userId: people.owner }))).toBe("LAST_OWNER");
    expect(await code(deleteOrg(context, { org, actor: people.admin }))).toBe("NO_RIGHT");
    const own = (await orgsOf(db, people.owner))[0]!;
    expect(own.personal_of).toBe(people.owner);
    expect(await code(deleteOrg(context, { org: own.id, actor: people.owner }))).toBe("PERSONAL");
    expect(await code(leaveOrg(context, { org: own.id, actor: people.owner }))).toBe("PERSONAL");
    expect(await code(invitations.invite(context, { org: own.id, actor: people.owner, role: "member" }))).toBe(
      "PERSONAL",
    );
  });

  it("of two owners who demote each other at once keep one (TEN-02)", async () => {
    const other = again ? await again() : db;
    for (let i = 0; i < 8; i++) {
      await empty(db);
      const { org, people } = await team();
      await db.updateTable("memberships").set({ role: "owner" }).where("user_id", "=", people.admin).execute();
      const [one, two] = [people.owner, people.admin];
      const outcomes = await Promise.all([
        code(changeRole(context, { org, actor: one, user: two, role: "member" })),
        code(changeRole(contextOn(other, clock), { org, actor: two, user: one, role: "member" })),
      ]);
      expect(outcomes.sort()).toEqual(["NO_RIGHT", "done"]);
      expect(await membersWith(db, org, "ownership")).toHaveLength(1);
    }
    if (again) await other.destroy();
  });

  it("are handed on by two people who both say yes (TEN-02)", async () => {
    const { org, people } = await team();
    const [owner, admin] = [people.owner, people.admin];
    expect(await code(ownership.offerOwnership(context, { org, actor: admin, to: admin, staysOwner: false }))).toBe(
      "NO_RIGHT",
    );
    await ownership.offerOwnership(context, { org, actor: owner, to: admin, staysOwner: false });
    expect(await offersTo(db, admin, NOW)).toEqual([org]);
    expect(await roleOf(db, { org, user: admin })).toBe("admin");
    expect(await code(ownership.acceptOwnership(context, { org, actor: people.member }))).toBe("OFFER_OVER");
    await ownership.endOwnershipOffer(context, { org, actor: owner });
    expect(await code(ownership.acceptOwnership(context, { org, actor: admin }))).toBe("OFFER_OVER");
    await ownership.offerOwnership(context, { org, actor: owner, to: admin, staysOwner: false });
    time += 8 * DAY;
    expect(await code(ownership.acceptOwnership(context, { org, actor: admin }))).toBe("OFFER_OVER");
    await ownership.offerOwnership(context, { org, actor: owner, to: admin, staysOwner: false });
    expect(await code(ownership.endOwnershipOffer(context, { org, actor: people.member }))).toBe("OFFER_OVER");
    await ownership.acceptOwnership(context, { org, actor: admin });
    expect([await roleOf(db, { org, user: admin }), await roleOf(db, { org, user: owner })]).toEqual([
      "owner",
      "admin",
    ]);
    await ownership.offerOwnership(context, { org, actor: admin, to: owner, staysOwner: true });
    await ownership.acceptOwnership(context, { org, actor: owner });
    expect((await membersWith(db, org, "ownership")).sort()).toEqual([admin, owner].sort());
  });

  it("take in whom an invitation is for, once, for a week, until it is taken back (TEN-02)", async () => {
    const { org, people } = await team();
    const acting = { org, actor: people.admin };
    const eve = await addSomebody(db, "Eve", NOW);
    const bob = await addSomebody(db, "Bob", NOW);
    await db.updateTable("users").set({ email: "bob@example.test" }).where("id", "=", bob.user).execute();
    const email = "  BOB@example.test ";
    const { token } = await invitations.invite(context, { ...acting, role: "operator", email });
    expect(await db.selectFrom("invitations").select("token_hash").execute()).toEqual([
      { token_hash: tokenHash(token) },
    ]);
    expect(await invitations.readInvitation(context, token)).toMatchObject({
      orgName: "Umbrella IT",
      role: "operator",
    });
    expect(await code(invitations.acceptInvitation(context, { token, user: eve.user }))).toBe("OTHER_ADDRESS");
    await invitations.acceptInvitation(context, { token, user: bob.user });
    expect(await roleOf(db, { org, user: bob.user })).toBe("operator");
    expect(await code(invitations.acceptInvitation(context, { token, user: bob.user }))).toBe("INVITATION_OVER");

    const late = (await invitations.invite(context, { ...acting, role: "member" })).token;
    time += 8 * DAY;
    expect(await invitations.readInvitation(context, late)).toBeUndefined();
    expect(await code(invitations.acceptInvitation(context, { token: late, user: eve.user }))).toBe("INVITATION_OVER");

    const { token: taken } = await invitations.invite(context, { ...acting, role: "member" });
    const [row] = await openInvitations(db, org, { now: time, limit: 10 });
    expect(await code(invitations.revokeInvitation(context, { org: eve.org, actor: eve.user, id: row!.id }))).toBe(
      "INVITATION_OVER",
    );
    await invitations.revokeInvitation(context, { ...acting, id: row!.id });
    expect(await code(invitations.acceptInvitation(context, { token: taken, user: eve.user }))).toBe("INVITATION_OVER");
    expect(await orgsOf(db, eve.user)).toHaveLength(1);
  });

  it("let in nobody by an invitation of somebody who may not invite any more (TEN-02)", async () => {
    const { org, people } = await team();
    const eve = await addSomebody(db, "Eve", NOW);
    const acting = { org, actor: people.owner };
    const admins = (await invitations.invite(context, { org, actor: people.admin, role: "admin" })).token;
    await changeRole(context, { ...acting, user: people.admin, role: "operator" });
    expect(await code(invitations.acceptInvitation(context, { token: admins, user: eve.user }))).toBe(
      "INVITATION_OVER",
    );
    await changeRole(context, { ...acting, user: people.admin, role: "admin" });
    const members = (await invitations.invite(context, { org, actor: people.admin, role: "member" })).token;
    await removeMember(context, { ...acting, user: people.admin });
    expect(await code(invitations.acceptInvitation(context, { token: members, user: people.admin }))).toBe(
      "INVITATION_OVER",
    );
  });

  it("take in one of the many who use one invitation at once (TEN-02)", async () => {
    const other = again ? await again() : db;
    const { org, people } = await team();
    const { token } = await invitations.invite(context, { org, actor: people.owner, role: "member" });
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, i) => addSomebody(db, `P${i}`, NOW)));
    const outcomes = await Promise.all(
      crowd.map(({ user }, i) =>
        code(invitations.acceptInvitation(i % 2 ? context : contextOn(other, clock), { token, user })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "INVITATION_OVER")).toHaveLength(7);
    expect(await countMembers(db, org)).toBe(ROLES.length + 1);
    if (again) await other.destroy();
  });

  it("give an account to who is invited without one, or change nothing (TEN-02)", async () => {
    const { org, people } = await team();
    const { token } = await invitations.invite(context, {
      org,
      actor: people.owner,
      role: "auditor",
      email: "new@example.test",
    });
    const given = { token, name: "New", password: "a long enough password" };
    expect(await code(invitations.joinWithNewAccount(context, { ...given, email: "other@example.test" }))).toBe(
      "OTHER_ADDRESS",
    );
    expect(await db.selectFrom("users").select("id").where("email", "=", "other@example.test").execute()).toEqual([]);
    const { user } = await invitations.joinWithNewAccount(context, { ...given, email: "NEW@example.test" });
    expect((await orgsOf(db, user.id)).map(({ role }) => role)).toEqual(["owner", "auditor"]);
    expect(await code(invitations.joinWithNewAccount(context, { ...given, email: "new@example.test" }))).toBe(
      "INVITATION_OVER",
    );
  });

  /** Somebody with a browser, an application, keys, and an approval that waits, in one organisation. */
  async function atWork(org: string, user: string, owner = user) {
    const id = newId("con");
    await addConnection(db, connectionOf({ org, owner, id }, NOW));
    await context.vault.put({ org, owner, vendor: "acme", connection: id, version: 1 }, { apiKey: "k" });
    const grant = newId("grt");
    const token = newId("grt");
    await grants.insertGrant(db, {
      id: grant, org_id: org, user_id: user, client_id: "c1", client_name: "C", resource: "https://x/v1/acme", vendor: "acme",
      connection_id: id, scopes: "acme:read", created_at: NOW, last_used_at: null, expires_at: NOW + DAY, revoked_at: null,
    }); // biome-ignore format: a row
    await artifacts.putArtifact(db, {
      model: "AccessToken", id_hash: tokenHash(token), grant_id: grant, uid: null, user_id: user, payload: "{}",
      expires_at: NOW + DAY,
    }); // biome-ignore format: a row
    const session = await createSession(db, { userId: user, org, now: NOW });
    return {
      connection: id,
      alive: async () => ({
        token: Boolean(await grants.findCaller(db, { tokenHash: tokenHash(token), now: NOW })),
        refresh: await grants.isGrantAlive(db, grant, NOW),
        session: Boolean(await findSession(db, session.token, NOW)),
        keys: await context.vault
          .open({ org, owner, vendor: "acme", connection: id }, { actor: user, kind: "call" })
          .then(
            () => true,
            () => false,
          ),
      }),
    };
  }
  const ALL = { token: true, refresh: true, session: true, keys: true };
  const NONE = { token: false, refresh: false, session: false, keys: false };

  it("end everything of somebody who is removed, there and nowhere else (OAU-04, TEN-01)", async () => {
    const { org, people } = await team();
    const own = (await orgsOf(db, people.member))[0]!.id;
    const here = await atWork(org, people.member);
    const elsewhere = await atWork(own, people.member);
    const others = await atWork(org, people.operator);
    const shared = await atWork(org, people.operator, org);
    expect(await here.alive()).toEqual(ALL);
    const closed = await removeMember(context, { org, actor: people.admin, user: people.member });
    expect(closed).toEqual([here.connection]);
    expect(await here.alive()).toEqual(NONE);
    expect(await elsewhere.alive()).toEqual(ALL);
    expect(await others.alive()).toEqual(ALL);
    expect((await shared.alive()).keys).toBe(true);
    expect((await events(org)).at(-1)).toMatchObject({ type: "credential.open" });
    expect((await events(org)).find(({ type }) => type === "member.remove")).toMatchObject({
      actor: people.admin,
      member: people.member,
      role: "member",
    });
    const again = (await invitations.invite(context, { org, actor: people.owner, role: "auditor" })).token;
    await invitations.acceptInvitation(context, { token: again, user: people.member });
    expect(await roleOf(db, { org, user: people.member })).toBe("auditor");
    expect(await here.alive()).toEqual(NONE);
  });

  it("end with everything in them when an owner deletes them, and their audit chain stays whole (TEN-01, TEN-02)", async () => {
    const { org, people } = await team();
    const own = (await orgsOf(db, people.member))[0]!.id;
    const working = [await atWork(org, people.member), await atWork(org, people.owner, org)];
    const elsewhere = await atWork(own, people.member);
    const { token } = await invitations.invite(context, { org, actor: people.owner, role: "member" });
    await withCustomers(org, people.owner);
    await deleteOrg(context, { org, actor: people.owner });
    for (const table of ["customers", "customer_links", "audit_webhooks", "approval_notices"] as const)
      expect(await db.selectFrom(table).selectAll().where("org_id", "=", org).execute()).toEqual([]);
    expect(await findService(db, "svc_1", NOW)).toBeUndefined();
    expect(await findClient(db, "svc_1")).toBeUndefined();
    for (const each of working) expect(await each.alive()).toEqual(NONE);
    expect(await elsewhere.alive()).toEqual(ALL);
    expect(await db.selectFrom("user_keys").selectAll().where("org_id", "=", org).execute()).toEqual([]);
    expect(await invitations.readInvitation(context, token)).toBeUndefined();
    expect((await orgsOf(db, people.owner)).map(({ id }) => id)).not.toContain(org);
    expect(await code(nameOrg(context, { org, actor: people.owner, name: "Again" }))).toBe("NOT_A_MEMBER");
    expect((await verifyAll(db, AUDIT_KEYS)).every(({ ok }) => ok)).toBe(true);
  });

  /** With what names a company, leads out of the house, or calls in the organisation's name. */
  async function withCustomers(org: string, owner: string) {
    const { id } = await addCustomer(context, { org, actor: owner, name: "Contoso" });
    const link = { vendor: "acme", vendorId: "7", connection: "", vendorName: "Contoso Ltd" };
    await linkCustomer(context, { org, actor: owner, id, ...link });
    const sends = { sends_events: 1, sends_alerts: 1 };
    await putWebhook(db, { org_id: org, url: "https://siem.test/", secret_box: "-", ...sends, created_at: NOW });
    await putNotices(db, { org_id: org, webhook: 1, mail: 0 });
    const program = { id: "svc_1", org_id: org, name: "Dashboard", role: "auditor", scopes: "" } as const;
    const times = { created_by: owner, created_at: NOW, expires_at: NOW + DAY, last_used_at: null, revoked_at: null };
    await addServiceClient(db, { ...program, ...times }, []);
    await putClient(db, { id: "svc_1", kind: "service", payload: "{}", created_at: NOW, last_used_at: null });
    expect(await findService(db, "svc_1", NOW)).toBeDefined();
  }

  it("keep what somebody shared who deletes their account, and nothing that was theirs (CMP-02, VLT-10)", async () => {
    const { org, people } = await team();
    const own = await atWork(org, people.operator);
    const shared = await atWork(org, people.operator, org);
    await deleteAccount(context, { userId: people.operator });
    expect(await own.alive()).toEqual(NONE);
    expect(await shared.alive()).toEqual({ ...NONE, keys: true });
    expect((await events(org)).map(({ type }) => type)).toContain("member.leave");
  });

  it("list ten thousand members by name a page at a time, and quickly (UI-07)", async () => {
    const { org, people } = await team();
    const users = Array.from({ length: 10_000 }, (_, i) => ({
      id: `usr_${i}`, email: `u${i}@example.test`, name: `Person ${String(i % 5000).padStart(4, "0")}`, password: "-",
      created_at: NOW, disabled_at: null, erased_at: null,
    })); // biome-ignore format: a row
    const rows = users.map(({ id }) => ({
      org_id: org,
      user_id: id,
      role: "member" as const,
      active: 1,
      created_at: NOW,
    }));
    for (let i = 0; i < users.length; i += 1000) {
      await db
        .insertInto("users")
        .values(users.slice(i, i + 1000))
        .execute();
      await db
        .insertInto("memberships")
        .values(rows.slice(i, i + 1000))
        .execute();
    }
    const seen: string[] = [];
    let after: { name: string; id: string } | undefined;
    let slowest = 0;
    for (let page = 0; page < 30; page++) {
      const started = performance.now();
      const found = await listMembers(db, { org, now: NOW, limit: 50, after });
      slowest = Math.max(slowest, performance.now() - started);
      seen.push(...found.map(({ id }) => id));
      after = found.at(-1);
    }
    expect(new Set(seen).size).toBe(1500);
    expect(slowest).toBeLessThan(1500);
    expect(await countMembers(db, org)).toBe(10_000 + ROLES.length);
    expect((await listMembers(db, { org, now: NOW, limit: 9, search: "N 0007" })).map(({ name }) => name)).toEqual([
      "Person 0007",
      "Person 0007",
    ]);
    expect(await listMembers(db, { org, now: NOW, limit: 9, search: "%" })).toEqual([]);
    expect(await findMember(db, { org, user: people.owner, now: NOW })).toMatchObject({
      role: "owner",
      secondFactor: false,
    });
    expect(await findMember(db, { org: "org_x", user: people.owner, now: NOW })).toBeUndefined();
  }, 60_000);
}

function contextOn(db: Db, clock: { now(): number }): IdentityContext {
  const audit = createAudit({ db, keys: AUDIT_KEYS, clock, sinks: [] });
  const vault = createVault({ db, audit, clock, keys: VAULT_KEYS });
  const passwords = { hash: async () => "hashed", verify: async () => false };
  const config = { regions: { own: undefined, addresses: {} } };
  return { db, clock, audit, vault, passwords, config };
}
