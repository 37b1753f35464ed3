import type { InjectOptions } from "fastify";
import { describe, expect, it } from "vitest";
import { gate, legacy, modern } from "./gate.ts";

const SECURITY = {
  "content-security-policy": "default-src 'none';frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

/** Of the connection, or another one each time. */
const PASSING = ["connection", "content-length", "date", "transfer-encoding", "x-request-id"];

describe("headers of every kind of answer", () => {
  const asking = async (env: Record<string, string> = {}) => {
    const { app, someone } = await gate({ env });
    const ann = await someone();
    const authorization = `Bearer ${await ann.token(["acme:read"])}`;
    return async (options: InjectOptions) => {
      const { host } = new URL(app.config.publicUrl);
      const headers = { host, authorization, ...options.headers };
      const answer = await app.inject({ method: "POST", url: "/v1/acme", ...options, headers });
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
      const lasting = Object.entries(answer.headers).filter(([name]) => !PASSING.includes(name));
      return { status: answer.statusCode, headers: Object.fromEntries(lasting) };
    };
  };
  const STREAM = {
    "cache-control": "no-cache, no-transform",
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
  };
  const JSON_TYPE = { "content-type": "application/json" };
  const OUR_JSON = { "content-type": "application/json; charset=utf-8" };

  it.each([
    ["a list", modern("tools/list"), 200, JSON_TYPE],
    ["a list of 2025", legacy("tools/list"), 200, STREAM],
    ["a call", modern("tools/call", { name: "acme_list_things", arguments: {} }), 200, JSON_TYPE],
    ["a call of 2025", legacy("tools/call", { name: "acme_list_things", arguments: {} }), 200, STREAM],
    ["an unknown method", modern("nonsense"), 404, JSON_TYPE],
    ["no JSON", { headers: { "content-type": "application/json" }, payload: "{" }, 400, OUR_JSON],
    ["a GET", { method: "GET" as const }, 405, { ...JSON_TYPE, allow: "POST" }],
    ["an unknown vendor", { url: "/v1/nobody" }, 404, OUR_JSON],
    ["another host", { headers: { host: "evil.example" } }, 403, OUR_JSON],
    ["another origin", { headers: { origin: "https://evil.example" } }, 403, OUR_JSON],
    ["no token", { headers: { authorization: "" } }, 401, { ...OUR_JSON, "www-authenticate": expect.any(String) }],
  ])("of %s are these and no others", async (_what, options, status, others) => {
    const ask = await asking();
    const expected = { status, headers: { ...SECURITY, ...others } };
    expect(await ask(options)).toEqual(expected);
    expect(await ask(options)).toEqual(expected);
  });

  it("say that the address is to be asked by https alone, where it is one", async () => {
    const ask = await asking({ PUBLIC_URL: "https://mcp.example.com" });
    const { headers } = await ask(modern("tools/list"));
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });
});
