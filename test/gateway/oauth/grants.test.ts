import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { boundClients } from "../../../gateway/database/clients.ts";
import { setWritesEnabled } from "../../../gateway/identity/orgs.ts";
import { listGrants, rebindGrants, revokeGrant } from "../../../gateway/oauth/grants.ts";
import { sweep } from "../../../gateway/oauth/sweep.ts";
import { bearerVerifier, callerOf, verifyToken } from "../../../gateway/oauth/verifier.ts";
import { authorizationRequest, Browser, json, refresh, signIn, walk } from "./browser.ts";
import { CIMD_CLIENT, DOCS, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

const DAY = 24 * 3_600_000;

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  person = await house.person();
  await person.connect("acme-rmm");
  await person.connect("acme-docs");
});
afterAll(() => house.close());

const works = async (token: string) => (await verifyToken(house.app, token)) !== undefined;
const list = (who = person) => listGrants(house.app.db, { org: who.org, user: who.id, now: Date.now() });

describe("authorised applications", () => {
  it("are listed with what they may do, newest first", async () => {
    await signIn(house, person);
    await signIn(house, person, { resource: DOCS, scope: "acme-docs:read acme-docs:write" });
    const [docs, rmm, ...more] = await list();
    expect(more).toEqual([]);
    expect(rmm).toMatchObject({
      clientName: "Claude Code",
      clientHost: "claude.example",
      vendor: "acme-rmm",
      resource: RMM,
    });
    expect(docs).toMatchObject({
      vendor: "acme-docs",
      scopes: ["acme-docs:read", "acme-docs:write"],
      lastUsedAt: expect.any(Number),
    });
  });

  it("end for good when their person revokes them, others go on (OAU-04)", async () => {
    const rmm = await signIn(house, person);
    const docs = await signIn(house, person, { resource: DOCS, scope: "acme-docs:read" });
    const grant = (await list()).find(({ vendor }) => vendor === "acme-rmm")!;
    expect(await revokeGrant(house.app, { id: grant.id, org: person.org, user: person.id })).toBe(true);
    expect([await works(rmm.access_token), await works(docs.access_token)]).toEqual([false, true]);
    expect((await refresh(house, rmm.refresh_token)).status).toBe(400);
    expect((await list()).map(({ vendor }) => vendor)).toEqual(["acme-docs"]);
    expect(await revokeGrant(house.app, { id: grant.id, org: person.org, user: person.id })).toBe(false);
    const [event, ...more] = (await house.events("grant.revoke")).filter(({ org_id }) => org_id === person.org);
    expect([event, more]).toMatchObject([{ rule: "revoked-by-person", actor_id: person.id, grant: grant.id }, []]);
  });

  it("cannot be revoked or seen by somebody else", async () => {
    const tokens = await signIn(house, person);
    const [grant] = await list();
    const other = await house.person("Eve");
    for (const { org, id: user } of [other, { org: person.org, id: other.id }, { org: other.org, id: person.id }])
      expect(await revokeGrant(house.app, { id: grant!.id, org, user })).toBe(false);
    expect(await list(other)).toEqual([]);
    expect(await works(tokens.access_token)).toBe(true);
  });

  it("end even for a token that was on its way while they were revoked", async () => {
    await signIn(house, person);
    const [grant] = await list();
    await revokeGrant(house.app, { id: grant!.id, org: person.org, user: person.id });
    const late = {
      model: "AccessToken",
      grant_id: grant!.id,
      uid: null,
      user_id: person.id,
      org_id: person.org,
      consumed_at: null,
    };
    const payload = JSON.stringify({ aud: RMM, scope: "acme-rmm:read", exp: Date.now() / 1000 + 600 });
    const { tokenHash } = await import("../../../gateway/database/ids.ts");
    await house.app.db
      .insertInto("oauth_artifacts")
      .values({ ...late, payload, id_hash: tokenHash("late"), expires_at: Date.now() + DAY })
      .execute();
    expect(await works("late")).toBe(false);
  });
});

describe("a newer grant for the same purpose", () => {
  it("lets the older one live a day from its first use, and none for another purpose end", async () => {
    const older = await signIn(house, person);
    const docs = await signIn(house, person, { resource: DOCS, scope: "acme-docs:read" });
    await signIn(house, person, { scope: "acme-rmm:read acme-rmm:write" });
    const ends = await house.app.db
      .selectFrom("oauth_grants")
      .select(["vendor", "expires_at"])
      .where("user_id", "=", person.id)
      .orderBy("created_at")
      .orderBy("scopes")
      .execute();
    const days = ends.map(({ expires_at }) => Math.round((expires_at - Date.now()) / DAY)).sort((a, b) => a - b);
    expect(days).toEqual([1, 90, 90]);
    expect([await works(older.access_token), await works(docs.access_token)]).toEqual([true, true]);
    house.clock.ahead = DAY + 60_000;
    try {
      expect((await refresh(house, older.refresh_token)).status).toBe(400);
      expect((await refresh(house, docs.refresh_token)).status).toBe(200);
    } finally {
      house.clock.ahead = 0;
    }
  });

  it("that was agreed to and never used ends nothing", async () => {
    await signIn(house, person);
    await walk(new Browser(house), authorizationRequest().url, { person });
    const ends = await house.app.db
      .selectFrom("oauth_grants")
      .select("expires_at")
      .where("user_id", "=", person.id)
      .execute();
    expect(ends.every(({ expires_at }) => expires_at > Date.now() + 80 * DAY)).toBe(true);
  });
});

describe("a grant and its connection", () => {
  it("says that it is gone, and takes the one that replaces it", async () => {
    const tokens = await signIn(house, person);
    const { db } = house.app;
    await db.updateTable("connections").set({ status: "revoked" }).where("owner_id", "=", person.id).execute();
    const caller = await verifyToken(house.app, tokens.access_token);
    expect(caller).toBeDefined();
    expect(caller?.reach.get("acme-rmm")).toBeUndefined();
    const connection = await person.connect("acme-rmm");
    const other = await house.person();
    expect(await rebindGrants(db, { org: other.org, user: other.id, vendor: "acme-rmm", connection })).toBe(0);
    expect(await rebindGrants(db, { org: person.org, user: person.id, vendor: "acme-rmm", connection })).toBe(1);
    expect((await verifyToken(house.app, tokens.access_token))?.reach.get("acme-rmm")).toBe(connection);
    expect(await rebindGrants(db, { org: person.org, user: person.id, vendor: "acme-rmm", connection: "con_x" })).toBe(
      0,
    );
  });
});

describe("the bearer check of the MCP routes", () => {
  it("carries the caller, the audience and the expiry, and refuses anything else", async () => {
    const tokens = await signIn(house, person);
    const verifier = bearerVerifier(house.app);
    const auth = await verifier.verifyAccessToken(tokens.access_token);
    expect(auth).toMatchObject({ clientId: CIMD_CLIENT.id, scopes: ["acme-rmm:read"], resource: new URL(RMM) });
    expect(auth.expiresAt! - Date.now() / 1000).toBeGreaterThan(500);
    expect(callerOf(auth).userId).toBe(person.id);
    await expect(verifier.verifyAccessToken("nonsense")).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("follows the organisation's switch and its policy version at once", async () => {
    const tokens = await signIn(house, person);
    await setWritesEnabled(house.app, { org: person.org, on: true, actor: person.id });
    expect(await verifyToken(house.app, tokens.access_token)).toMatchObject({
      policy: { version: 2, document: { switches: { write: true } } },
    });
  });
});

describe("tidying up", () => {
  const register = async () => {
    const body = { redirect_uris: ["http://localhost/callback"], token_endpoint_auth_method: "none" };
    return ((await (await house.fetch(`${ISSUER}/oauth/register`, json(body))).json()) as { client_id: string })
      .client_id;
  };
  const clients = async () =>
    (await house.app.db.selectFrom("oauth_clients").select("id").execute()).map(({ id }) => id);
  const later = async (ms: number) => await sweep({ db: house.app.db, now: () => Date.now() + ms });

  it("removes registrations that were never used after a day, and used ones after 90 without a grant (OAU-05)", async () => {
    const [unused, used] = [await register(), await register()];
    await signIn(house, person, { client_id: used, redirect_uri: "http://localhost/callback" });
    await later(0.9 * DAY);
    expect(await clients()).toEqual(expect.arrayContaining([unused, used]));
    await later(1.1 * DAY);
    expect(await clients()).toEqual([used]);
    await later(89 * DAY);
    expect(await clients()).toEqual([used]);
    await later(91 * DAY);
    expect(await clients()).toEqual([]);
  });

  it("keeps the table of registrations small: those never used go first, oldest first", async () => {
    const [first, second, third] = [await register(), await register(), await register()];
    const { db } = house.app;
    for (const [index, id] of [first, second, third].entries())
      await db.updateTable("oauth_clients").set({ created_at: index }).where("id", "=", id).execute();
    await db.updateTable("oauth_clients").set({ last_used_at: 5 }).where("id", "=", first).execute();
    expect(await boundClients(db, 2)).toBe(1);
    expect(await clients()).toEqual(expect.arrayContaining([first, third]));
    expect(await boundClients(db, 1)).toBe(1);
    expect(await clients()).toEqual([first]);
  });

  it("removes what has expired", async () => {
    await signIn(house, person);
    await later(100 * DAY);
    expect(await house.app.db.selectFrom("oauth_artifacts").selectAll().execute()).toEqual([]);
  });
});
