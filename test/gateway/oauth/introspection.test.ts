import { afterAll, beforeAll, expect, it } from "vitest";
import { createServiceClient } from "../../../gateway/oauth/service-clients.ts";
import { json, signIn } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
  person = await house.person();
  await person.connect("acme-rmm");
});
afterAll(() => house.close());

const program = ({ org, id }: Person, name: string) =>
  createServiceClient(house.app.oauth, {
    org,
    name,
    role: "member",
    scopes: ["acme-rmm:read"],
    connections: new Map(),
    expiresAt: Date.now() + 86_400_000,
    actor: id,
  });

const introspect = async (token: string, { id, secret }: { id: string; secret?: string }) => {
  const answer = await house.fetch(`${ISSUER}/oauth/introspect`, {
    method: "POST",
    body: new URLSearchParams({ token, ...(!secret && { client_id: id }) }),
    headers: secret ? { authorization: `Basic ${btoa(`${id}:${secret}`)}` } : {},
  });
  return { status: answer.status, ...((await answer.json()) as object) };
};

it("tells a trusted program of the organisation what a token is, until it ends (OAU-06)", async () => {
  const service = await program(person, "Monitoring");
  const tokens = await signIn(house, person);
  expect(await introspect(tokens.access_token, service)).toMatchObject({
    active: true,
    sub: person.id,
    aud: RMM,
    client_id: CIMD_CLIENT.id,
    scope: "acme-rmm:read",
  });
  const body = new URLSearchParams({ token: tokens.refresh_token, client_id: CIMD_CLIENT.id });
  await house.fetch(`${ISSUER}/oauth/revoke`, { method: "POST", body });
  expect(await introspect(tokens.access_token, service)).toEqual({ status: 200, active: false });
});

it("tells nobody else: another organisation's program, a client about its own token, a wrong secret (OAU-06)", async () => {
  const tokens = await signIn(house, person);
  const other = await house.person("Eve");
  const theirs = await program(other, "Spy");
  expect(await introspect(tokens.access_token, theirs)).toEqual({ status: 200, active: false });
  expect(await introspect(tokens.access_token, CIMD_CLIENT)).toEqual({ status: 200, active: false });
  const mine = await program(person, "Mine");
  expect(await introspect(tokens.access_token, { ...mine, secret: theirs.secret })).toMatchObject({
    status: 401,
    error: "invalid_client",
  });
  const registration = { redirect_uris: ["https://app.example/cb"], gateway_kind: "service", gateway_org: person.org };
  const sly = (await (await house.fetch(`${ISSUER}/oauth/register`, json(registration))).json()) as Record<
    string,
    string
  >;
  expect(await introspect(tokens.access_token, { id: sly.client_id!, secret: sly.client_secret })).toEqual({
    status: 200,
    active: false,
  });
});

it("lets a service client not send people through consent, and ask for a token only with a resource", async () => {
  const service = await program(person, "Monitoring");
  const headers = { authorization: `Basic ${btoa(`${service.id}:${service.secret}`)}` };
  for (const grant_type of ["client_credentials", "authorization_code", "refresh_token"]) {
    const body = new URLSearchParams({ grant_type, code: "x", refresh_token: "x", redirect_uri: "https://x.example" });
    const answer = await house.fetch(`${ISSUER}/oauth/token`, { method: "POST", body, headers });
    expect([grant_type, answer.status]).toEqual([grant_type, 400]);
  }
});
