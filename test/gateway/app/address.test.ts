import { describe, expect, it } from "vitest";
import { readConfig } from "../../../gateway/config.ts";
import { connectorsOf } from "../../../gateway/pages/connectors.ts";
import { acme } from "../acme.ts";
import { testApp } from "../support.ts";

const PUBLIC_URL = "https://mcp.example.com";
const gateway = (env: Record<string, string> = {}) => testApp({ vendors: [acme()], env: { PUBLIC_URL, ...env } });

describe("the address that people type", () => {
  it("is what issuer, resource identifiers and links derive from (OPS-02)", async () => {
    const app = await gateway();
    const server = (await app.inject("/.well-known/oauth-authorization-server")).json();
    expect([server.issuer, server.token_endpoint]).toEqual([PUBLIC_URL, `${PUBLIC_URL}/oauth/token`]);
    for (const path of ["/mcp", "/v1/acme"]) {
      const metadata = (await app.inject(`/.well-known/oauth-protected-resource${path}`)).json();
      expect(metadata).toMatchObject({ resource: PUBLIC_URL + path, authorization_servers: [PUBLIC_URL] });
    }
    expect(connectorsOf(app).every(({ url }) => url.startsWith(`${PUBLIC_URL}/`))).toBe(true);
  });

  it("is not changed by what a request claims, from a trusted proxy either (OPS-02)", async () => {
    const app = await gateway({ TRUST_PROXY: "127.0.0.1" });
    const claims = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" };
    const metadata = await app.inject({ url: "/.well-known/oauth-protected-resource/mcp", headers: claims });
    expect(metadata.json().resource).toBe(`${PUBLIC_URL}/mcp`);
  });

  it("stands behind a proxy on 443 while the gateway listens on 3100, or where PORT says (OPS-03)", () => {
    expect([readConfig({}).port, readConfig({ PORT: "8080" }).port]).toEqual([3100, 8080]);
    expect(readConfig({ PORT: "8080", PUBLIC_URL }).publicUrl).toBe(PUBLIC_URL);
  });
});

describe("who calls", () => {
  async function addressOf(env: Record<string, string>, remoteAddress: string) {
    const app = await gateway(env);
    app.get("/address", async ({ ip }) => ip);
    const headers = { "x-forwarded-for": "198.51.100.7", forwarded: "for=198.51.100.8", "x-real-ip": "198.51.100.9" };
    return (await app.inject({ url: "/address", headers, remoteAddress })).body;
  }

  it("is said by a proxy that TRUST_PROXY names, and by nobody else", async () => {
    expect(await addressOf({ TRUST_PROXY: "10.1.0.0/16" }, "10.1.2.3")).toBe("198.51.100.7");
    expect(await addressOf({ TRUST_PROXY: "10.1.0.0/16" }, "10.2.0.1")).toBe("10.2.0.1");
    expect(await addressOf({}, "127.0.0.1")).toBe("127.0.0.1");
  });

  it("is said in the header that TRUST_PROXY_HEADER names, where a platform has one of its own", async () => {
    const own = { TRUST_PROXY: "10.1.0.0/16", TRUST_PROXY_HEADER: "X-Real-IP" };
    expect(await addressOf(own, "10.1.2.3")).toBe("198.51.100.9");
    expect(await addressOf(own, "10.2.0.1")).toBe("10.2.0.1");
    // Nothing is believed of X-Forwarded-For then, which callers can begin there.
    expect(await addressOf({ ...own, TRUST_PROXY_HEADER: "Fly-Client-IP" }, "10.1.2.3")).toBe("10.1.2.3");
  });

  it("is missing in the log once, when a proxy in our own network is not believed", async () => {
    const lines: string[] = [];
    const log = { write: (line: string) => void lines.push(line) };
    const env = { PUBLIC_URL, TRUST_PROXY: "10.1.0.0/16", LOG_LEVEL: "warn" };
    const app = await testApp({ env, log });
    const ask = (remoteAddress: string, headers = { "x-forwarded-for": "198.51.100.7" }) =>
      app.inject({ url: "/health", headers, remoteAddress });
    await ask("10.1.2.3");
    await ask("203.0.113.9");
    expect(lines).toEqual([]);
    for (let times = 0; times < 2; times++) await ask("10.2.0.1");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ proxy: "10.2.0.1", msg: expect.stringContaining("TRUST_PROXY") }]); // biome-ignore format: one thought
  });
});
