import { beforeEach, expect, it } from "vitest";
import {
  activeConnection,
  type Connection,
  clientFor,
  listConnections,
  noteOutcome,
  revokeConnection,
  saveConnection,
  testConnection,
} from "../../../gateway/connections/connections.ts";
import { connectLink, readConnectLink } from "../../../gateway/connections/link.ts";
import { isGuarded } from "../../../gateway/connections/outbound.ts";
import { verifyKeys } from "../../../gateway/connections/verify.ts";
import { monitor, papers, RIGHT } from "../pages/sample-vendors.ts";
import { fakeClock, person, type TestApp, testApp } from "../support.ts";

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
/** What the vendors were asked, and what they answer by secret. */
let asked: { url: string; secret: string | null }[];
let answer: (secret: string | null, url: string) => Response | Promise<Response>;

beforeEach(async () => {
  clock = fakeClock();
  asked = [];
  answer = () => Response.json({ name: "Acme" });
  app = await testApp({
    vendors: [monitor, papers],
    lock: {},
    now: clock.now,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const secret = request.headers.get("x-secret");
      asked.push({ url: request.url, secret });
      return await answer(secret, request.url);
    },
  });
});

const parsed = (values: Record<string, string>) => {
  const result = monitor.credentials.parse(values);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.value as object;
};

const owner = async (email = "ann@example.com") => {
  const { user, org } = await person(app, email);
  return { org, user: user.id };
};

const save = (who: { org: string; user: string }, values = {}, more: { replaces?: Connection; label?: string } = {}) =>
  saveConnection(app, { ...who, vendor: "monitor", credentials: parsed({ ...RIGHT, ...values }), ...more });

const secretUsed = async (connection: Connection, user: string) => {
  const client = (await clientFor(app, connection, { actor: user, callId: "call_1", tool: "t" })) as {
    account(): Promise<unknown>;
  };
  await client.account();
  return asked.at(-1)?.secret;
};

it("stores tested keys sealed, shows what is not secret, and opens them for one call", async () => {
  const ann = await owner();
  const connection = await save(ann);
  expect(connection).toMatchObject({ version: 1, status: "active", label: "Europe", last_ok_at: clock.now() });
  expect(JSON.parse(connection.fields)).toEqual({ region: "eu", apiKey: "AK-1" });
  const rows = JSON.stringify(await app.db.selectFrom("credentials").selectAll().execute());
  expect(rows).not.toContain(RIGHT.apiSecret);
  expect(await secretUsed(connection, ann.user)).toBe(RIGHT.apiSecret);
});

it("drops limiter, vendor tokens and keys of the old version when keys are replaced (VLT-07)", async () => {
  const ann = await owner();
  const first = await save(ann);
  const lane = app.lanes.of(first, monitor.limits);
  expect(app.lanes.of(first, monitor.limits)).toBe(lane);
  const second = await save(ann, { apiSecret: "right-new" }, { replaces: first });
  expect(second).toMatchObject({ id: first.id, version: 2, label: "Europe" });
  expect(app.lanes.of(second, monitor.limits)).not.toBe(lane);
  expect(await secretUsed(second, ann.user)).toBe("right-new");
  expect(await listConnections(app.db, ann)).toHaveLength(1);
});

it("lets one of two replacements at the same time win and keeps its keys", async () => {
  const ann = await owner();
  const first = await save(ann);
  const both = await Promise.allSettled([
    save(ann, { apiSecret: "right-a" }, { replaces: first }),
    save(ann, { apiSecret: "right-b" }, { replaces: first }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const [connection] = await listConnections(app.db, ann);
  expect(connection?.version).toBe(2);
  expect(await secretUsed(connection!, ann.user)).toMatch(/^right-[ab]$/);
});

it("holds several connections to one vendor; the newest that works is the default (VLT-10)", async () => {
  const ann = await owner();
  const first = await save(ann, {}, { label: "First customer" });
  clock.pass(1000);
  const second = await save(ann, { apiSecret: "right-2" }, { label: "Second customer" });
  const ask = { ...ann, vendor: "monitor" };
  expect((await activeConnection(app.db, ask))?.id).toBe(second.id);
  expect((await activeConnection(app.db, { ...ask, id: first.id }))?.id).toBe(first.id);
  await noteOutcome(app, second, { code: "VENDOR_AUTH" });
  expect((await activeConnection(app.db, ask))?.id).toBe(first.id);
});

it("shows nobody another person's connections, not even by id (VLT-10)", async () => {
  const [ann, bob] = [await owner(), await owner("bob@example.com")];
  const connection = await save(ann);
  expect(await listConnections(app.db, bob)).toEqual([]);
  const stolen = { org: ann.org, user: bob.user, vendor: "monitor", id: connection.id };
  expect(await activeConnection(app.db, stolen)).toBeUndefined();
  expect(await activeConnection(app.db, { ...stolen, org: bob.org })).toBeUndefined();
});

it("deletes the sealed keys when a connection is revoked (UI-05)", async () => {
  const ann = await owner();
  const connection = await save(ann);
  await revokeConnection(app, connection, { actor: ann.user });
  expect(await app.db.selectFrom("credentials").selectAll().execute()).toEqual([]);
  expect(await listConnections(app.db, ann)).toEqual([]);
  await expect(clientFor(app, connection, { actor: ann.user })).rejects.toThrow();
  await expect(save(ann, {}, { replaces: connection })).rejects.toMatchObject({ code: "VENDOR_CONFLICT" });
});

it("opens stored keys for a test, says so in the audit log, and notes the outcome (VLT-12)", async () => {
  const ann = await owner();
  const connection = await save(ann);
  expect(await testConnection(app, connection, { actor: ann.user })).toEqual({ ok: true });
  answer = () => new Response("no", { status: 401 });
  clock.pass(5000);
  expect(await testConnection(app, connection, { actor: ann.user })).toMatchObject({ ok: false, reason: "keys" });
  const [row] = await listConnections(app.db, ann);
  expect(row).toMatchObject({ status: "error", last_error: "VENDOR_AUTH", last_error_at: clock.now() });
  const events = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "credential.open").execute();
  expect(events.map(({ detail }) => JSON.parse(detail).purpose)).toEqual(["verify", "verify"]);
});

it("opens the keys for each call anew and keeps nothing of them between calls (VLT-09)", async () => {
  const ann = await owner();
  const connection = await save(ann);
  for (const callId of ["call_1", "call_2"]) await clientFor(app, connection, { actor: ann.user, callId });
  const events = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "credential.open").execute();
  expect(events.map(({ call_id }) => call_id)).toEqual(["call_1", "call_2"]);
  await app.db.deleteFrom("credentials").execute();
  const third = clientFor(app, connection, { actor: ann.user, callId: "call_3" });
  await expect(third).rejects.toMatchObject({ code: "NOTHING_STORED" });
});

it("notes use once a minute, errors at once, and recovery (VLT-12)", async () => {
  const ann = await owner();
  const connection = await save(ann);
  const now = async () => (await listConnections(app.db, ann))[0]!;
  await noteOutcome(app, connection);
  const first = await now();
  expect(first.last_used_at).toBe(clock.now());
  clock.pass(10_000);
  await noteOutcome(app, first);
  expect((await now()).last_used_at).toBe(first.last_used_at);
  await noteOutcome(app, first, { code: "INVALID_INPUT" });
  expect((await now()).last_error).toBeNull();
  await noteOutcome(app, first, { code: "VENDOR_UNAVAILABLE" });
  expect(await now()).toMatchObject({ status: "active", last_error: "VENDOR_UNAVAILABLE", last_used_at: clock.now() });
  await noteOutcome(app, await now(), { code: "VENDOR_AUTH" });
  expect((await now()).status).toBe("error");
  await noteOutcome(app, await now());
  expect(await now()).toMatchObject({ status: "active", last_error: null });
});

it("records when a connection stops working and when it works again, once each (AUD-08)", async () => {
  const ann = await owner();
  await save(ann);
  const now = async () => (await listConnections(app.db, ann))[0]!;
  await noteOutcome(app, await now(), { code: "VENDOR_RATE_LIMITED" });
  await noteOutcome(app, await now(), { code: "VENDOR_AUTH" });
  await noteOutcome(app, await now(), { code: "VENDOR_AUTH" });
  await noteOutcome(app, await now());
  await noteOutcome(app, await now());
  await revokeConnection(app, await now(), { actor: ann.user });
  const events = await app.db
    .selectFrom("audit_events")
    .select(["type", "status", "rule"])
    .where("type", "like", "connection.%")
    .orderBy("seq")
    .execute();
  expect(events.map((event) => Object.values(event).filter(Boolean).join(" "))).toEqual([
    "connection.create success",
    "connection.error error VENDOR_AUTH",
    "connection.active success",
    "connection.revoke success",
  ]);
});

it("does not blame new keys for an answer to the old ones", async () => {
  const ann = await owner();
  const old = await save(ann);
  await save(ann, { apiSecret: "right-new" }, { replaces: old });
  await noteOutcome(app, old, { code: "VENDOR_AUTH" });
  expect((await listConnections(app.db, ann))[0]).toMatchObject({ status: "active", last_error: null });
});

it.each([
  [401, "keys", "does not accept these keys, or they belong to another region"],
  [403, "permission", "or lack the right to read"],
  [404, "address", "not found at this address"],
  [429, "busy", "Try again in 42 seconds"],
  [503, "unreachable", "could not be reached"],
  [418, "unexpected", "not expected"],
])("says in words what a %s to new keys means (VLT-12)", async (status, reason, words) => {
  answer = () => new Response("{}", { status, headers: { "retry-after": "42" } });
  const outcome = await verifyKeys(app, { vendor: monitor, org: "org_1", credentials: parsed(RIGHT) });
  expect(outcome).toMatchObject({ ok: false, reason });
  expect((outcome as { text: string }).text).toContain(words);
});

it("calls a vendor that cannot be reached unreachable, blocked addresses included", async () => {
  answer = () => Promise.reject(new TypeError("fetch failed", { cause: { code: "EBLOCKED" } }));
  expect(await verifyKeys(app, { vendor: monitor, org: "org_1", credentials: parsed(RIGHT) })).toMatchObject({
    ok: false,
    reason: "unreachable",
  });
});

it("makes the guarded fetch the way out of a gateway that got no other (VLT-13)", async () => {
  expect(isGuarded((await testApp({ vendors: [], lock: {} })).outbound)).toBe(true);
});

it("keeps the lanes of at most so many connections, the least used going first", async () => {
  const { createLanes } = await import("../../../gateway/connections/lanes.ts");
  const lanes = createLanes({ now: clock.now, max: 2 });
  const [a, b, c] = ["a", "b", "c"].map((id) => ({ id, version: 1, org_id: "org", vendor: "monitor" }));
  const [first, second] = [lanes.of(a!, {}), lanes.of(b!, {})];
  lanes.of(a!, {});
  lanes.of(c!, {});
  expect(lanes.of(a!, {})).toBe(first);
  expect(lanes.of(b!, {})).not.toBe(second);
});

it("signs connect links for one person, vendor and day (OAU-22)", () => {
  const url = new URL(connectLink(app, { userId: "usr_1", orgId: "org_1", vendor: "monitor" }));
  expect(url.origin + url.pathname).toBe("http://localhost:3100/connect/monitor");
  const link = url.searchParams.get("link")!;
  expect(readConnectLink(app, link, "monitor")).toEqual({ userId: "usr_1", orgId: "org_1", vendor: "monitor" });
  expect(readConnectLink(app, link, "papers")).toBeUndefined();
  const [payload, signature] = link.split(".") as [string, string];
  const other = Buffer.from(JSON.stringify(["usr_2", "org_1", "monitor", clock.now() + 1e9])).toString("base64url");
  for (const forged of [`${other}.${signature}`, `${payload}.`, payload, "", `${payload}.${signature}x`])
    expect(readConnectLink(app, forged, "monitor")).toBeUndefined();
  clock.pass(24 * 3_600_000);
  expect(readConnectLink(app, link, "monitor")).toBeUndefined();
});
