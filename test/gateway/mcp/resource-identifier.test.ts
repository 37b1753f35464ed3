import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../gateway/config.ts";
import { connectorsOf } from "../../../gateway/pages/connectors.ts";
import { authorizationRequest, location } from "../oauth/browser.ts";
import { type House, ISSUER, openHouse } from "../oauth/house.ts";
import { gate } from "./gate.ts";

const ELSEWHERE = "https://api.example.com/vendorsmith/mcp";
const env = { MCP_RESOURCE_SERVER_URL: ELSEWHERE };
const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

describe("the address of all vendors under another name", () => {
  it("is what its metadata says, for every form of it; those of vendors stay (OAU-16)", async () => {
    const { app } = await gate({ env });
    const resource = async (path: string) =>
      (await app.inject(`/.well-known/oauth-protected-resource${path}`)).json().resource;
    for (const path of ["/mcp", "/mcp/", "/"]) expect(await resource(path)).toBe(ELSEWHERE);
    expect(await resource("/v1/acme")).toBe(`${app.config.publicUrl}/v1/acme`);
    const refused = await app.inject({ method: "POST", url: "/mcp" });
    expect(refused.statusCode).toBe(401);
    const metadata = `${app.config.publicUrl}/.well-known/oauth-protected-resource/mcp`;
    expect(refused.headers["www-authenticate"]).toContain(`resource_metadata="${metadata}"`);
    expect(connectorsOf(app)[0]!.url).toBe(ELSEWHERE);
  });

  it("takes tokens for that name, at its own host and the other, and none for the address (OAU-16)", async () => {
    const { app, someone } = await gate({ env });
    const ann = await someone();
    const call = async (audience: string, host: string) => {
      const authorization = `Bearer ${await ann.token(["acme:read"], { vendor: "*", audience })}`;
      const headers = { authorization, host, accept: "application/json, text/event-stream" };
      return (await app.inject({ method: "POST", url: "/mcp", payload: list, headers })).statusCode;
    };
    expect(await call(ELSEWHERE, "api.example.com")).toBe(200);
    expect(await call(ELSEWHERE, "localhost")).toBe(200);
    expect(await call(ELSEWHERE, "evil.example")).toBe(403);
    expect(await call(`${app.config.publicUrl}/mcp`, "localhost")).toBe(401);
  });

  it("is an address that clients can send, and https in production (OAU-16)", () => {
    expect(readConfig({ MCP_RESOURCE_SERVER_URL: ELSEWHERE }).resource).toBe(ELSEWHERE);
    expect(readConfig({ MCP_RESOURCE_SERVER_URL: "https://mcp.example.com/" }).resource).toBe(
      "https://mcp.example.com",
    );
    for (const wrong of ["mcp", "urn:mcp", `${ELSEWHERE}#part`, `${ELSEWHERE}?a=b`, "https://API.example.com/mcp"])
      expect(() => readConfig({ MCP_RESOURCE_SERVER_URL: wrong }), wrong).toThrow("MCP_RESOURCE_SERVER_URL: must");
    expect(() => readConfig({ NODE_ENV: "production", MCP_RESOURCE_SERVER_URL: "http://x.example/mcp" })).toThrow(
      "MCP_RESOURCE_SERVER_URL: production needs an https address",
    );
  });
});

describe("the authorization server", () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(env);
  });
  afterAll(() => house.close());

  it("gives tokens for that name, and knows the address no more (OAU-16)", async () => {
    const asked = async (resource: string) => {
      const { url } = authorizationRequest({ resource, scope: "acme-rmm:read" });
      return location(await house.fetch(url, { redirect: "manual" }));
    };
    expect(await asked(ELSEWHERE)).toMatch(/^\/interaction\//);
    expect(await asked(`${ISSUER}/mcp`)).toContain("error=invalid_target");
  });
});
