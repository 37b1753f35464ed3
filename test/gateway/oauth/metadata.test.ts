import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SUBMIT_SCRIPT_HASH } from "../../../gateway/oauth/mount.ts";
import { resourcesOf, scopeOf } from "../../../gateway/oauth/resources.ts";
import { authorizationRequest, Browser, location } from "./browser.ts";
import { type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const PRM = "/.well-known/oauth-protected-resource";
const get = (path: string, headers: Record<string, string> = {}) => house.fetch(ISSUER + path, { headers });

describe("discovery", () => {
  it("names what there is, and nothing that is not, in both documents (OAU-07, OAU-10)", async () => {
    for (const path of ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]) {
      const answer = await get(path);
      const metadata = (await answer.json()) as Record<string, unknown>;
      expect(metadata).toMatchObject({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/oauth/authorize`,
        token_endpoint: `${ISSUER}/oauth/token`,
        revocation_endpoint: `${ISSUER}/oauth/revoke`,
        introspection_endpoint: `${ISSUER}/oauth/introspect`,
        registration_endpoint: `${ISSUER}/oauth/register`,
        jwks_uri: `${ISSUER}/oauth/jwks`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        id_token_signing_alg_values_supported: ["ES256"],
        scopes_supported: ["openid", "offline_access"],
        authorization_response_iss_parameter_supported: true,
        request_uri_parameter_supported: false,
      });
      expect(metadata.grant_types_supported).toEqual(["authorization_code", "refresh_token", "client_credentials"]);
      expect(metadata.token_endpoint_auth_methods_supported).toEqual(
        expect.arrayContaining(["none", "client_secret_basic", "client_secret_post"]),
      );
      for (const name of [
        "userinfo_endpoint",
        "pushed_authorization_request_endpoint",
        "dpop_signing_alg_values_supported",
      ])
        expect(metadata).not.toHaveProperty(name);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    }
  });

  it("names a key set without one private value (OAU-10)", async () => {
    const { keys } = (await (await get("/oauth/jwks")).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toEqual([
      expect.objectContaining({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid: "sig-1" }),
    ]);
    expect(keys[0]).not.toHaveProperty("d");
  });
});

describe("protected resource metadata (OAU-08)", () => {
  it.each(["/v1/acme-rmm", "/v1/acme-rmm/", "/acme-rmm/mcp", "/acme-rmm/mcp/"])(
    "%s has a document of its own",
    async (path) => {
      const answer = await get(PRM + path, { origin: "https://inspector.example" });
      expect(await answer.json()).toEqual({
        resource: ISSUER + path,
        authorization_servers: [ISSUER],
        scopes_supported: ["acme-rmm:read", "acme-rmm:write"],
        bearer_methods_supported: ["header"],
        resource_name: "Acme RMM",
      });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    },
  );

  it("offers no write where nothing writes, and secrets by themselves", async () => {
    expect(await (await get(`${PRM}/v1/acme-status`)).json()).toMatchObject({ scopes_supported: ["acme-status:read"] });
    expect(await (await get(`${PRM}/v1/acme-docs`)).json()).toMatchObject({
      scopes_supported: ["acme-docs:read", "acme-docs:write", "acme-docs:reveal"],
    });
  });

  it.each(["/v1/nobody", "/v1", "/v1/acme-rmm/x", "/V1/acme-rmm", "/MCP"])("none at %s", async (path) => {
    expect((await get(PRM + path)).status).toBe(404);
  });
});

describe("the address of all vendors (MCP-02, OAU-08)", () => {
  it.each([
    ["/mcp", "/mcp"],
    ["/mcp/", "/mcp/"],
    ["/", "/"],
    ["", "/"],
  ])("has a document at %s with the scopes of all", async (path, url) => {
    const answer = await get(PRM + path);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      resource: ISSUER + url,
      scopes_supported: expect.arrayContaining(["acme-rmm:read", "acme-docs:read"]),
    });
  });
});

describe("the map of resources", () => {
  const vendors = [{ slug: "a", title: "A", tools: [{ access: "reveal" as const }, { access: "destroy" as const }] }];

  it("offers a scope for what its tools do, secrets by themselves (OAU-17)", () => {
    expect(resourcesOf(ISSUER, vendors).canonical("a")?.scopes).toEqual(["a:read", "a:write", "a:reveal"]);
  });

  it("says which scope a tool needs", () => {
    const accesses = ["read", "write", "destroy", "reveal"] as const;
    expect(accesses.map((access) => scopeOf("a", access))).toEqual(["a:read", "a:write", "a:write", "a:reveal"]);
  });
});

describe("hostile requests", () => {
  it("cannot change an address by Host or forwarded headers", async () => {
    const evil = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example;proto=http",
    };
    const answer = await house.app.inject({ url: "/.well-known/oauth-authorization-server", headers: evil });
    expect(answer.body).not.toContain("evil.example");
    expect(answer.json()).toMatchObject({ issuer: ISSUER, token_endpoint: `${ISSUER}/oauth/token` });
    const authorize = await house.app.inject({ url: authorizationRequest().url.slice(ISSUER.length), headers: evil });
    expect(authorize.headers.location).toMatch(/^\/interaction\//);
  });

  it.each(["https://evil.example", "null", `${ISSUER}.evil.example`, "http://mcp.example.test"])(
    "are refused when they come from another origin: %s",
    async (origin) => {
      for (const path of [
        "/oauth/token",
        "/oauth/register",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/sign-out/confirm",
      ]) {
        const answer = await house.fetch(ISSUER + path, {
          method: "POST",
          body: new URLSearchParams(),
          headers: { origin },
        });
        expect([path, answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([path, 403, null]);
        const preflight = { origin, "access-control-request-method": "POST" };
        const asked = await house.fetch(ISSUER + path, { method: "OPTIONS", headers: preflight });
        expect([path, asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([path, 403, null]);
      }
    },
  );

  it("lets pages of any origin read metadata, with the header MCP clients send", async () => {
    for (const path of [`${PRM}/v1/acme-rmm`, "/.well-known/oauth-authorization-server"]) {
      const answer = await house.fetch(ISSUER + path, {
        method: "OPTIONS",
        headers: {
          origin: "https://inspector.example",
          "access-control-request-method": "GET",
          "access-control-request-headers": "mcp-protocol-version",
        },
      });
      expect([path, answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
        path,
        204,
        {
          "access-control-allow-origin": "*",
          "access-control-allow-methods": "GET",
          "access-control-allow-headers": "mcp-protocol-version",
        },
      ]);
    }
  });

  it("CORS is off but for metadata", async () => {
    for (const path of ["/oauth/token", "/oauth/register", "/oauth/revoke", "/oauth/introspect"]) {
      const answer = await house.fetch(ISSUER + path, { method: "POST", body: new URLSearchParams() });
      expect([path, answer.headers.get("access-control-allow-origin")]).toEqual([path, null]);
    }
  });
});

describe("pages of the authorization server itself", () => {
  it("carry headers that keep them out of frames, caches and referrers", async () => {
    for (const path of [authorizationRequest({ client_id: "nobody" }).url.slice(ISSUER.length), "/oauth/sign-out"]) {
      const { headers } = await get(path, { accept: "text/html" });
      expect(Object.fromEntries(headers)).toMatchObject({
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        "strict-transport-security": expect.stringContaining("max-age="),
        "content-security-policy": expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      });
      expect(headers.get("content-security-policy")).not.toContain("form-action");
    }
  });

  it("submit themselves with the one script whose hash the policy names", async () => {
    const answer = await new Browser(house).open("/oauth/sign-out");
    const [, script] = /<script>([\s\S]*?)<\/script>/.exec(await answer.text()) ?? [];
    expect(`sha256-${createHash("sha256").update(script!).digest("base64")}`).toBe(SUBMIT_SCRIPT_HASH);
    expect(answer.headers.get("content-security-policy")).toContain(SUBMIT_SCRIPT_HASH);
  });

  it("set cookies no script reads and no other site sends", async () => {
    const answer = await new Browser(house).open(authorizationRequest().url);
    const cookies = answer.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies)
      expect(cookie).toMatch(/; secure; httponly; samesite=lax|; samesite=lax; secure; httponly/i);
    const uid = location(answer).split("/").at(-1);
    expect(cookies.some((cookie) => cookie.includes(`path=/interaction/${uid}`))).toBe(true);
  });
});

it("works over plain http on this machine, with cookies that do not need https", async () => {
  const local = "http://localhost:3100";
  const here = await openHouse({ PUBLIC_URL: local });
  const url = authorizationRequest({ resource: `${local}/v1/acme-rmm` }).url.replace(ISSUER, local);
  const answer = await here.fetch(url);
  expect(location(answer)).toMatch(/^\/interaction\//);
  for (const cookie of answer.headers.getSetCookie()) expect(cookie).not.toMatch(/secure/i);
  expect(answer.headers.get("strict-transport-security")).toBeNull();
  const metadata = await (await here.fetch(`${local}/.well-known/oauth-authorization-server`)).json();
  expect(metadata).toMatchObject({ issuer: local, token_endpoint: `${local}/oauth/token` });
  await here.close();
});
