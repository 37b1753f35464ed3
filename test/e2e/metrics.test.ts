import { afterAll, beforeAll, expect, it } from "vitest";
import { demoKeys, wrongKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { refused } from "../fakes/trouble.ts";
import { authorize } from "./authorize.ts";
import { connectClient } from "./clients.ts";
import { browserOf, type Gateway, startGateway } from "./gateway.ts";

let served: Served;
let gateway: Gateway;
let figures: string;

/** Wrong keys, right keys, consent; then a call that works, one that the vendor refuses and one that is not allowed. */
beforeAll(async () => {
  served = await serveFakes();
  gateway = await startGateway({ origins: served.origins });
  const person = await gateway.person("ann@example.com");
  const browser = browserOf(gateway);
  const form = await browser.get("/connect/datto-rmm");
  await browser.submit(form, { email: person.email, password: person.password });
  await browser.submit(await browser.get("/connect/datto-rmm"), fields(wrongKeys["datto-rmm"]));
  const granted = await authorize(gateway, browser, { vendor: "datto-rmm", person, keys: demoKeys["datto-rmm"] });
  const client = await connectClient("2026-07-28", `${gateway.url}/v1/datto-rmm`, granted.accessToken);
  const call = (name: string, args = {}) => client.callTool({ name, arguments: args }).catch(() => {});
  await call("datto_list_sites");
  served.fakes["datto-rmm"].trouble.next(refused(400, { error: "no" }), { match: "GET /v2/account/devices" });
  await call("datto_list_devices");
  await call("datto_resolve_alert", { alertUid: "canary-alert" });
  await client.close();
  await gateway.app.audit.settled();
  figures = await gateway.app.metrics.text();
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await served?.close();
});

const fields = (keys: Record<string, string>) =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [`credential.${name}`, value]));

it("counts calls by tool and outcome, errors by code and refusals by rule (OPS-14)", () => {
  expect(lines("tool_calls_total")).toEqual([
    'vendorsmith_tool_calls_total{vendor="datto-rmm",tool="datto_list_sites",outcome="success"} 1',
    'vendorsmith_tool_calls_total{vendor="datto-rmm",tool="datto_list_devices",outcome="error"} 1',
    'vendorsmith_tool_calls_total{vendor="datto-rmm",tool="datto_resolve_alert",outcome="denied"} 1',
  ]);
  expect(lines("tool_errors_total")).toEqual([
    'vendorsmith_tool_errors_total{vendor="datto-rmm",tool="datto_list_devices",code="VENDOR_REJECTED"} 1',
  ]);
  expect(lines("tool_denials_total")).toEqual(['vendorsmith_tool_denials_total{rule="writes-off"} 1']);
  expect(figures).toContain('vendorsmith_tool_call_seconds_count{vendor="datto-rmm",tool="datto_list_sites"} 1');
});

it("counts requests to the vendor by the class of their status, and what the gateway adds to a call (OPS-14, MET-03)", () => {
  expect(lines("vendor_requests_total")).toContain(
    'vendorsmith_vendor_requests_total{vendor="datto-rmm",status="4xx"} 2', // the wrong keys, the refused list
  );
  expect(figures).toMatch(/vendorsmith_vendor_last_success_timestamp_seconds\{vendor="datto-rmm"\} 1\d{9}/);
  const added = Number(/vendorsmith_call_added_seconds_sum (\S+)/.exec(figures)![1]);
  const whole = Number(/vendorsmith_tool_call_seconds_sum\{.*tool="datto_list_sites"\} (\S+)/.exec(figures)![1]);
  expect(figures).toContain("vendorsmith_call_added_seconds_count 1");
  expect(added).toBeGreaterThan(0);
  expect(added).toBeLessThan(whole);
});

it("counts connections that came about, and those that did not (MET-01)", () => {
  expect(lines("connection_checks_total")).toEqual([
    'vendorsmith_connection_checks_total{vendor="datto-rmm",purpose="connect",outcome="keys"} 1',
    'vendorsmith_connection_checks_total{vendor="datto-rmm",purpose="connect",outcome="ok"} 1',
  ]);
  expect(lines("connections")).toEqual(['vendorsmith_connections{vendor="datto-rmm",state="active"} 1']);
});

it("times sign-ins from the application's first request to its token (MET-02)", () => {
  expect(figures).toContain("vendorsmith_oauth_authorize_to_token_seconds_count 1");
  expect(figures).toContain('vendorsmith_oauth_authorize_to_token_seconds_bucket{le="60"} 1');
  expect(lines("oauth_tokens_total")).toEqual([
    'vendorsmith_oauth_tokens_total{grant="authorization_code",outcome="ok"} 1',
  ]);
});

it("counts credentials that were opened and what is written to the audit log (OPS-14)", () => {
  expect(lines("vault_opens_total")).toEqual([
    'vendorsmith_vault_opens_total{purpose="call",outcome="ok"} 2',
    'vendorsmith_vault_opens_total{purpose="call",outcome="error"} 0',
  ]);
  expect(figures).toMatch(/vendorsmith_audit_events_total\{outcome="written"\} \d+/);
  expect(figures).toMatch(/vendorsmith_audit_write_seconds_count \d+/);
  expect(figures).toContain('vendorsmith_queue_depth{queue="audit"} 0');
  expect(figures).toContain('vendorsmith_queue_depth{queue="letters"} 0');
});

it("names no person, organisation, connection or argument (MET-04)", () => {
  expect(figures).not.toMatch(/\b(org|usr|con|grt|call)_[0-9a-z]{6,}/i);
  for (const said of ["canary", "ann@", "Example Client", demoKeys["datto-rmm"].apiKey])
    expect(figures).not.toContain(said);
});

const lines = (name: string) => figures.split("\n").filter((line) => line.startsWith(`vendorsmith_${name}{`));
