import { hostname } from "node:os";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { createUpstreams } from "../../../gateway/metrics/upstreams.ts";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { gate } from "../mcp/gate.ts";
import { person, type TestApp, testApp } from "../support.ts";

const cookie = (token: string) => ({ cookie: `session=${token}` });

describe("what everybody is told", () => {
  it("is one word: the process answers, and wants requests (API-03)", async () => {
    const app = await testApp();
    for (const url of ["/health", "/ready"]) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.json()]).toEqual([200, { status: "ok" }]);
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
  });

  it("without its database: not ready, but not dead either, as a restart would not bring it back (API-03)", async () => {
    const app = await testApp();
    await app.db.destroy();
    expect([await of(app, "/health"), await of(app, "/ready")]).toEqual([
      [200, { status: "failing" }],
      [503, { status: "failing" }],
    ]);
  });

  it("when it was told to end: it drains, and requests should go elsewhere (API-03, OPS-09)", async () => {
    const app = await testApp();
    app.drain.begin();
    expect(await of(app, "/ready")).toEqual([503, { status: "draining" }]);
    expect((await of(app, "/health"))[0]).toBe(200);
  });

  it("when a migration of this version has not run, or the master key opens nothing (API-03)", async () => {
    const behind = await testApp();
    await sql`delete from kysely_migration where name = '0012-usage'`.execute(behind.db);
    expect(await of(behind, "/ready")).toEqual([503, { status: "failing" }]);
    expect((await behind.health.report()).checks.find(({ name }) => name === "migrations")!.says).toContain("0012-usage");

    const locked = await testApp();
    Object.assign(locked.vault, { health: () => Promise.reject(new Error("canary-of-the-key")) });
    expect(await of(locked, "/ready")).toEqual([503, { status: "failing" }]);
    expect(JSON.stringify(await locked.health.report())).not.toContain("canary");
  }); // biome-ignore format: one thought
});

describe("the clock", () => {
  it("that is not the database's is told, and does not keep requests away (API-03)", async () => {
    const app = await testApp();
    app.clock.follow(300_000);
    const report = await app.health.report();
    expect(report.status).toBe("ok");
    expect(report.checks.find(({ name }) => name === "clock")).toEqual({ name: "clock", state: "degraded", says: expect.stringContaining("300 s behind") }); // biome-ignore format: one thought
  });
});

describe("who is told the reasons", () => {
  it("owners of the organisation that was there first, and nobody of another (API-03)", async () => {
    const app = await testApp();
    const ann = await person(app, "ann@example.com");
    const guest = await person(app, "guest@example.com");
    const report = (await app.inject({ url: "/ready", headers: cookie(ann.token) })).json();
    expect(report).toMatchObject({ status: "ok", process: { node: process.version }, upstreams: [] });
    expect(report.checks.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ["database", "ok"],
      ["migrations", "ok"],
      ["keys", "ok"],
      ["cache", "ok"],
      ["tools", "ok"],
      ["clock", "ok"],
    ]);
    for (const headers of [cookie(guest.token), cookie("canary"), { authorization: "Bearer canary" }, {}])
      expect((await app.inject({ url: "/ready", headers })).json()).toEqual({ status: "ok" });
  });

  it("a token with org:audit of such a person, and not one without (API-03, API-04)", async () => {
    const { app, get } = await withTokens();
    const report = (await get("/health", ["org:audit"])).json();
    expect(report).toMatchObject({ status: "ok", process: expect.any(Object), checks: expect.any(Array) });
    const unasked = { lastSuccessAt: null, requests: 0, failed: 0, breakersOpen: 0 };
    expect(report.upstreams).toEqual(["acme", "other"].map((vendor) => ({ vendor, ...unasked })));
    expect((await get("/health", [])).json()).toEqual({ status: "ok" });
    expect((await get("/config", [])).statusCode).toBe(403);
    expect((await app.inject("/config")).statusCode).toBe(401);
  });
});

describe("GET /config", () => {
  it("says what is set and where it came from, and of secrets only that they are (API-04)", async () => {
    const { get } = await withTokens();
    const { settings } = (await get("/config", ["org:audit"])).json() as { settings: Record<string, unknown>[] };
    const of = (name: string) => settings.find((one) => one["name"] === name);
    expect(of("LOG_LEVEL")).toMatchObject({ from: "variable", value: "silent", secret: false });
    expect(of("CALLS_PER_MINUTE")).toMatchObject({ from: "default", value: "240" });
    expect(of("METRICS_TOKEN")).toMatchObject({ from: "variable", value: "set", secret: true });
    expect(of("DATABASE_URL")).toMatchObject({ from: "default", value: "unset", secret: true });
    expect(JSON.stringify(settings)).not.toContain("canary");
  });

  it("is not for the organisations that are guests here (API-04)", async () => {
    const { get } = await withTokens({ first: "somebody-else@example.com" });
    expect((await get("/config", ["org:audit"])).statusCode).toBe(403);
  });
});

describe("the page about the installation", () => {
  it("shows state and settings to owners of the first organisation, and is not offered to others (API-04, UI-07)", async () => {
    const app = await testApp({ env: { METRICS_TOKEN: "canary-token-of-the-metrics-scraper" } });
    const ann = await person(app, "ann@example.com");
    const guest = await person(app, "guest@example.com");
    const page = await app.inject({ url: "/admin/installation", headers: cookie(ann.token) });
    expect(page.statusCode).toBe(200);
    for (const words of [`${hostname()}:3100`, "Serving", "SQLite answers.", "METRICS_TOKEN", "CALLS_PER_MINUTE"])
      expect(page.body).toContain(words);
    expect(page.body).not.toContain("canary");
    const checks = (await app.health.report()).checks.map(({ name }) => name);
    for (const name of checks) expect(page.body, "a check has a name for people").not.toContain(`>${name}<`);
    const refused = await app.inject({ url: "/admin/installation", headers: cookie(guest.token) });
    expect([refused.statusCode, refused.body.includes("switch to it at the top of the page")]).toEqual([403, true]);
    const other = await app.inject({ url: "/admin", headers: cookie(guest.token) });
    expect([other.statusCode, other.body.includes("/admin/installation")]).toEqual([200, false]);
  });
});

describe("how vendors answer", () => {
  it("is counted over five minutes: no answer and 5xx are failures, a refusal is none (API-03)", () => {
    let now = 10 * 60_000;
    const upstreams = createUpstreams(() => now);
    for (const status of [200, 404, 500, undefined]) upstreams.note("acme", status);
    expect(upstreams.of("acme")).toEqual({ lastSuccessAt: 10 * 60_000, requests: 4, failed: 2 });
    now += 4 * 60_000;
    upstreams.note("acme", 503);
    expect(upstreams.of("acme")).toMatchObject({ requests: 5, failed: 3 });
    now += 60_000;
    expect(upstreams.of("acme")).toMatchObject({ requests: 1, failed: 1, lastSuccessAt: 10 * 60_000 });
    expect(upstreams.of("other")).toEqual({ lastSuccessAt: undefined, requests: 0, failed: 0 });
  });
});

async function of(app: TestApp, url: string) {
  const answer = await app.inject(url);
  return [answer.statusCode, answer.json()];
}

/** Somebody with tokens for the API, in the organisation that runs the installation unless there is an earlier one. */
async function withTokens({ first }: { first?: string } = {}) {
  const { app, someone } = await gate({ env: { METRICS_TOKEN: "canary-token-of-the-metrics-scraper" } });
  if (first) await person(app, first);
  const ann = await someone();
  const { id } = await ann.connect();
  const get = async (url: string, more: string[]) => {
    const { token } = await createPersonalToken(app, {
      org: ann.org,
      user: ann.user,
      name: "A script",
      vendor: ALL_VENDORS,
      scopes: ["acme:read", ...more],
      connections: new Map([["acme", id]]),
      expiresAt: app.clock.now() + 86_400_000,
    });
    return await app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  };
  return { app, get };
}
