import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { definitions } from "../../gateway/metrics/definitions.ts";
import { authorize } from "../e2e/authorize.ts";
import { connectClient } from "../e2e/clients.ts";
import { browserOf, type Gateway, startGateway } from "../e2e/gateway.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { refused } from "../fakes/trouble.ts";
import { freePort } from "../setup/free-port.ts";
import { type PostgresServer, startPostgres } from "../setup/postgres.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Of the dashboard, as Grafana sends them. */
const queries = (JSON.parse(readFileSync("deploy/grafana/vendorsmith.json", "utf8")) as { panels: Panel[] }).panels
  .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, query: expr.replaceAll("$__rate_interval", "1m") }))); // biome-ignore format: one thought

/** What a gateway that had nothing to complain of, nobody to ask and no workers has not counted yet. */
const NOT_YET = /limit_refusals|shed_requests|bulkhead_refusals|breaker_changes|token_renewals|approval|_front_/;

/** Some figures are read from the database every fifteen seconds. */
const patient = { timeout: 20_000, interval: 100 };

let postgres: PostgresServer | { missing: string };
let missing: string | undefined;
let served: Served;
let gateway: Gateway;
let prometheus: Prometheus;

/** A person connects a vendor and calls it: what works, twice, what the vendor refuses, and what is not allowed. */
beforeAll(async () => {
  postgres = await startPostgres();
  const absent = spawnSync("prometheus", ["--version"]).error ? ["no prometheus on this machine"] : [];
  missing = [...absent, ...("missing" in postgres ? [postgres.missing] : [])].join("; ");
  if (missing && process.env["REQUIRE_SERVICES"]) throw new Error(missing);
  if (missing) return;
  served = await serveFakes();
  const port = await freePort();
  const database = await (postgres as PostgresServer).newOwnDatabase();
  gateway = await startGateway({
    origins: served.origins,
    env: { METRICS_PORT: String(port), DATABASE_URL: database, CACHE_TTL_SECONDS: "60" },
  });
  await use();
  await gateway.app.audit.settled();
  prometheus = await startPrometheus(port);
  const all = 'sum(vendorsmith_tool_calls_total{outcome="success"}) == 3';
  await vi.waitFor(async () => expect(await prometheus.query(all)).toHaveLength(1), patient);
}, 120_000);

afterAll(async () => {
  await prometheus?.stop();
  await gateway?.close();
  await served?.close();
  if (postgres && "stop" in postgres) await postgres.stop();
});

async function use() {
  const person = await inSystemScope(() => gateway.person("ann@example.com"));
  const wish = { vendor: "datto-rmm", person, keys: demoKeys["datto-rmm"] };
  const { accessToken } = await authorize(gateway, browserOf(gateway), wish);
  const client = await connectClient("2026-07-28", `${gateway.url}/v1/datto-rmm`, accessToken);
  const call = (name: string, args = {}) => client.callTool({ name, arguments: args }).catch(() => {});
  await call("datto_list_sites");
  for (let times = 0; times < 2; times++) await call("datto_list_components");
  served.fakes["datto-rmm"].trouble.next(refused(400, { error: "no" }), { match: "GET /v2/account/devices" });
  await call("datto_list_devices");
  await call("datto_resolve_alert", { alertUid: "one" });
  await client.close();
}

describe("a real Prometheus that asks a running gateway", () => {
  it("knows every metric of the gateway, with what it says (OPS-14)", async ({ skip }) => {
    if (missing) skip(missing);
    const known = await prometheus.ask<Record<string, { help: string }[]>>("metadata");
    const told = Object.values(definitions).map(({ name }) => [name, known[name]?.[0]?.help]);
    expect(told).toEqual(Object.values(definitions).map(({ name, help }) => [name, help]));
  });

  it("answers every panel of the dashboard, with data where a working gateway has some (OPS-14)", async ({ skip }) => {
    if (missing) skip(missing);
    const due = queries.filter(({ query }) => !NOT_YET.test(query));
    await vi.waitFor(async () => {
      const empty = [];
      for (const { title, query } of due)
        if ((await prometheus.query(query)).length === 0) empty.push({ title, query });
      expect(empty).toEqual([]);
    }, patient);
    for (const { query } of queries) await prometheus.query(query);
  }, 40_000);

  it("evaluates every alert without a fault, and none fires for a gateway that works (OPS-14)", async ({ skip }) => {
    if (missing) skip(missing);
    type Rules = { groups: { rules: { name: string; health: string; lastError?: string; state: string }[] }[] };
    const rules = async () => (await prometheus.ask<Rules>("rules")).groups.flatMap((group) => group.rules);
    await vi.waitFor(async () => expect((await rules()).map(({ health }) => health)).not.toContain("unknown"), patient);
    const ill = (await rules()).filter(({ health, state }) => health !== "ok" || state === "firing");
    expect(ill).toEqual([]);
  });

  it("sees it go, and the alert about that begins to count its two minutes (OPS-14)", async ({ skip }) => {
    if (missing) skip(missing);
    await gateway.close();
    const pending = 'ALERTS{alertname="VendorsmithDown",alertstate="pending"}';
    await vi.waitFor(async () => expect(await prometheus.query(pending)).toHaveLength(1), patient);
  });
});
