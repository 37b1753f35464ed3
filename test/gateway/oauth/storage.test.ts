import { afterAll, beforeAll, expect, it } from "vitest";
import { authorizationRequest, Browser, exchange, json, location, refresh, type Tokens, walk } from "./browser.ts";
import { type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Each value that would let whoever reads it in, at the moment at which it is worth something. */
it("stores no token, code, cookie or client secret, at no step of a flow (OAU-23)", async () => {
  const person = await house.person();
  await person.connect("acme-rmm");
  const secrets = new Map<string, string>();
  const browser = new Browser(house);
  const nothingIn = async (step: string) => {
    for (const [key, { value }] of browser.cookies) secrets.set(`cookie ${key}`, decodeURIComponent(value));
    const dump = await house.dump();
    expect(dump).toContain(person.id);
    for (const [name, value] of secrets) {
      expect(value.length).toBeGreaterThan(15);
      expect([step, name, dump.includes(value)]).toEqual([step, name, false]);
    }
  };

  const redirect_uri = "https://app.example/callback";
  const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: "client_secret_post" };
  const client = (await (await house.fetch(`${ISSUER}/oauth/register`, json(body))).json()) as Record<string, string>;
  secrets.set("client secret", client.client_secret!);
  await nothingIn("registered");

  const request = authorizationRequest({ client_id: client.client_id, redirect_uri });
  let to = location(await browser.open(request.url));
  secrets.set("interaction", to.split("/").at(-1)!);
  await nothingIn("asked");
  for (const step of ["login", "consent"]) {
    const answer = await browser.open(`${to}/${step}`, json({ userId: person.id, signedInAt: Date.now(), scopes: [] }));
    await nothingIn(`${step} answered`);
    to = location(await browser.open(location(answer)));
    if (to.startsWith("/interaction/")) secrets.set(`interaction after ${step}`, to.split("/").at(-1)!);
    await nothingIn(`${step} resumed`);
  }
  const code = new URL(to).searchParams.get("code")!;
  secrets.set("code", code);
  await nothingIn("code given");

  const credentials = { client_id: client.client_id!, client_secret: client.client_secret!, redirect_uri };
  const first = (await (await exchange(house, code, request.verifier, credentials)).json()) as Tokens;
  secrets.set("access token", first.access_token).set("refresh token", first.refresh_token);
  await nothingIn("tokens given");
  const second = (await (await refresh(house, first.refresh_token, credentials)).json()) as Tokens;
  secrets.set("second access token", second.access_token).set("second refresh token", second.refresh_token);
  await nothingIn("refreshed");
  expect(secrets.size).toBeGreaterThan(10);
});

it("opens a sealed client secret for its own client alone", async () => {
  const body = { redirect_uris: ["https://app.example/callback"], token_endpoint_auth_method: "client_secret_post" };
  const register = async () =>
    (await (await house.fetch(`${ISSUER}/oauth/register`, json(body))).json()) as Record<string, string>;
  const [one, two] = [await register(), await register()];
  const { db } = house.app;
  const row = await db
    .selectFrom("oauth_clients")
    .select("payload")
    .where("id", "=", two.client_id!)
    .executeTakeFirstOrThrow();
  const payload = JSON.stringify({ ...JSON.parse(row.payload), client_id: one.client_id });
  await db.updateTable("oauth_clients").set({ payload }).where("id", "=", one.client_id!).execute();
  const form = { client_id: one.client_id!, client_secret: two.client_secret! };
  expect((await refresh(house, "x".repeat(43), form)).status).toBe(500);
});

it("reads the same grant in the second browser as in the first", async () => {
  const person = await house.person();
  await person.connect("acme-rmm");
  for (const browser of [new Browser(house), new Browser(house)]) {
    const { result } = await walk(browser, authorizationRequest().url, { person });
    expect(result).toHaveProperty("code");
  }
});
