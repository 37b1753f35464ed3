import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Connection,
  clientFor,
  listConnections,
  saveConnection,
} from "../../../gateway/connections/connections.ts";
import { nextTokens, tokensForCode } from "../../../gateway/connections/sign-in/oauth-client.ts";
import { renewEnding } from "../../../gateway/connections/sign-in/refresher.ts";
import { credentialState } from "../../../gateway/database/credentials.ts";
import { inSystemScope, scopeNow } from "../../../gateway/database/scope.ts";
import { errorWords, stateOf } from "../../../gateway/pages/words.ts";
import { type Secret, secret } from "../../../runtime/index.ts";
import { DESK, type DeskServer, desk, serveDesk } from "../desk-server.ts";
import { fakeClock, person, scratch, type TestApp, testApp } from "../support.ts";

let server: DeskServer;
let app: TestApp;
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
  const { user, org } = await person(app);
  owner = { org, user: user.id };
});

/** One process of the gateway; another call is another process on the same database. */
const gateway = (env: Record<string, string> = { DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }) }) =>
  testApp({ vendors: [desk], now: clock.now, env: { DATA_DIR: folder, ...env } });

/** As if the person had signed in: through the vendor's own token endpoint. */
async function connected(replaces?: Connection, shared = false, vendor = "desk"): Promise<Connection> {
  const parsed = desk.credentials.parse(DESK);
  if (!parsed.ok) throw new Error("not the vendor's fields");
  const way = { vendor: desk, signIn: desk.signIn!(parsed.value)! };
  const tokens = await tokensForCode(app, way, await newCode());
  const credentials = parsed.value as object;
  return saveConnection(app, { ...owner, vendor, credentials, tokens, replaces, shared });
}

async function newCode() {
  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = new URLSearchParams({
    redirect_uri: `${app.config.publicUrl}/connect/callback/desk`,
    client_id: "client-1",
    code_challenge: challenge,
  });
  const html = await (await fetch(`${server.origin}/auth/authorize?${query}`)).text();
  return { code: /code=([^&"]+)/.exec(html)![1]!, verifier };
}

const call = async (connection: Connection, by = app) => {
  const client = (await clientFor(by, connection, { actor: owner.user })) as { me(): Promise<{ name?: string }> };
  return client.me();
};

const refreshes = () => server.count("/auth/token", "refresh_token");
const current = async () => (await listConnections(app.db, owner))[0]!;
const versionOf = async ({ id, org_id, owner_id }: Connection) =>
  (await credentialState(app.db, { connection_id: id, org_id, owner_id }))!.version;

describe("tokens of a person's sign-in at a vendor (VEN-14, OAU-19)", () => {
  it("are used as they are until a minute before they end, then renewed first", async () => {
    const connection = await connected();
    await call(connection);
    clock.pass(HOUR - 60_001);
    await call(connection);
    expect(refreshes()).toBe(0);
    clock.pass(1);
    expect(await call(connection)).toEqual({ name: "Jo" });
    expect(refreshes()).toBe(1);
    await call(connection);
    expect(refreshes()).toBe(1);
  });

  it("are renewed once, however many calls need them at once, in however many processes", async () => {
    const connection = await connected();
    const other = await gateway();
    server.settings.delayMs = 300;
    clock.pass(HOUR);
    const calls = [app, app, app, other, other].map((by) => call(connection, by));
    expect(await Promise.all(calls)).toEqual(Array(5).fill({ name: "Jo" }));
    expect(refreshes()).toBe(1);
    expect(await versionOf(connection)).toBe(2);
  });

  it("of a shared connection are renewed by a call and in the background, and send to who looks after it when they end (VLT-10)", async () => {
    const connection = await connected(undefined, true);
    expect(connection.owner_id).toBe(owner.org);
    clock.pass(HOUR);
    expect(await call(connection)).toEqual({ name: "Jo" });
    clock.pass(HOUR - 30_000);
    expect(await renewEnding(app)).toBe(1);
    expect(await versionOf(connection)).toBe(3);
    const rows = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "connection.renew").execute();
    expect(rows.map(({ actor_id }) => actor_id)).toEqual([owner.user, "refresher"]);
    server.endAll();
    clock.pass(HOUR);
    const advice = `Ask somebody who looks after the organisation's connections to sign in at Acme Desk again: ${app.config.publicUrl}/admin/connections`;
    await expect(call(connection)).rejects.toMatchObject({ code: "VENDOR_AUTH", advice });
    const mended = await connected(connection);
    expect([mended.id, mended.owner_id, mended.status]).toEqual([connection.id, owner.org, "active"]);
  });

  it("are stored before anybody uses them, so that each refresh token is followed by the next", async () => {
    const connection = await connected();
    for (let turn = 2; turn < 6; turn++) {
      clock.pass(HOUR);
      await call(connection);
      expect(await versionOf(connection)).toBe(turn);
    }
    const used = server.asked.filter(({ form }) => form["grant_type"] === "refresh_token");
    expect(new Set(used.map(({ form }) => form["refresh_token"])).size).toBe(4);
    expect((await current()).status).toBe("active");
  });

  it("keep the refresh token where the vendor answers none", async () => {
    server.settings.rotates = false;
    const connection = await connected();
    for (const _ of [1, 2, 3]) {
      clock.pass(HOUR);
      expect(await call(connection)).toEqual({ name: "Jo" });
    }
    expect(refreshes()).toBe(3);
  });

  it("are renewed when the vendor refuses them early, and the call goes on", async () => {
    const connection = await connected();
    server.endAccess();
    expect(await call(connection)).toEqual({ name: "Jo" });
    expect(refreshes()).toBe(1);
  });

  it("outlive a process that died while it renewed them", async () => {
    const connection = await connected();
    clock.pass(HOUR);
    await app.db
      .updateTable("credentials")
      .set({ leased_until: clock.now() + 30_000 })
      .execute();
    const waiting = call(connection);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(refreshes()).toBe(0);
    clock.pass(30_000);
    expect(await waiting).toEqual({ name: "Jo" });
    expect(refreshes()).toBe(1);
  });

  it("of a new sign-in are not overwritten by a renewal of the old one that was under way (VLT-07)", async () => {
    const first = await connected();
    clock.pass(HOUR);
    server.settings.delayMs = 400;
    const old = call(first).catch((error) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.settings.delayMs = 0;
    const second = await connected(first);
    const version = await versionOf(second);
    await old;
    expect(await versionOf(second)).toBe(version);
    expect(await call(second)).toEqual({ name: "Jo" });
    expect(await current()).toMatchObject({ version: 2, status: "active" });
  });
});

describe("a sign-in that ended", () => {
  it("is marked, recorded and answered with a way to mend it; nothing is tried again (VEN-14)", async () => {
    const connection = await connected();
    server.endAll();
    clock.pass(HOUR);
    const error = await call(connection).catch((caught) => caught);
    expect(error).toMatchObject({ code: "VENDOR_AUTH", message: "Acme Desk ended the sign-in of this connection." });
    expect(error.advice).toMatch(
      /sign in at Acme Desk again: http:\/\/localhost:3100\/connect\/desk\?link=.*&replace=con_/,
    );
    expect(error.cause).toBeUndefined();
    expect(await current()).toMatchObject({ status: "error", last_error: "VENDOR_AUTH" });
    const events = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "connection.renew").execute();
    expect(events.map(({ status }) => status)).toEqual(["error"]);
    expect(await renewEnding(app)).toBe(0);
    expect(refreshes()).toBe(1);
  });

  it("is not taken for ended when the vendor is down, busy or confused", async () => {
    const connection = await connected();
    clock.pass(HOUR);
    for (const [status, body, code] of [
      [503, "", "VENDOR_UNAVAILABLE"],
      [429, "{}", "VENDOR_RATE_LIMITED"],
      [400, '{"error":"temporarily_unavailable"}', "VENDOR_UNEXPECTED"],
      [200, "<html>", "VENDOR_UNAVAILABLE"],
    ] as const) {
      server.settings.refusal = { status, body };
      expect((await call(connection).catch((caught) => caught)).code).toBe(code);
      expect((await current()).status).toBe("active");
    }
    server.settings.refusal = undefined;
    expect(await call(connection)).toEqual({ name: "Jo" });
  });
});

describe("the refresher (OAU-19)", () => {
  it("renews in the background what ends soon, and nothing else", async () => {
    const connection = await connected();
    expect(await renewEnding(app)).toBe(0);
    clock.pass(HOUR - 90_000);
    expect(await renewEnding(app)).toBe(1);
    expect(await renewEnding(app)).toBe(0);
    clock.pass(60_000);
    expect(await call(connection)).toEqual({ name: "Jo" });
    expect(refreshes()).toBe(1);
    const [event] = await app.db
      .selectFrom("audit_events")
      .selectAll()
      .where("type", "=", "connection.renew")
      .execute();
    expect(event).toMatchObject({ actor_id: "refresher", actor_type: "system", status: "success", org_id: owner.org });
  });

  it("leaves a token that lives shortly alone for half of its life", async () => {
    server.settings.lifetime = 120;
    await connected();
    clock.pass(59_999);
    expect(await renewEnding(app)).toBe(0);
    clock.pass(1);
    expect(await renewEnding(app)).toBe(1);
  });

  it("is not held up by a vendor that is slow, of which it asks for eight at a time (OPS-15)", async () => {
    const slow = await serveDesk();
    slow.settings.delayMs = 500;
    app = await testApp({
      vendors: [desk, { ...desk, slug: "slow", tools: [] }],
      now: clock.now,
      env: { DATA_DIR: folder, DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin, slow: slow.origin }) },
    });
    for (let n = 0; n < 20; n++) await connected(undefined, false, "slow");
    clock.pass(10_000);
    for (let n = 0; n < 3; n++) await connected();
    clock.pass(HOUR - 60_000);
    const order: string[] = [];
    for (const [name, { settings }] of [["slow", slow], ["other", server]] as const) settings.onToken = () => order.push(name); // biome-ignore format: one thought
    // What the simulated vendor keeps was made by the other one: it says no, which is an answer too.
    await renewEnding(app);
    expect([order.length, order.slice(0, 3)]).toEqual([23, ["other", "other", "other"]]);
    expect(slow.most()).toBe(8);
    await slow.close();
  });

  it("opens what it renews among the rows of that organisation alone (TEN-01)", async () => {
    await connected();
    clock.pass(HOUR - 60_000);
    const scopes: unknown[] = [];
    const { vault } = app;
    const openVersion: typeof vault.openVersion = async (...given) => {
      scopes.push(scopeNow());
      return await vault.openVersion(...given);
    };
    const house = Object.create(app, { vault: { value: { ...vault, openVersion } } });
    expect(await inSystemScope(() => renewEnding(house))).toBe(1);
    expect(scopes).toEqual([owner.org]);
  });

  it("of several processes renews each sign-in once", async () => {
    await connected();
    const other = await gateway();
    clock.pass(HOUR - 60_000);
    server.settings.delayMs = 200;
    await Promise.all([renewEnding(app), renewEnding(other), renewEnding(app)]);
    expect(refreshes()).toBe(1);
  });

  it("waits longer each time while a vendor is down, in all processes, and is back when it is", async () => {
    await connected();
    const other = await gateway();
    clock.pass(HOUR - 60_000);
    server.settings.refusal = { status: 503, body: "" };
    const tries: number[] = [];
    for (let at = 0; at < 20; at++) {
      const before = refreshes();
      await renewEnding(at % 2 ? app : other); // what one process met, the other knows
      if (refreshes() > before) tries.push(at);
      clock.pass(30_000);
    }
    expect(tries.slice(0, 3)).toEqual([0, 1, 3]); // from here on each wait is a little shorter than twice the one before
    expect(tries.length).toBeLessThanOrEqual(6);
    server.settings.refusal = undefined;
    clock.pass(600_000);
    expect(await renewEnding(app)).toBe(1);
    expect((await current()).status).toBe("active");
  });

  it("gives up after days of failures, loudly: the connection is in error, with what to do, and an alert is open", async () => {
    await connected();
    clock.pass(HOUR);
    server.settings.refusal = { status: 503, body: "" };
    const day = 24 * HOUR;
    await renewEnding(app);
    for (const passed of [day, day, day - 1]) {
      clock.pass(passed);
      await renewEnding(app);
      expect((await current()).status).toBe("active");
    }
    clock.pass(600_000);
    await renewEnding(app);
    const connection = await current();
    expect(connection).toMatchObject({ status: "error", last_error: "RENEWAL_FAILED" });
    expect(stateOf(connection).text).toBe("Sign-in not renewed");
    expect(errorWords("RENEWAL_FAILED", 1)).toMatch(/could not be renewed for days.*sign in again/);
    await app.audit.settled();
    await app.auditTrail.run();
    const alerts = await app.db.selectFrom("alerts").selectAll().where("org_id", "=", owner.org).execute();
    const dead = alerts.filter(({ kind }) => kind === "connection");
    expect(dead).toMatchObject([{ subject: connection.id, state: "open" }]);
    server.settings.refusal = undefined;
    clock.pass(600_000);
    expect(await call(connection)).toEqual({ name: "Jo" }); // it was only away: the sign-in still works
    expect(await renewEnding(app)).toBe(0);
  });

  it("leaves alone what is revoked", async () => {
    const connection = await connected();
    const { revokeConnection } = await import("../../../gateway/connections/connections.ts");
    await revokeConnection(app, connection, { actor: owner.user });
    clock.pass(HOUR);
    expect([await renewEnding(app), refreshes()]).toEqual([0, 0]);
  });
});

it("never goes to an address inside, also where the library makes the request (VLT-13)", async () => {
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  const plain = await gateway({});
  for (const host of ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]) {
    const signIn = {
      authorizeUrl: `https://${host}:${port}/authorize`,
      tokenUrl: `https://${host}:${port}/token`,
      clientId: "c",
      scopes: [],
      params: {},
      pkce: true,
    };
    await expect(nextTokens(plain, { vendor: desk, signIn }, "r")).rejects.toMatchObject({
      code: "VENDOR_UNAVAILABLE",
    });
  }
  expect(connections).toBe(0);
  listener.close();
});

it("sends a confidential client's secret in the body, and no empty one for the others", async () => {
  const parsed = desk.credentials.parse(DESK);
  const signIn = desk.signIn!((parsed as { value: unknown }).value)!;
  const asSecret: Secret = secret`s3cret`;
  await nextTokens(app, { vendor: desk, signIn: { ...signIn, clientSecret: asSecret } }, "r").catch(() => {});
  await nextTokens(app, { vendor: desk, signIn }, "r").catch(() => {});
  expect(server.asked.map(({ form }) => form)).toEqual([
    { grant_type: "refresh_token", refresh_token: "r", client_id: "client-1", client_secret: "s3cret" },
    { grant_type: "refresh_token", refresh_token: "r", client_id: "client-1" },
  ]);
});
