import { createHash } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import { monitor, RIGHT } from "../pages/sample-vendors.ts";
import { type Visitor, visitor } from "../pages/visitor.ts";
import { PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { serveUpstream, type Upstream } from "../upstream.ts";

const ISSUER = "http://localhost:3100";

let upstream: Upstream;
let app: TestApp;
let ann: Visitor;
let userId: string;

beforeEach(async () => {
  upstream = await serveUpstream({ callback: `${ISSUER}/login/callback` });
  const fetch = async () => new Response("{}");
  app = await testApp({ vendors: [monitor], lock: {}, fetch, env: upstream.env });
  const { user, org, token } = await person(app);
  userId = user.id;
  ann = visitor(app, token);
  await demand(org, user.id);
});
afterEach(() => upstream.close());

const demand = (org: string, actor: string) =>
  changePolicy(app, {
    org,
    actor,
    type: "policy.second-factor",
    change: (document) => ({ ...document, secondFactor: true }),
  });

const anyToken = (html: string) => /name="form_token" value="([^"]+)"/.exec(html)![1]!;

async function setUpApp(browser: Visitor) {
  const { body } = await browser.get("/settings/security");
  const page = await browser.post("/settings/security/totp", { form_token: anyToken(body) });
  const secret = /aria-label="Key for the app">([^<]+)</.exec(page.body)![1]!.replaceAll(" ", "");
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  await browser.post("/settings/security/totp/confirm", { form_token: anyToken(page.body), code });
}

describe("an organisation that demands a second factor", () => {
  it("lets a person without one do nothing but set one up, confirm who they are, or leave", async () => {
    for (const path of ["/settings", "/settings/vendors", "/connect/monitor", "/settings/tokens", "/admin"]) {
      const { statusCode, headers } = await ann.get(path);
      expect([path, statusCode, headers.location]).toEqual([path, 303, "/settings/security"]);
    }
    const { body } = await ann.get("/settings/security");
    expect(body).toContain("Your organisation asks for a second factor.");
    for (const path of ["/settings/account", "/settings/account/delete", "/login/again"])
      expect([path, (await ann.get(path)).statusCode]).toEqual([path, 200]);
    await setUpApp(ann);
    expect((await ann.get("/settings")).statusCode).toBe(200);
    expect((await ann.get("/settings/security")).body).not.toContain("asks for a second factor");
  });

  it("gives no app access through such a person, whatever is posted (OAU-20, OAU-22)", async () => {
    const step = await follow(ann, await authorize());
    expect(step.body).toContain("Your organisation asks for a second factor");
    const keys = Object.fromEntries(Object.entries(RIGHT).map(([name, value]) => [`credential.${name}`, value]));
    for (const action of ["connect", "connected", "consent"]) {
      const answer = await ann.post(`${step.url}/${action}`, action === "connect" ? keys : {});
      expect([action, answer.headers.location]).toEqual([action, step.url]);
    }
    expect(await app.db.selectFrom("connections").selectAll().execute()).toEqual([]);
    await setUpApp(ann);
    expect((await follow(ann, step.url)).body).toContain("Connect Acme Monitor");
  });

  it("is content with a provider that says it asked for two proofs, and only then (OAU-11)", async () => {
    const page = await ann.get("/settings/account");
    await there(ann, "/settings/account/link", page.body);
    for (const [amr, status] of [
      [["pwd"], 303],
      [["pwd", "mfa"], 200],
    ] as const) {
      // biome-ignore format: a table
      upstream.account = { ...upstream.account, amr };
      const browser = visitor(app);
      await there(browser, "/login/sso", (await browser.get("/login")).body);
      expect([amr, (await browser.get("/settings")).statusCode]).toEqual([amr, status]);
    }
    const rows = await app.db.selectFrom("sessions").select("methods").where("user_id", "=", userId).execute();
    expect(rows.map(({ methods }) => methods).sort()).toEqual(["password", "sso", "sso mfa"]);
  });

  it("asks at the password as before, and nobody of another organisation", async () => {
    const eve = visitor(app, (await person(app, "eve@example.com")).token);
    expect((await eve.get("/settings")).statusCode).toBe(200);
    const browser = visitor(app);
    const { headers } = await browser.post("/login", { email: "ann@example.com", password: PASSWORD });
    expect(headers.location).toBe("/settings");
    expect((await browser.get("/settings")).headers.location).toBe("/settings/security");
  });
});

/** To the provider and back. */
async function there(browser: Visitor, action: string, html: string) {
  const [, provider = ""] = /name="provider" value="([^"]+)"/.exec(html) ?? [];
  const form = html.split("<form ").find((part) => part.includes(`action="${action}"`)) ?? "";
  const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(form) ?? [];
  const left = await browser.post(action, { provider, form_token });
  await browser.get(await upstream.walk(left.headers.location!));
}

async function authorize() {
  const payload = { client_name: "Robo", redirect_uris: ["https://app.example/callback"] };
  const { client_id } = (await app.inject({ method: "POST", url: "/oauth/register", payload })).json();
  return `/oauth/authorize?${new URLSearchParams({
    client_id,
    response_type: "code",
    redirect_uri: "https://app.example/callback",
    code_challenge: createHash("sha256").update("v".repeat(43)).digest("base64url"),
    code_challenge_method: "S256",
    resource: `${ISSUER}/v1/monitor`,
    scope: "monitor:read",
    state: "s1",
  })}`;
}

async function follow(browser: Visitor, start: string) {
  let url = start;
  for (let hop = 0; hop < 12; hop++) {
    const { headers, body } = await browser.get(url.replace(ISSUER, ""));
    if (!headers.location) return { url: url.replace(ISSUER, ""), body };
    url = headers.location;
  }
  throw new Error("Too many redirects.");
}
