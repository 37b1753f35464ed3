import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personBehind } from "../../../gateway/database/approvers.ts";
import { findService } from "../../../gateway/database/service-clients.ts";
import { revokeGrant } from "../../../gateway/oauth/grants.ts";
import { createPersonalToken, type NewPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import {
  createServiceClient,
  type NewServiceClient,
  revokeServiceClient,
  rotateSecret,
} from "../../../gateway/oauth/service-clients.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

const DAY = 86_400_000;
let house: House;
let ann: Person;
let connection: string;
beforeAll(async () => {
  house = await openHouse();
  ann = await house.person("Ann");
  connection = await ann.connect("acme-rmm");
});
afterAll(() => house.close());

const tokenOf = (changes: Partial<NewPersonalToken> = {}) =>
  createPersonalToken(house.app, {
    org: ann.org,
    user: ann.id,
    name: "Nightly report",
    vendor: "acme-rmm",
    scopes: ["acme-rmm:read", "org:audit"],
    connections: new Map([["acme-rmm", connection]]),
    expiresAt: house.app.clock.now() + 30 * DAY,
    ...changes,
  });

describe("a personal access token", () => {
  it("calls for its person with its own scopes, connection and expiry, and is stored as a hash (OAU-13, OAU-23)", async () => {
    const { token } = await tokenOf();
    expect(token).toMatch(/^vspat_[\w-]{43}$/);
    expect(await verifyToken(house.app, token)).toMatchObject({
      userId: ann.id,
      orgId: ann.org,
      actorType: "user",
      clientName: "Nightly report",
      agentType: "personal-token",
      audience: RMM,
      scopes: new Set(["acme-rmm:read"]),
      rights: new Set(["audit"]),
      reach: new Map([["acme-rmm", connection]]),
    });
    expect(await house.dump()).not.toContain(token.slice(6));
    const [created] = await house.events("token.create");
    expect(created).toMatchObject({ actor_id: ann.id, vendor: "acme-rmm", given: ["acme-rmm:read", "org:audit"] });
  });

  it("tells when it was used last, and ends when it is revoked or over (OAU-04, OAU-13)", async () => {
    const { id, token } = await tokenOf();
    await verifyToken(house.app, token);
    const row = () => house.app.db.selectFrom("oauth_grants").selectAll().where("id", "=", id).executeTakeFirst();
    expect((await row())?.last_used_at).toBeGreaterThan(Date.now() - 5000);
    const other = await tokenOf({ expiresAt: house.app.clock.now() + DAY });
    expect(await revokeGrant(house.app, { id, org: ann.org, user: ann.id })).toBe(true);
    expect(await verifyToken(house.app, token)).toBeUndefined();
    house.clock.ahead += DAY;
    expect(await verifyToken(house.app, other.token)).toBeUndefined();
    house.clock.ahead -= DAY;
  });

  it("ends with the membership of its person at the next request (OAU-04)", async () => {
    const bob = await house.person("Bob");
    const { token } = await tokenOf({ org: bob.org, user: bob.id, connections: new Map() });
    expect(await verifyToken(house.app, token)).toBeDefined();
    await house.app.db.updateTable("memberships").set({ active: 0 }).where("user_id", "=", bob.id).execute();
    expect(await verifyToken(house.app, token)).toBeUndefined();
  });
});

describe("a service client", () => {
  const programOf = (changes: Partial<NewServiceClient> = {}) =>
    createServiceClient(house.app.oauth, {
      org: ann.org,
      name: "Dashboard",
      role: "auditor",
      scopes: ["acme-rmm:read", "org:audit", "org:approve"],
      connections: new Map([["acme-rmm", connection]]),
      expiresAt: house.app.clock.now() + 30 * DAY,
      actor: ann.id,
      ...changes,
    });
  const ask = async ({ id, secret }: { id: string; secret: string }, params: Record<string, string> = {}) => {
    const body = new URLSearchParams({ grant_type: "client_credentials", resource: RMM, ...params });
    const headers = { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
    const answer = await house.fetch(`${ISSUER}/oauth/token`, { method: "POST", body, headers });
    return { status: answer.status, ...((await answer.json()) as { access_token: string; error?: string }) };
  };

  it("gets a token for its secret and calls as itself, with the rights that its role has too (OAU-13)", async () => {
    const program = await programOf();
    const { status, access_token } = await ask(program);
    expect(status).toBe(200);
    expect(await verifyToken(house.app, access_token)).toMatchObject({
      userId: program.id,
      actorType: "service",
      orgId: ann.org,
      role: "auditor",
      agentType: "service",
      audience: RMM,
      scopes: new Set(["acme-rmm:read"]),
      rights: new Set(["audit"]),
      reach: new Map([["acme-rmm", connection]]),
    });
    expect(JSON.stringify(await house.dump())).not.toContain(program.secret);
  });

  it("gets no more than it was given, whatever it asks for (OAU-09, OAU-13)", async () => {
    const program = await programOf({ scopes: ["acme-rmm:read"] });
    const { access_token } = await ask(program, { scope: "acme-rmm:read acme-rmm:write" });
    expect((await verifyToken(house.app, access_token))?.scopes).toEqual(new Set(["acme-rmm:read"]));
    expect(await ask(program, { resource: "https://elsewhere.example/" })).toMatchObject({ error: "invalid_target" });
    expect(await ask({ ...program, secret: "wrong" })).toMatchObject({ status: 401, error: "invalid_client" });
  });

  it("loses its old secret with a new one, and everything when it is revoked (OAU-04, OAU-13)", async () => {
    const program = await programOf();
    const row = (await findService(house.app.db, program.id, Date.now()))!;
    const secret = await rotateSecret(house.app.oauth, row, { actor: ann.id });
    expect((await ask(program)).status).toBe(401);
    const { access_token } = await ask({ id: program.id, secret });
    expect(await verifyToken(house.app, access_token)).toBeDefined();
    expect(await personBehind(house.app.db, ann.org, program.id)).toBe(ann.id);
    const again = await rotateSecret(house.app.oauth, row, { actor: "usr_other" });
    expect(await personBehind(house.app.db, ann.org, program.id)).toBe("usr_other");
    const other = await house.person("Eve");
    const revoke = (org: string) => revokeServiceClient(house.app.oauth, { org, id: program.id, actor: ann.id });
    expect(await revoke(other.org)).toBe(false);
    expect(await revoke(ann.org)).toBe(true);
    expect(await verifyToken(house.app, access_token)).toBeUndefined();
    for (const old of [secret, again]) expect((await ask({ id: program.id, secret: old })).status).toBe(401);
  });
});

describe("a client that the operator made known beforehand", () => {
  it("needs no registration, and keeps to the redirects it was given (OAU-15)", async () => {
    const own = await openHouse({
      MCP_OAUTH_CLIENT_ID: "copilot-studio",
      MCP_OAUTH_CLIENT_SECRET: "a secret of thirty-two characters or more",
      MCP_OAUTH_REDIRECT_URIS: "https://host.example/callback",
    });
    const begin = async (redirect_uri: string) => {
      const query = new URLSearchParams({
        client_id: "copilot-studio",
        redirect_uri,
        response_type: "code",
        resource: RMM,
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
      });
      return await own.fetch(`${ISSUER}/oauth/authorize?${query}`);
    };
    expect((await begin("https://host.example/callback")).headers.get("location")).toMatch(/^\/interaction\//);
    expect((await begin("https://evil.example/callback")).status).toBe(400);
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: "copilot-studio", resource: RMM });
    expect((await own.fetch(`${ISSUER}/oauth/token`, { method: "POST", body })).status).toBe(401);
    await own.close();
  });
});
