import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pending } from "../../../gateway/oauth/interactions.ts";
import { authorizationRequest, Browser, location, walk } from "./browser.ts";
import { CIMD_CLIENT, DOCS, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
  person = await house.person();
});
afterAll(() => house.close());

const open = (changes: Parameters<typeof authorizationRequest>[0]) =>
  new Browser(house).open(authorizationRequest(changes).url);

async function pendingOf(changes: Parameters<typeof authorizationRequest>[0]): Promise<Pending> {
  const browser = new Browser(house);
  const answer = await browser.open(authorizationRequest(changes).url);
  expect(location(answer)).toMatch(/^\/interaction\//);
  return (await (await browser.open(location(answer))).json()) as Pending;
}

describe("requests that lead to the person", () => {
  it("leads through sign-in, connecting and consent back to the client with code and issuer (OAU-02)", async () => {
    const somebody = await house.person();
    const { prompts, result, end } = await walk(new Browser(house), authorizationRequest().url, { person: somebody });
    expect(prompts).toEqual(["login", "connect", "consent"]);
    expect(end.status).toBe(303);
    expect(result).toMatchObject({ state: "state-1", iss: ISSUER, code: expect.any(String) });
  });

  it.each([
    ["localhost on a random port", "http://localhost:61001/callback"],
    ["127.0.0.1 on another", "http://127.0.0.1:2048/callback"],
    ["localhost without a port", "http://localhost/callback"],
  ])("accepts loopback: %s (OAU-21)", async (_case, redirect_uri) => {
    const pending = await pendingOf({ redirect_uri });
    expect(pending.redirect).toMatchObject({
      host: new URL(redirect_uri).hostname,
      loopback: true,
      privateScheme: false,
    });
  });

  it.each([
    ["canonical", RMM],
    ["with a slash", `${RMM}/`],
    ["alias", `${ISSUER}/acme-rmm/mcp`],
    ["alias with a slash", `${ISSUER}/acme-rmm/mcp/`],
  ])("takes every form of a vendor's address as the same audience: %s (OAU-09)", async (_case, resource) => {
    const pending = await pendingOf({ resource });
    expect(pending.resource).toMatchObject({ url: resource, audience: RMM, vendor: "acme-rmm" });
  });

  it.each([
    ["nothing", undefined, ["acme-rmm:read"]],
    ["only to stay signed in", "openid offline_access", ["acme-rmm:read"]],
    ["write", "acme-rmm:write", ["acme-rmm:read", "acme-rmm:write"]],
    ["something unknown beside it", "acme-rmm:read acme-rmm:everything mcp", ["acme-rmm:read"]],
    ["another vendor's scope beside it", "acme-rmm:read acme-docs:read", ["acme-rmm:read"]],
    ["reveal, which nothing offers yet", "acme-rmm:read acme-rmm:reveal", ["acme-rmm:read"]],
  ])("reads a scope that asks for %s (OAU-17)", async (_case, scope, expected) => {
    const pending = await pendingOf({ scope });
    expect(pending.scopes.map((each) => each.scope)).toEqual(expected);
  });
});

describe("requests that are answered here, because the client's address is not proven (OAU-21)", () => {
  it.each([
    ["foreign redirect", { redirect_uri: "https://evil.example/callback" }],
    ["another path", { redirect_uri: "http://localhost:49152/other" }],
    ["another scheme", { redirect_uri: "https://localhost:49152/callback" }],
    ["a name that begins like loopback", { redirect_uri: "http://localhost.evil.example/callback" }],
    ["loopback as user name", { redirect_uri: "http://localhost:1@evil.example/callback" }],
    ["a longer query", { redirect_uri: "http://localhost:49152/callback?next=https://evil.example" }],
    ["no redirect", { redirect_uri: undefined }],
    ["redirect twice", { redirect_uri: [CIMD_CLIENT.redirect, "https://evil.example/callback"] }],
    ["client twice", { client_id: [CIMD_CLIENT.id, CIMD_CLIENT.id] }],
    ["no client", { client_id: undefined }],
    ["unknown client", { client_id: "nobody" }],
  ])("%s", async (_case, changes) => {
    const answer = await open(changes);
    expect([400, location(answer)]).toEqual([answer.status, ""]);
    const html = await answer.text();
    expect(html).toContain("<h1>");
    expect(html).not.toContain("evil.example");
    expect(html).not.toMatch(/\bat .*\.js/);
  });
});

describe("requests that are refused towards the client, with its state and our issuer (OAU-01)", () => {
  it.each([
    ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["no method", { code_challenge_method: undefined }, "invalid_request"],
    ["implicit", { response_type: "token" }, "unsupported_response_type"],
    ["hybrid", { response_type: "code id_token", nonce: "n", scope: "openid" }, "unsupported_response_type"],
    ["request object", { request: "eyJhbGciOiJub25lIn0.e30." }, "request_not_supported"],
    ["request_uri", { request_uri: "https://evil.example/request" }, "request_uri_not_supported"],
    ["web_message", { response_mode: "web_message" }, "unsupported_response_mode"],
    ["nobody signed in and no page wanted", { prompt: "none" }, "login_required"],
    ["only another vendor's scope", { scope: "acme-docs:read" }, "invalid_scope"],
    ["only unknown scopes", { scope: "everything" }, "invalid_scope"],
    ["no resource", { resource: undefined }, "invalid_target"],
    ["unknown resource", { resource: `${ISSUER}/v1/nobody` }, "invalid_target"],
    ["another origin", { resource: "https://evil.example/v1/acme-rmm" }, "invalid_target"],
    ["two resources", { resource: [RMM, DOCS] }, "invalid_target"],
    ["one resource twice", { resource: [RMM, RMM] }, "invalid_target"],
    ["fragment", { resource: `${RMM}#x` }, "invalid_target"],
    ["query", { resource: `${RMM}?x=1` }, "invalid_target"],
    ["wrong case", { resource: `${ISSUER}/v1/Acme-RMM` }, "invalid_target"],
    ["relative", { resource: "/v1/acme-rmm" }, "invalid_target"],
  ] as [string, Record<string, string | string[] | undefined>, string][])("%s", async (_case, changes, error) => {
    const to = location(await open(changes));
    expect(to).toMatch(/^http:\/\/localhost:49152\/callback[?#]/);
    const parameters = Object.fromEntries(new URLSearchParams(to.slice(to.search(/[?#]/) + 1)));
    expect(parameters).toMatchObject({ error, state: "state-1", iss: ISSUER });
    expect(parameters).not.toHaveProperty("code");
  });
});

it("has no other way in: no POST, no pushed request, no device, no userinfo (OAU-01)", async () => {
  const { url } = authorizationRequest();
  const body = new URL(url).searchParams;
  const form = { method: "POST", body };
  expect((await house.fetch(`${ISSUER}/oauth/authorize`, form)).status).toBe(404);
  for (const path of [
    "/oauth/par",
    "/oauth/request",
    "/request",
    "/device/auth",
    "/oauth/device",
    "/oauth/backchannel",
  ])
    expect([path, (await house.fetch(ISSUER + path, form)).status]).toEqual([path, 404]);
  for (const path of ["/oauth/userinfo", "/me"]) expect((await house.fetch(ISSUER + path)).status).toBe(404);
});

it("asks for consent on the second run and in a second browser alike (OAU-20)", async () => {
  await person.connect("acme-rmm");
  const browser = new Browser(house);
  const first = await walk(browser, authorizationRequest().url, { person });
  const second = await walk(browser, authorizationRequest().url, { person });
  expect([first.prompts, second.prompts]).toEqual([
    ["login", "consent"],
    ["login", "consent"],
  ]);
});
