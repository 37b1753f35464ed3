import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Connection,
  clientFor,
  listConnections,
  revokeConnection,
} from "../../../gateway/connections/connections.ts";
import { credentialState } from "../../../gateway/database/credentials.ts";
import { insertGrant } from "../../../gateway/database/grants.ts";
import { publicHost } from "../../../runtime/host.ts";
import { DESK, type DeskServer, desk, serveDesk } from "../desk-server.ts";
import { type Visitor, visitor } from "../pages/visitor.ts";
import { fakeClock, person, scratch, type TestApp, testApp } from "../support.ts";

let server: DeskServer;
let app: TestApp;
let ann: Visitor;
let owner: { org: string; user: string };
let clock: ReturnType<typeof fakeClock>;
let folder: string;

const HOUR = 3_600_000;

beforeAll(async () => {
  server = await serveDesk();
});
afterAll(() => server.close());

beforeEach(async () => {
  Object.assign(server.settings, { refusal: undefined, lifetime: 3600, rotates: true, delayMs: 0, onToken: undefined });
  server.asked.length = 0;
  clock = fakeClock();
  folder = scratch();
  app = await gateway();
  const { user, org, token } = await person(app);
  owner = { org, user: user.id };
  ann = visitor(app, token);
});

/** One process of the gateway; another call is another process on the same database. */
const gateway = () =>
  testApp({
    vendors: [desk],
    now: clock.now,
    env: { DATA_DIR: folder, DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }) },
  });

const form = Object.fromEntries(Object.entries(DESK).map(([name, value]) => [`credential.${name}`, value]));
const leave = (query = "") => ann.submit(`/connect/desk${query}`, `/connect/desk${query}`, form);
const back = async (answer: { headers: Record<string, unknown> }) => {
  const html = await (await fetch(String(answer.headers["location"]))).text();
  const url = new URL(/href="([^"]+)"/.exec(html)![1]!.replaceAll("&amp;", "&"));
  return url.pathname + url.search;
};
const connect = async () => {
  await ann.get(await back(await leave()));
  return (await listConnections(app.db, owner))[0]!;
};
const call = async (connection: Connection, by = app) => {
  const client = (await clientFor(by, connection, { actor: owner.user })) as { me(): Promise<{ name?: string }> };
  return client.me();
};
const refreshes = () => server.count("/auth/token", "refresh_token");

/** An app that the person let act through this connection. */
async function allowed(connection: Connection): Promise<() => Promise<string | null>> {
  const now = clock.now();
  const row = { id: "grt_1", org_id: owner.org, user_id: owner.user, client_id: "c", client_name: "An app", vendor: "desk", resource: "r", connection_id: connection.id, scopes: "desk:read", created_at: now, expires_at: now + 99 * HOUR, last_used_at: null, revoked_at: null }; // biome-ignore format: one thought
  await insertGrant(app.db, row);
  return async () =>
    (await app.db.selectFrom("oauth_grants").select("connection_id").executeTakeFirstOrThrow()).connection_id;
}

describe("a sign-in at a vendor that comes back late (VEN-14)", () => {
  it("brings nothing back to life that was revoked meanwhile, nor the apps that used it (OAU-04)", async () => {
    const connection = await connect();
    const bound = await allowed(connection);
    const late = await back(await leave(`?replace=${connection.id}`));
    await revokeConnection(app, connection, { actor: owner.user });
    const codes = server.count("/auth/token");
    const { statusCode, body } = await ann.get(late);
    expect([statusCode, server.count("/auth/token")]).toEqual([400, codes]);
    expect(body).toContain("replaced or revoked meanwhile");
    expect(await listConnections(app.db, owner)).toEqual([]);
    expect(await bound()).toBe(connection.id);
  });

  it("for one account hands it no apps that were allowed another, which is revoked (VLT-10)", async () => {
    const first = await connect();
    const bound = await allowed(first);
    const second = await connect();
    const ids = (await listConnections(app.db, owner)).map(({ id }) => id);
    const other = ids.find((id) => id !== first.id)!;
    expect(second).toBeDefined();
    await revokeConnection(app, first, { actor: owner.user });
    expect((await ann.get(await back(await leave(`?replace=${other}`)))).statusCode).toBe(303);
    expect(await bound()).toBe(first.id);
    await connect();
    expect(await bound()).not.toBe(first.id);
  });
});

describe("state, taken elsewhere", () => {
  it("is of no use at another vendor's address, with a wrong code, or after signing in anew", async () => {
    const there = await leave();
    const state = new URL(String(there.headers["location"])).searchParams.get("state")!;
    for (const url of ["/connect/callback/desk%2f", "/connect/callback/Desk", "/connect/callback/*"])
      expect((await ann.get(`${url}?state=${state}&code=x`)).statusCode, url).toBe(404);
    for (const stateText of [state.slice(0, -1), `${state}=`, state.toUpperCase(), ""])
      expect((await ann.get(`/connect/callback/desk?state=${stateText}&code=x`)).statusCode).toBe(400);
    expect(server.count("/auth/token")).toBe(0);
    expect((await ann.get(`/connect/callback/desk?state=${state}&code=somebody-elses`)).statusCode).toBe(400);
    expect((await ann.get(await back(there))).statusCode).toBe(400);
    expect(await listConnections(app.db, owner)).toEqual([]);
  });

  it("takes no code that belongs to another sign-in of the same person (PKCE)", async () => {
    const [one, two] = [await leave(), await leave()];
    const query = new URLSearchParams((await back(one)).split("?")[1]);
    query.set("state", new URL(String(two.headers["location"])).searchParams.get("state")!);
    expect((await ann.get(`/connect/callback/desk?${query}`)).statusCode).toBe(400);
    expect(await listConnections(app.db, owner)).toEqual([]);
  });
});

describe("tokens of a vendor that lies or dies", () => {
  it.each([0.0004, 1e300, 1e15, "3600.7"])("that live for %s s are stored and used", async (lifetime) => {
    Object.assign(server.settings, { lifetime });
    const connection = await connect();
    const key = { connection_id: connection.id, org_id: owner.org, owner_id: owner.user };
    const { expires_at: end } = (await credentialState(app.db, key))!;
    expect(Number.isSafeInteger(end)).toBe(true);
    expect(end! - clock.now()).toBeLessThanOrEqual(400 * 24 * HOUR);
    expect(await call(connection)).toEqual({ name: "Jo" });
  });

  it("that it refuses are not tried again with every call of a loop (invalid_grant)", async () => {
    const connection = await connect();
    server.endAll();
    clock.pass(HOUR);
    for (let turn = 0; turn < 5; turn++) await expect(call(connection)).rejects.toMatchObject({ code: "VENDOR_AUTH" });
    expect(refreshes()).toBe(1);
    const events = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "connection.renew").execute();
    expect(events).toHaveLength(1);
    clock.pass(60_000);
    await expect(call(connection)).rejects.toMatchObject({ code: "VENDOR_AUTH" });
    expect(refreshes()).toBe(2);
    await ann.get(await back(await leave(`?replace=${connection.id}`)));
    expect(await call((await listConnections(app.db, owner))[0]!)).toEqual({ name: "Jo" });
  });

  it("are not taken for ended when a process that was thought dead renewed them after all", async () => {
    const connection = await connect();
    const other = await gateway();
    clock.pass(HOUR);
    server.settings.delayMs = 500;
    // The slow one gets tokens; whoever comes with the same refresh token then is refused.
    server.settings.onToken = () => {
      server.settings.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
    };
    const slow = call(connection, other);
    await new Promise((resolve) => setTimeout(resolve, 150));
    clock.pass(30_000); // its lease is over
    expect(await Promise.all([slow, call(connection)])).toEqual([{ name: "Jo" }, { name: "Jo" }]);
    expect(refreshes()).toBe(2);
    expect((await listConnections(app.db, owner))[0]).toMatchObject({ status: "active", last_error: null });
  });
});

it("asks no server by an address inside, however it is written (VLT-13)", () => {
  const inside = ["127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "localhost.", "foo.localhost.", "a.localhost..", "metadata.google.internal", "１２７.０.０.１", "127。0。0。1", "host", "host.", "user@desk.example", "user:p@desk.example", "https://desk.example@10.0.0.1/", "https://10.0.0.1#.desk.example", "https://10.0.0.1\\.desk.example", "10.0.0.1/.desk.example", "10.0.0.1?.desk.example", "desk.example%2f@10.0.0.1", "ftp://desk.example", "javascript:alert(1)", "-desk.example", "desk..example", "de_sk.example", "desk.example:99999", " ", "desk.123"]; // biome-ignore format: one thought
  for (const text of inside) expect(publicHost(text), text).toBeUndefined();
  expect(publicHost("https://DESK.example:443/x?y#z")).toBe("desk.example");
  expect(publicHost("http://bücher.example")).toBe("xn--bcher-kva.example");
});
