import { createHash, randomBytes } from "node:crypto";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHaloFake } from "./halopsa.ts";
import { createWorld } from "./world.ts";

const keys = { host: "acme.halopsa.com", tenant: "acme", clientId: "services-1", clientSecret: "services-secret-1" };
const fake = createHaloFake([
  { keys, world: createWorld() },
  { keys: { ...keys, host: "beta.halopsa.com", tenant: "beta" }, world: createWorld({ msp: "Beta" }) },
]);
const server = setupServer(...fake.handlers);
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterAll(() => server.close());

const { signIn, native } = fake;
const REDIRECT = "http://127.0.0.1:3100/connect/callback";
const verifier = randomBytes(32).toString("base64url");

const address = (changes: Record<string, string> = {}) =>
  `https://acme.halopsa.com/auth/authorize?${new URLSearchParams({
    tenant: "acme",
    response_type: "code",
    client_id: native.clientId,
    redirect_uri: REDIRECT,
    scope: "all offline_access",
    state: "s-1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  })}`;

const enter = (changes: Record<string, string> = {}, form: Record<string, string> = {}) =>
  fetch(address(changes), {
    method: "POST",
    body: new URLSearchParams({ username: "dana.reyes", password: "dana.reyes-at-halo-1", ...form }),
    redirect: "manual",
  });

async function codeFrom(response: Response) {
  const location = new URL(response.headers.get("location")!);
  expect(location.searchParams.get("state")).toBe("s-1");
  return location.searchParams.get("code")!;
}

async function token(form: Record<string, string>, tenant = "?tenant=acme") {
  const response = await fetch(`https://acme.halopsa.com/auth/token${tenant}`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return { status: response.status, ...((await response.json()) as Record<string, string>) };
}

const exchange = (code: string, changes: Record<string, string> = {}) =>
  token({
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT,
    client_id: native.clientId,
    code_verifier: verifier,
    ...changes,
  });

describe("Halo's authorisation server as the fake plays it (VEN-14)", () => {
  it("shows a form, takes a person's password and gives a code that is good once, with its verifier", async () => {
    expect(await (await fetch(address())).text()).toContain('<input name="username"');
    const code = await codeFrom(await enter());
    expect(await exchange(code, { code_verifier: "x".repeat(43) })).toMatchObject({
      status: 400,
      error: "invalid_grant",
    });
    const granted = await exchange(await codeFrom(await enter()));
    expect(granted).toMatchObject({ status: 200, token_type: "Bearer", expires_in: 3600, scope: "all offline_access" });
    expect(granted).toHaveProperty("refresh_token");
  });

  it("ends what came of a code when it is used again", async () => {
    const code = await codeFrom(await enter());
    const { access_token } = (await exchange(code)) as unknown as { access_token: string };
    expect(await exchange(code)).toMatchObject({ error: "invalid_grant" });
    expect(signIn.tokens.has(access_token)).toBe(false);
  });

  it("rotates refresh tokens", async () => {
    const { refresh_token } = (await exchange(await codeFrom(await enter()))) as unknown as { refresh_token: string };
    const renew = (text: string) =>
      token({ grant_type: "refresh_token", refresh_token: text, client_id: native.clientId });
    const next = await renew(refresh_token);
    expect(next).toMatchObject({ status: 200, access_token: expect.any(String) });
    expect((next as unknown as { refresh_token: string }).refresh_token).not.toBe(refresh_token);
    expect(await renew(refresh_token)).toMatchObject({ status: 400, error: "invalid_grant" });
  });

  it("gives no refresh token without offline_access", async () => {
    expect(await exchange(await codeFrom(await enter({ scope: "all" })))).not.toHaveProperty("refresh_token");
  });

  it("sends people back who deny, and nobody to an address that is not the application's", async () => {
    const denied = new URL((await enter({}, { deny: "on" })).headers.get("location")!);
    expect(denied.searchParams.get("error")).toBe("access_denied");
    for (const wrong of [
      { redirect_uri: "http://evil.example/take" },
      { client_id: "someone-else" },
      { code_challenge_method: "plain" },
      { response_type: "token" },
      { tenant: "beta" },
    ] as Record<string, string>[]) {
      const response = await enter(wrong);
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    }
    expect((await enter({}, { password: "wrong" })).status).toBe(200);
  });

  it("knows client credentials, with the tenant in the address or the body", async () => {
    const form = {
      grant_type: "client_credentials",
      client_id: "services-1",
      client_secret: "services-secret-1",
      scope: "all",
    };
    expect(await token(form)).toMatchObject({ status: 200, token_type: "Bearer" });
    expect(await token({ ...form, tenant: "acme" }, "")).toMatchObject({ status: 200 });
    expect(await token(form, "")).toMatchObject({ status: 400, error: "invalid_request" });
    expect(await token({ ...form, client_secret: "wrong" })).toMatchObject({ status: 401, error: "invalid_client" });
  });

  it("takes a token at its own host alone, and answers 401 without a body otherwise", async () => {
    const { access_token } = (await exchange(await codeFrom(await enter()))) as unknown as { access_token: string };
    const call = (host: string) =>
      fetch(`https://${host}/api/Status`, { headers: { authorization: `Bearer ${access_token}` } });
    expect((await call("acme.halopsa.com")).status).toBe(200);
    const elsewhere = await call("beta.halopsa.com");
    expect([elsewhere.status, await elsewhere.text()]).toEqual([401, ""]);
    fake.expireTokens();
    expect((await call("acme.halopsa.com")).status).toBe(401);
  });
});
