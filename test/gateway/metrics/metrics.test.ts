import { describe, expect, it } from "vitest";
import { readConfig } from "../../../gateway/config.ts";
import { createMetrics } from "../../../gateway/metrics/metrics.ts";
import { freePort } from "../../setup/free-port.ts";
import { testApp } from "../support.ts";

const TOKEN = "a-metrics-token-of-32-characters!";
const bearer = { authorization: `Bearer ${TOKEN}` };

describe("who may read the metrics", () => {
  it("nobody, unless the operator says so (OPS-14)", async () => {
    const app = await testApp();
    expect((await app.inject("/metrics")).statusCode).toBe(404);
  });

  it("whoever has the token, on the main port (OPS-14)", async () => {
    const app = await testApp({ env: { METRICS_TOKEN: TOKEN } });
    const refused = await Promise.all([
      app.inject("/metrics"),
      app.inject({ url: "/metrics", headers: { authorization: `Bearer ${TOKEN}x` } }),
      app.inject({ url: "/metrics", headers: { authorization: TOKEN } }),
    ]);
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
    expect(refused.map(({ body }) => body).join()).not.toContain("vendorsmith_");

    const answer = await app.inject({ url: "/metrics", headers: bearer });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toContain("text/plain");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body).toContain("vendorsmith_build_info");
    expect(answer.body).toContain("nodejs_eventloop_lag_seconds");
  });

  it("whoever reaches a port of its own, and the main one stays closed (OPS-14)", async () => {
    const port = await freePort();
    const app = await testApp({ env: { METRICS_PORT: `${port}` } });
    await app.ready();
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([answer.status, (await answer.text()).includes("vendorsmith_build_info")]).toEqual([200, true]);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    expect((await app.inject("/metrics")).statusCode).toBe(404);
    await app.close();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it("a port that others reach needs a token (OPS-07, OPS-14)", () => {
    expect(() => readConfig({ METRICS_PORT: "9464", METRICS_HOST: "0.0.0.0" })).toThrow("METRICS_TOKEN: needed when");
    expect(() => readConfig({ METRICS_PORT: "3100" })).toThrow("METRICS_PORT: must not be PORT");
    const { metrics } = readConfig({ METRICS_PORT: "9464", METRICS_HOST: "0.0.0.0", METRICS_TOKEN: TOKEN });
    expect(metrics).toEqual({ port: 9464, host: "0.0.0.0", token: TOKEN });
  });
});

describe("what is counted of answers", () => {
  it("the route's pattern and the class of the status, never the address (OPS-14, MET-04)", async () => {
    const app = await testApp({ env: { METRICS_TOKEN: TOKEN } });
    await app.inject("/health?token=canary-query");
    await app.inject("/setup/canary-setup");
    await app.inject("/canary-address");
    await app.inject({ method: "PROPFIND" as "GET", url: "/canary-method" });
    const { body } = await app.inject({ url: "/metrics", headers: bearer });
    expect(body).toContain('vendorsmith_http_requests_total{method="GET",route="/health",status="2xx"} 1');
    expect(body).toMatch(/vendorsmith_http_requests_total\{method="GET",route="\/setup\/:token",status="\dxx"\} 1/);
    expect(body).toContain('vendorsmith_http_requests_total{method="GET",route="none",status="4xx"} 1');
    expect(body).toContain('vendorsmith_http_request_seconds_count{method="GET",route="/health"} 1');
    expect(body).not.toContain("canary");
  });
});

describe("figures that are read when somebody looks", () => {
  it("are as they are then, and one that cannot be read leaves the others be (OPS-14)", async () => {
    const metrics = createMetrics();
    let waiting = 3;
    metrics.watch(metrics.queueDepth, { queue: "letters" }, () => waiting);
    metrics.watch(metrics.queueDepth, { queue: "broken" }, async () => {
      throw new Error("no database");
    });
    expect(await metrics.text()).toContain('vendorsmith_queue_depth{queue="letters"} 3');
    waiting = 0;
    const text = await metrics.text();
    expect(text).toContain('vendorsmith_queue_depth{queue="letters"} 0');
    expect(text).not.toContain("broken");
  });

  it("belong to one process: two gateways in one count apart (OPS-14)", async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.shed.inc({ reason: "memory" });
    expect(await one.text()).toContain('vendorsmith_shed_requests_total{reason="memory"} 1');
    expect(await other.text()).not.toContain('reason="memory"');
  });
});
