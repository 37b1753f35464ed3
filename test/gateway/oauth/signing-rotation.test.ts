import { generateKeyPairSync } from "node:crypto";
import { decodeProtectedHeader } from "jose";
import * as client from "openid-client";
import { expect, it, onTestFinished } from "vitest";
import { Browser, walk } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

const key = (kid: string) => ({
  ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
  kid,
});
const [OLD, NEW] = [key("old"), key("new")];

/** The gateway after a restart with these keys, and somebody who signs in. */
async function restarted(...keys: object[]): Promise<{ house: House; person: Person }> {
  const house = await openHouse({ SIGNING_KEYS: JSON.stringify(keys) });
  onTestFinished(() => house.close());
  const person = await house.person();
  await person.connect("acme-rmm");
  return { house, person };
}

/** A program that checks signatures, and keeps the public keys that it has read. */
async function program(house: House) {
  const at = { house };
  const customFetch = ((url: string, init: RequestInit) => at.house.fetch(url, init)) as client.CustomFetch;
  const config = await client.discovery(new URL(ISSUER), CIMD_CLIENT.id, undefined, client.None(), {
    [client.customFetch]: customFetch,
  });
  client.enableNonRepudiationChecks(config);
  return { at, config };
}

/** @returns the name of the key that signed */
async function signIn(
  { at, config }: Awaited<ReturnType<typeof program>>,
  { house, person }: Awaited<ReturnType<typeof restarted>>,
) {
  at.house = house;
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CIMD_CLIENT.redirect,
    scope: "openid acme-rmm:read",
    resource: RMM,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
  });
  const { end } = await walk(new Browser(house), url.href, { person });
  const checks = { pkceCodeVerifier, expectedState, expectedNonce };
  const tokens = await client.authorizationCodeGrant(config, new URL(end.headers.get("location")!), checks, {
    resource: RMM,
  });
  return decodeProtectedHeader(tokens.id_token!).kid;
}

it("a signing key that is added, used and then alone is trusted at each step by programs that keep our keys (OAU-10)", async () => {
  const before = await restarted(OLD);
  expect(await signIn(await program(before.house), before)).toBe("old");
  const added = await restarted(OLD, NEW);
  const keeping = await program(added.house);
  expect(await signIn(keeping, added)).toBe("old");
  const used = await restarted(NEW, OLD);
  expect(await signIn(keeping, used)).toBe("new");
  const alone = await restarted(NEW);
  expect(await signIn(keeping, alone)).toBe("new");
  expect(await signIn(await program(alone.house), alone)).toBe("new");
});

it("one that signs before it was published is not trusted by them, which is why it is added first (OAU-10)", async () => {
  const before = await restarted(OLD);
  const keeping = await program(before.house);
  expect(await signIn(keeping, before)).toBe("old");
  await expect(signIn(keeping, await restarted(NEW))).rejects.toThrow();
});
