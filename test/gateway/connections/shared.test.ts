import { beforeEach, describe, expect, it } from "vitest";
import {
  activeConnection,
  type Connection,
  clientFor,
  findConnection,
  findShared,
  isShared,
  listConnections,
  revokeConnection,
  saveConnection,
  testConnection,
} from "../../../gateway/connections/connections.ts";
import { renameConnection, shareConnection } from "../../../gateway/connections/sharing.ts";
import {
  addConnection,
  connectionUsers,
  findMembersConnection,
  membersConnections,
  sharedConnections,
  workingConnections,
} from "../../../gateway/database/connections.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { putMember } from "../../../gateway/database/members.ts";
import { changeRole, removeMember } from "../../../gateway/identity/members.ts";
import { createOrg, deleteOrg } from "../../../gateway/identity/organisations.ts";
import { rebindGrants } from "../../../gateway/oauth/grants.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { issueToken } from "../mcp/gate.ts";
import { connectionOf } from "../rows.ts";
import { person, type TestApp, testApp } from "../support.ts";

let app: TestApp;
let world: ReturnType<typeof acmeWorld>;
let org: string;
let boss: string;
let ann: string;
beforeEach(async () => {
  world = acmeWorld();
  const vendors = [acme(world)];
  app = await testApp({ vendors, lock: lockOf(...vendors) });
  boss = (await person(app, "boss@example.com")).user.id;
  ann = (await person(app, "ann@example.com")).user.id;
  org = (await createOrg(app, { name: "Umbrella IT", actor: boss })).id;
  await join(ann, "member");
});

const join = (user: string, role: Role) =>
  putMember(app.db, { org_id: org, user_id: user, role, active: 1, created_at: 1 });

function share(user = boss, label = "Shared keys", replaces?: Connection) {
  const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: `key ${label}` });
  if (!parsed.ok) throw new Error("no keys");
  return saveConnection(app, {
    org,
    user,
    vendor: "acme",
    credentials: parsed.value as object,
    label,
    shared: true,
    replaces,
  });
}

const idsFor = async (user: string) => (await listConnections(app.db, { org, user })).map(({ id }) => id);
const events = async (type: string) => {
  const rows = await app.db.selectFrom("audit_events").selectAll().where("type", "=", type).execute();
  return rows.map((row) => ({ ...row, ...JSON.parse(row.detail) }));
};

describe("a connection that the organisation shares (VLT-10)", () => {
  it("is used by who made it alone, until somebody says who else may", async () => {
    const made = await share();
    expect([isShared(made), made.owner_id]).toEqual([true, org]);
    expect([await idsFor(boss), await idsFor(ann)]).toEqual([[made.id], []]);
    await shareConnection(app, made, { roles: ["member"], people: [], actor: boss });
    expect([await idsFor(boss), await idsFor(ann)]).toEqual([[], [made.id]]);
    await shareConnection(app, made, { roles: [], people: [ann, boss, "usr_none", ann], actor: boss });
    expect([await idsFor(boss), await idsFor(ann)]).toEqual([[made.id], [made.id]]);
    await shareConnection(app, made, { roles: ["operator"], people: [], actor: boss });
    expect([await idsFor(boss), await idsFor(ann)]).toEqual([[], []]);
    expect(
      (await events("connection.share")).map(({ roles, members, actor_id }) => [roles, members, actor_id]),
    ).toEqual([
      [["member"], [], boss],
      [[], [ann, boss], boss],
      [["operator"], [], boss],
    ]);
  });

  it("is lost at the next call by who loses the right to it, in each way (OAU-04)", async () => {
    const made = await share();
    await shareConnection(app, made, { roles: ["member"], people: [], actor: boss });
    const token = await issueToken(app, { org, user: ann }, ["acme:read"], { connection: made.id });
    const all = await issueToken(app, { org, user: ann }, ["acme:read"], { vendor: "*", bound: { acme: made.id } });
    const reach = async (bearer: string) => (await verifyToken(app, bearer))?.reach.get("acme");
    const usable = () => activeConnection(app.db, { org, user: ann, vendor: "acme", id: made.id });
    const everywhere = async () => [await reach(token), await reach(all), (await usable())?.id];
    expect(await everywhere()).toEqual([made.id, made.id, made.id]);
    await changeRole(app, { org, actor: boss, user: ann, role: "approver" });
    expect(await everywhere()).toEqual([undefined, undefined, undefined]);
    await shareConnection(app, made, { roles: [], people: [ann], actor: boss });
    expect(await everywhere()).toEqual([made.id, made.id, made.id]);
    await shareConnection(app, made, { roles: ["owner"], people: [], actor: boss });
    expect(await everywhere()).toEqual([undefined, undefined, undefined]);
    await shareConnection(app, made, { roles: ["approver"], people: [], actor: boss });
    await removeMember(app, { org, actor: boss, user: ann });
    expect(await verifyToken(app, token)).toBeUndefined();
    expect(await usable()).toBeUndefined();
  });

  it("gives way to a person's own one when they lose it and connect themselves", async () => {
    const made = await share();
    const token = await issueToken(app, { org, user: ann }, ["acme:read"], { connection: made.id });
    const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: "own" });
    if (!parsed.ok) throw new Error("no keys");
    const own = await saveConnection(app, { org, user: ann, vendor: "acme", credentials: parsed.value as object });
    expect((await verifyToken(app, token))?.reach.get("acme")).toBeUndefined();
    expect(await rebindGrants(app.db, { org, user: ann, vendor: "acme", connection: own.id })).toBe(1);
    expect((await verifyToken(app, token))?.reach.get("acme")).toBe(own.id);
    await shareConnection(app, made, { roles: ["member"], people: [], actor: boss });
    expect((await workingConnections(app.db, { org, user: ann })).map(({ id }) => id)).toEqual([own.id, made.id]);
  });

  it("is opened under the organisation's key, and the record names who acted (AUD-01)", async () => {
    const made = await share();
    await shareConnection(app, made, { roles: ["member"], people: [], actor: boss });
    await clientFor(app, made, { actor: ann });
    expect(world.keysUsed).toEqual(["key Shared keys"]);
    expect(await app.db.selectFrom("user_keys").select(["org_id", "owner_id"]).execute()).toEqual([
      { org_id: org, owner_id: org },
    ]);
    expect(await events("credential.open")).toMatchObject([
      { actor_id: ann, owner: org, org_id: org, connection: made.id },
    ]);
    expect(await testConnection(app, made, { actor: boss })).toEqual({ ok: true });
    const replaced = await share(boss, "New keys", made);
    expect([replaced.id, replaced.version, replaced.owner_id]).toEqual([made.id, 2, org]);
    expect(await idsFor(ann)).toEqual([made.id]);
    await revokeConnection(app, replaced, { actor: boss });
    expect(await idsFor(ann)).toEqual([]);
    expect(await app.db.selectFrom("connection_users").selectAll().execute()).toEqual([]);
    expect((await events("connection.revoke")).map(({ actor_id }) => actor_id)).toEqual([boss]);
    expect((await events("connection.create")).map(({ actor_id, shared }) => [actor_id, shared])).toEqual([
      [boss, true],
    ]);
  });

  it("is several for one vendor, each with its name, which can be another one later", async () => {
    const [first, second] = [await share(boss, "Europe"), await share(boss, "America")];
    expect(await renameConnection(app, first, { label: " Europe and Asia\u202e ", actor: boss })).toBe(true);
    expect(await renameConnection(app, second, { label: " \u200b", actor: boss })).toBe(false);
    const labels = (await listConnections(app.db, { org, user: boss })).map(({ label }) => label);
    expect(labels.sort()).toEqual(["America", "Europe and Asia"]);
  });

  it("is made, shared and renamed by nobody without the right, even if they had it a moment ago (TEN-02)", async () => {
    const made = await share();
    await expect(share(ann)).rejects.toMatchObject({ code: "VENDOR_CONFLICT" });
    await expect(share(ann, "x", made)).rejects.toMatchObject({ code: "VENDOR_CONFLICT" });
    await expect(shareConnection(app, made, { roles: ["member"], people: [], actor: ann })).rejects.toThrow(
      "not yours",
    );
    await expect(renameConnection(app, made, { label: "Mine", actor: ann })).rejects.toThrow("not yours");
    expect(await findShared(app.db, { org, id: made.id })).toEqual(made);
  });

  it("never crosses organisations: not by its id, nor by the ids of its people, roles or programs (TEN-01)", async () => {
    const made = await share();
    await shareConnection(app, made, { roles: ["owner"], people: [], actor: boss });
    const eve = await person(app, "eve@example.com");
    const theirs = (await createOrg(app, { name: "Evil", actor: eve.user.id })).id;
    const eves = { org: theirs, user: eve.user.id };
    for (const attempt of [eves, { org, user: eve.user.id }, { org: theirs, user: boss }, { org: theirs, user: org }]) {
      expect(await listConnections(app.db, attempt)).toEqual([]);
      expect(await activeConnection(app.db, { ...attempt, vendor: "acme", id: made.id })).toBeUndefined();
      expect(await findConnection(app.db, { ...attempt, id: made.id })).toBeUndefined();
    }
    expect(await findShared(app.db, { org: theirs, id: made.id })).toBeUndefined();
    await app.db
      .insertInto("connection_users")
      .values({ connection_id: made.id, org_id: theirs, kind: "person", who: eve.user.id })
      .execute();
    expect(await listConnections(app.db, eves)).toEqual([]);
    expect(await listConnections(app.db, { org, user: eve.user.id })).toEqual([]);
    for (const bound of [
      { org: theirs, user: eve.user.id },
      { org, user: eve.user.id },
    ]) {
      const token = await issueToken(app, bound, ["acme:read"], { connection: made.id });
      expect((await verifyToken(app, token))?.reach.get("acme")).toBeUndefined();
      const all = await issueToken(app, bound, ["acme:read"], { vendor: "*", bound: { acme: made.id } });
      expect((await verifyToken(app, all))?.reach.get("acme")).toBeUndefined();
    }
    await shareConnection(app, made, { roles: [], people: [eve.user.id], actor: boss });
    expect(await app.db.selectFrom("connection_users").selectAll().where("org_id", "=", org).execute()).toEqual([]);
  });

  it("is listed beside members' own ones for who looks after them, of which no field is read (UI-07)", async () => {
    const made = await share();
    const rows = ["usr_b", "usr_a"].map((id) => ({
      id,
      email: id,
      name: "Same",
      password: "",
      created_at: 1,
      disabled_at: null,
      erased_at: null,
    }));
    await app.db.insertInto("users").values(rows).execute();
    for (const [owner, id] of [
      ["usr_a", "con_2"],
      ["usr_b", "con_1"],
      ["usr_b", "con_3"],
    ] as const)
      await addConnection(app.db, connectionOf({ org, owner, id }, 1));
    expect((await sharedConnections(app.db, org)).map(({ id }) => id)).toEqual([made.id]);
    expect((await connectionUsers(app.db, org)).get(made.id)).toMatchObject([{ kind: "person", who: boss }]);
    const first = await membersConnections(app.db, { org, limit: 2 });
    const after = { name: first[1]!.user_name, id: first[1]!.id };
    const rest = await membersConnections(app.db, { org, limit: 2, after });
    expect([...first, ...rest].map(({ id }) => id)).toEqual(["con_1", "con_2", "con_3"]);
    expect(Object.keys(first[0]!)).not.toContain("fields");
    expect(Object.keys(first[0]!)).not.toContain("label");
    expect(await findMembersConnection(app.db, { org, id: made.id })).toBeUndefined();
    expect((await findMembersConnection(app.db, { org, id: "con_2" }))?.owner_id).toBe("usr_a");
    expect(await findMembersConnection(app.db, { org: "org_other", id: "con_2" })).toBeUndefined();
  });

  it("ends with the organisation, and its key with it (VLT-02)", async () => {
    const made = await share();
    await deleteOrg(app, { org, actor: boss });
    const stored = { org, owner: org, vendor: "acme", connection: made.id };
    await expect(app.vault.open(stored, { actor: boss, kind: "call" })).rejects.toMatchObject({
      code: "NOTHING_STORED",
    });
    expect(await app.db.selectFrom("user_keys").selectAll().execute()).toEqual([]);
  });

  it("is used by the programs that were given it, and by no others", async () => {
    const made = await share();
    const row = {
      org_id: org,
      name: "P",
      role: "operator" as const,
      scopes: "acme:read",
      created_by: boss,
      created_at: 1,
      expires_at: 9e15,
      last_used_at: null,
      revoked_at: null,
    };
    const [given, other] = [newId("usr"), newId("usr")];
    await app.db
      .insertInto("service_clients")
      .values([
        { ...row, id: given },
        { ...row, id: other },
      ])
      .execute();
    await app.db
      .insertInto("service_connections")
      .values({ service_id: given, org_id: org, vendor: "acme", connection_id: made.id })
      .execute();
    expect([await idsFor(given), await idsFor(other)]).toEqual([[made.id], []]);
  });
});
