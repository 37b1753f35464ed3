import { decodeProtectedHeader } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { Browser, walk } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
  person = await house.person();
  await person.connect("acme-rmm");
});
afterAll(() => house.close());

const customFetch = (url: string, init: RequestInit) => house.fetch(url, init);

async function complete(config: client.Configuration, redirect_uri: string, scope: string) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = scope.includes("openid") ? client.randomNonce() : undefined;
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope,
    resource: RMM,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    ...(expectedNonce && { nonce: expectedNonce }),
  });
  const { end } = await walk(new Browser(house), url.href, { person });
  const callback = new URL(end.headers.get("location")!);
  return await client.authorizationCodeGrant(
    config,
    callback,
    { pkceCodeVerifier, expectedState, expectedNonce },
    { resource: RMM },
  );
}

it.each(["oidc", "oauth2"] as const)(
  "satisfies a strict client from discovery to revocation, by %s (OAU-01, OAU-07, OAU-10)",
  async (algorithm) => {
    const config = await client.discovery(new URL(ISSUER), CIMD_CLIENT.id, undefined, client.None(), {
      algorithm,
      [client.customFetch]: customFetch as client.CustomFetch,
    });
    expect(config.serverMetadata().supportsPKCE()).toBe(true);
    const tokens = await complete(config, CIMD_CLIENT.redirect, "openid acme-rmm:read offline_access");
    expect(tokens.claims()).toMatchObject({ iss: ISSUER, aud: CIMD_CLIENT.id, sub: person.id });
    expect(decodeProtectedHeader(tokens.id_token!)).toMatchObject({ alg: "ES256" });
    expect(await verifyToken(house.app, tokens.access_token)).toMatchObject({ userId: person.id });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token!, { resource: RMM });
    expect(await verifyToken(house.app, next.access_token)).toMatchObject({ userId: person.id });
    await client.tokenRevocation(config, next.refresh_token!);
    await expect(client.refreshTokenGrant(config, next.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    });
  },
);

it("satisfies a strict client that registers itself with a secret (OAU-05)", async () => {
  const redirect_uri = "https://app.example/callback";
  const metadata = {
    redirect_uris: [redirect_uri],
    token_endpoint_auth_method: "client_secret_basic",
    client_name: "App",
  };
  const config = await client.dynamicClientRegistration(new URL(ISSUER), metadata, undefined, {
    [client.customFetch]: customFetch as client.CustomFetch,
  });
  expect(config.clientMetadata()).toMatchObject({ client_secret: expect.any(String), application_type: "native" });
  const tokens = await complete(config, redirect_uri, "acme-rmm:read acme-rmm:write");
  expect(await verifyToken(house.app, tokens.access_token)).toMatchObject({ clientName: "App" });
});

it("answers a client's mistakes with its own address and the issuer, which the client checks (OAU-02)", async () => {
  const config = await client.discovery(new URL(ISSUER), CIMD_CLIENT.id, undefined, client.None(), {
    [client.customFetch]: customFetch as client.CustomFetch,
  });
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: CIMD_CLIENT.redirect,
    scope: "acme-rmm:read",
    resource: `${ISSUER}/v1/nobody`,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  };
  const { end } = await walk(new Browser(house), client.buildAuthorizationUrl(config, parameters).href, { person });
  const callback = new URL(end.headers.get("location")!);
  await expect(client.authorizationCodeGrant(config, callback, { pkceCodeVerifier })).rejects.toMatchObject({
    error: "invalid_target",
  });
  const mixedUp = new URL(callback);
  mixedUp.searchParams.set("iss", "https://other.example");
  await expect(client.authorizationCodeGrant(config, mixedUp, { pkceCodeVerifier })).rejects.not.toMatchObject({
    error: "invalid_target",
  });
});
