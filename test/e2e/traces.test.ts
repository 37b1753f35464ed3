import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SentSpan, serveCollector } from "../fakes/collector.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { authorize } from "./authorize.ts";
import { browserOf, type Gateway, startGateway } from "./gateway.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const OTHER = "0af7651916cd43dd8448eb211c80319c";
const UNSAMPLED = "1af7651916cd43dd8448eb211c80319c";

let served: Served;
let gateway: Gateway;
let collector: Awaited<ReturnType<typeof serveCollector>>;
let spans: SentSpan[];
const events: Record<string, unknown>[] = [];

beforeAll(async () => {
  served = await serveFakes();
  collector = await serveCollector();
  gateway = await startGateway({
    origins: served.origins,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20canary-collector",
    },
  });
  const person = await gateway.person("ann@example.com");
  const keys = demoKeys["datto-rmm"];
  const { accessToken } = await authorize(gateway, browserOf(gateway), { vendor: "datto-rmm", person, keys });
  served.requests.length = 0;

  await call(accessToken, { name: "datto_list_sites", arguments: { name: "canary-argument" } }, PARENT);
  await call(accessToken, { name: "datto_resolve_alert", arguments: { alertUid: "canary-alert" } });
  const meta = { traceparent: `00-${OTHER}-00f067aa0ba902b7-01` };
  await call(accessToken, { name: "datto_list_sites", arguments: {}, _meta: meta });
  await call(accessToken, { name: "datto_list_sites", arguments: {} }, `00-${UNSAMPLED}-00f067aa0ba902b7-00`);
  await call(accessToken, { name: "datto_list_sites", arguments: {} }, "00-canary-not-a-parent");
  await fetch(`${gateway.url}/setup/canary-setup?code=canary-query`);
  await gateway.app.audit.settled();
  const rows = await gateway.app.db.selectFrom("audit_events").select("detail").where("type", "=", "tool.call").execute();
  events.push(...rows.map(({ detail }) => JSON.parse(detail)));
  await gateway.close();
  spans = collector.spans();
}, 60_000); // biome-ignore format: one thought

afterAll(async () => {
  await gateway?.close();
  await served?.close();
  await collector?.close();
});

async function call(token: string, params: object, traceparent?: string) {
  const answer = await fetch(`${gateway.url}/v1/datto-rmm`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2025-11-25",
      ...(traceparent && { traceparent }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  await answer.text();
}

const tree = (traceId: string) => {
  const own = spans.filter((span) => span.traceId === traceId);
  const below = (parent: string | undefined): unknown[] =>
    own.filter(({ parentSpanId }) => parentSpanId === parent).map(({ name, spanId }) => [name, ...below(spanId)]);
  const root = own.find(({ parentSpanId }) => !own.some(({ spanId }) => spanId === parentSpanId))!;
  return [root.name, ...below(root.spanId)];
};

describe("a trace", () => {
  it("goes from the client's traceparent to the requests that its vendor got (OPS-14)", () => {
    expect(tree(TRACE)).toEqual([
      "POST /v1/:vendor",
      [
        "tools/call datto_list_sites",
        ["policy"],
        ["limits"],
        ["open credential"],
        ["POST (sign-in)"],
        ["GET /v2/account/sites"],
      ],
    ]);
    expect(spans.find(({ traceId, name }) => traceId === TRACE && name.startsWith("POST /v1"))!.parentSpanId).toBe(
      "00f067aa0ba902b7",
    );
  });

  it("says how each part ended, in words of ours and numbers alone (OPS-14)", () => {
    const attributesOf = (name: string) => spans.find((span) => span.traceId === TRACE && span.name === name)?.attributes;
    expect(attributesOf("POST /v1/:vendor")).toEqual({
      "http.request.method": "POST",
      "http.route": "/v1/:vendor",
      "http.response.status_code": 200,
    });
    expect(attributesOf("tools/call datto_list_sites")).toEqual({
      "vendorsmith.vendor": "datto-rmm",
      "vendorsmith.tool": "datto_list_sites",
      "vendorsmith.access": "read",
      "vendorsmith.outcome": "success",
      "vendorsmith.rule": "allowed",
      "vendorsmith.bytes": expect.any(Number),
    });
    expect(attributesOf("GET /v2/account/sites")).toEqual({
      "http.request.method": "GET",
      "url.template": "/v2/account/sites",
      "http.response.status_code": 200,
    });
    const denied = spans.find(({ name }) => name === "tools/call datto_resolve_alert")!.attributes;
    expect(denied).toMatchObject({ "vendorsmith.outcome": "denied", "vendorsmith.rule": "writes-off" });
  }); // biome-ignore format: one thought

  it("takes what an MCP client says in _meta, and names the request it came with (OPS-14)", () => {
    expect(tree(OTHER)[0]).toBe("tools/call datto_list_sites");
    const [link] = spans.find(({ traceId, name }) => traceId === OTHER && name.startsWith("tools/call"))!.links!;
    expect(spans.find(({ traceId }) => traceId === link!.traceId)!.name).toBe("POST /v1/:vendor");
  });

  it("is not made where the client says not to, and begins anew where what it says is none (OPS-14)", () => {
    expect(spans.filter(({ traceId }) => traceId === UNSAMPLED)).toEqual([]);
    expect(collector.text()).not.toContain("not-a-parent");
  });

  it("is found again in the log and on the record by its id (OPS-06, OPS-14)", () => {
    const lines = gateway.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
    const ofTrace = lines.filter(({ traceId }) => traceId === TRACE);
    expect(ofTrace.map(({ msg }) => msg)).toEqual(["tool call", "answered"]);
    expect(events.some(({ traceId }) => traceId === TRACE)).toBe(true);
    expect(events.some(({ traceId }) => traceId === OTHER)).toBe(true);
  });

  it("tells a vendor nothing of itself (MET-04)", () => {
    expect(served.requests.length).toBeGreaterThan(3);
    expect(served.requests.filter(({ headers }) => headers.has("traceparent") || headers.has("tracestate"))).toEqual([]);
  }); // biome-ignore format: one thought

  it("carries no address, argument, key, token or name (MET-04)", () => {
    expect(collector.text()).toContain("datto_list_sites");
    for (const said of ["canary", "ann@", "Bearer", ...Object.values(demoKeys["datto-rmm"]).slice(0, 2)])
      expect(collector.text()).not.toContain(said);
    expect(collector.text()).not.toMatch(/\b(org|usr|con|grt|call)_[0-9a-z]{6,}/i);
    expect(new Set(collector.headers)).toEqual(new Set(["Bearer canary-collector"]));
  });
});

it("nothing is traced, nor loaded, without a collector (OPS-14)", async () => {
  const plain = await startGateway({ origins: served.origins });
  try {
    expect(plain.app.hasRequestDecorator("span")).toBe(false);
  } finally {
    await plain.close();
  }
});
