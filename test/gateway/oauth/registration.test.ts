import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainText } from "../../../gateway/oauth/plain-text.ts";
import { isAllowedRedirect } from "../../../gateway/oauth/redirects.ts";
import { authorizationRequest, Browser, exchange, json, signIn, walk } from "./browser.ts";
import { type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

let address = 0;
const register = (body: unknown, init: RequestInit = {}) =>
  house.fetch(`${ISSUER}/oauth/register`, { ...json(body), ...init, address: `198.51.100.${++address % 250}` });

const LOOPBACK = { redirect_uris: ["http://127.0.0.1:33418/"], token_endpoint_auth_method: "none" };

describe("registrations that are taken, and made into the one kind of client there is (OAU-05)", () => {
  it.each([
    ["loopback", LOOPBACK],
    ["hosted", { redirect_uris: ["https://claude.example/api/mcp/auth_callback"], client_name: "<b>Claude</b>" }],
    ["private scheme from the list", { redirect_uris: ["cursor://anysphere.cursor-mcp/oauth/callback"] }],
    ["with a secret", { ...LOOPBACK, token_endpoint_auth_method: "client_secret_post" }],
    ["implicit", { ...LOOPBACK, grant_types: ["implicit"], response_types: ["token"] }],
    ["client_credentials", { ...LOOPBACK, grant_types: ["client_credentials"] }],
    ["web", { ...LOOPBACK, application_type: "web" }],
    ["scope", { ...LOOPBACK, scope: "acme-rmm:read" }],
    ["script as logo", { ...LOOPBACK, logo_uri: "javascript:alert(1)", client_uri: "javascript:alert(1)" }],
    ["claims to be a service", { ...LOOPBACK, gateway_kind: "service", gateway_org: "org_other" }],
    ["bidirectional name", { ...LOOPBACK, client_name: "Claude\u202Eedoc\u200B\u0007" }],
    ["symmetric id token", { ...LOOPBACK, id_token_signed_response_alg: "HS256" }],
    ["keys and a required age", { ...LOOPBACK, jwks: { keys: [] }, default_max_age: 1, require_auth_time: true }],
  ] as [string, object][])("%s", async (_case, body) => {
    const answer = await register(body);
    const client = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, client]).toEqual([201, client]);
    expect(client).toMatchObject({
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      gateway_kind: "dcr",
    });
    for (const name of [
      "scope",
      "jwks",
      "jwks_uri",
      "logo_uri",
      "client_uri",
      "policy_uri",
      "gateway_org",
      "default_max_age",
    ])
      expect(client).not.toHaveProperty(name);
    expect(client).not.toHaveProperty("registration_access_token");
    expect(String(client.client_name)).not.toMatch(/\p{C}/u);
    expect("client_secret" in client).toBe(client.token_endpoint_auth_method !== "none");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("keeps a name as plain text and leaves escaping to the page", async () => {
    const client = await (await register({ ...LOOPBACK, client_name: `<b>${"x".repeat(200)}` })).json();
    expect(client).toMatchObject({ client_name: `<b>${"x".repeat(77)}` });
  });
});

describe("registrations that are refused (OAU-05, OAU-21)", () => {
  const redirect = (uri: string) => ({ ...LOOPBACK, redirect_uris: [uri] });
  it.each([
    ["script", redirect("javascript:alert(1)")],
    ["data", redirect("data:text/html,x")],
    ["intent", redirect("intent://x#Intent;end")],
    ["ftp", redirect("ftp://example.com/x")],
    ["view-source", redirect("view-source:https://example.com")],
    ["websocket", redirect("ws://localhost/x")],
    ["remote http", redirect("http://evil.example/callback")],
    ["a scheme that is not on the list", redirect("myapp://callback")],
    ["fragment", redirect("https://example.com/callback#x")],
    ["user name", redirect("https://user@example.com/callback")],
    ["empty user name", redirect("https://@example.com/callback")],
    ["backslash", redirect("https://example.com\\callback")],
    ["space", redirect("https://example.com/call back")],
    ["one slash", redirect("https:/example.com/callback")],
    ["too long", redirect(`https://example.com/${"x".repeat(1024)}`)],
    ["17 addresses", { ...LOOPBACK, redirect_uris: Array.from({ length: 17 }, (_, i) => `https://example.com/${i}`) }],
    ["no address", { ...LOOPBACK, redirect_uris: [] }],
    ["no list", { token_endpoint_auth_method: "none" }],
    ["not a list", { ...LOOPBACK, redirect_uris: "https://example.com/callback" }],
    ["one good, one bad", { ...LOOPBACK, redirect_uris: ["https://example.com/callback", "javascript:alert(1)"] }],
    [
      "keys behind an address",
      { ...LOOPBACK, token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://example.com/jwks" },
    ],
    ["an array", [LOOPBACK]],
    ["70 KB", { ...LOOPBACK, client_name: "x".repeat(70_000) }],
  ] as [string, unknown][])("%s", async (_case, body) => {
    const answer = await register(body);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.any(String), error_description: expect.any(String) },
    ]);
  });

  it("what is not JSON", async () => {
    expect((await register({}, { body: "{" })).status).toBe(400);
    expect((await register({}, { headers: { "content-type": "text/plain" } })).status).toBe(400);
  });
});

it("never allows an address that leads elsewhere than it reads", () => {
  const schemes = ["cursor"];
  fc.assert(
    fc.property(
      fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string(), fc.webAuthority()),
      (uri) => {
        fc.pre(isAllowedRedirect(uri, schemes));
        const url = new URL(uri);
        expect(["https:", "http:", "cursor:"]).toContain(url.protocol);
        expect([url.username, url.password, url.hash]).toEqual(["", "", ""]);
        if (url.protocol === "http:") expect(["localhost", "127.0.0.1", "[::1]"]).toContain(url.hostname);
      },
    ),
  );
});

it("makes one visible line of any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(plainText(text, 80)).not.toMatch(/[\p{C}\n]/u);
      expect([...plainText(text, 80)].length).toBeLessThanOrEqual(80);
    }),
  );
});

describe("a registered client", () => {
  it("with a secret signs in with it, basic and post alike, and not without (OAU-05)", async () => {
    const person = await house.person();
    await person.connect("acme-rmm");
    for (const method of ["client_secret_basic", "client_secret_post"]) {
      const redirect_uri = "https://app.example/callback";
      const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: method };
      const client = (await (await register(body)).json()) as { client_id: string; client_secret: string };
      const request = authorizationRequest({ client_id: client.client_id, redirect_uri });
      const { result, pending } = await walk(new Browser(house), request.url, { person });
      expect(pending.at(-1)).toMatchObject({
        client: { kind: "dcr", id: client.client_id },
        redirect: { host: "app.example", loopback: false },
      });
      expect(pending.at(-1)!.client).not.toHaveProperty("host");
      const form = {
        grant_type: "authorization_code",
        redirect_uri,
        code: result.code!,
        code_verifier: request.verifier,
      };
      const wrong = await exchange(house, result.code!, request.verifier, {
        client_id: client.client_id,
        redirect_uri,
      });
      expect(wrong.status).toBe(401);
      const basic = `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}`;
      const answer = await house.fetch(`${ISSUER}/oauth/token`, {
        method: "POST",
        ...(method === "client_secret_basic"
          ? { headers: { authorization: basic }, body: new URLSearchParams(form) }
          : {
              body: new URLSearchParams({ ...form, client_id: client.client_id, client_secret: client.client_secret }),
            }),
      });
      expect(answer.status).toBe(200);
    }
  });

  it("may ask for more than it registered, so that it can step up (OAU-17)", async () => {
    const person = await house.person();
    await person.connect("acme-rmm");
    const redirect_uri = "http://localhost/callback";
    const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: "none", scope: "acme-rmm:read" };
    const client = (await (await register(body)).json()) as { client_id: string };
    const scope = "acme-rmm:read acme-rmm:write";
    const tokens = await signIn(house, person, { client_id: client.client_id, redirect_uri, scope });
    expect(tokens.scope).toBe(scope);
  });
});
