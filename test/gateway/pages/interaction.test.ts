import { createHash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { listConnections, noteOutcome } from "../../../gateway/connections/connections.ts";
import { listGrants } from "../../../gateway/oauth/grants.ts";
import { PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { monitor, papers, RIGHT } from "./sample-vendors.ts";
import { type Visitor, visitor } from "./visitor.ts";

const CIMD = "https://claude.example/client.json";
const ISSUER = "http://localhost:3100";

let app: TestApp;
let owner: { org: string; user: string };
let token: string;
let status: number;

beforeEach(async () => {
  status = 200;
  app = await testApp({
    vendors: [monitor, papers],
    lock: {},
    fetch: async () => new Response("{}", { status }),
    documents: async () =>
      Response.json({
        client_id: CIMD,
        client_name: "Claude",
        redirect_uris: ["https://claude.example/callback"],
        token_endpoint_auth_method: "none",
      }),
  });
  const ann = await person(app);
  owner = { org: ann.org, user: ann.user.id };
  token = ann.token;
});

async function register(client_name: string, redirect_uris = ["https://app.example/callback"]) {
  const payload = { client_name, redirect_uris };
  const answer = await app.inject({ method: "POST", url: "/oauth/register", payload });
  return { id: answer.json().client_id as string, redirect: redirect_uris[0]! };
}

function authorizeUrl({ id, redirect }: { id: string; redirect: string }, more: Record<string, string> = {}) {
  const challenge = createHash("sha256").update(randomBytes(32).toString("base64url")).digest("base64url");
  return `/oauth/authorize?${new URLSearchParams({
    client_id: id,
    response_type: "code",
    redirect_uri: redirect,
    code_challenge: challenge,
    code_challenge_method: "S256",
    resource: `${ISSUER}/v1/monitor`,
    scope: "monitor:read monitor:write",
    state: "s1",
    ...more,
  })}`;
}

/** Follows our own redirects until there is a page, or an address of the app. */
async function follow(who: Visitor, start: string) {
  let url = start;
  for (let hop = 0; hop < 12; hop++) {
    const answer = await who.get(url.replace(ISSUER, ""));
    const next = answer.headers.location;
    if (!next) return { url: url.replace(ISSUER, ""), body: answer.body, status: answer.statusCode };
    if (!next.startsWith("/") && !next.startsWith(ISSUER)) return { url: next, body: "", status: answer.statusCode };
    url = next;
  }
  throw new Error("Too many redirects.");
}

async function press(who: Visitor, from: string, action: string, form: Record<string, string | string[]> = {}) {
  const answer = await who.post(`${from}/${action}`, form);
  const next = answer.headers.location;
  if (!next) return { url: from, body: answer.body, status: answer.statusCode };
  return next.startsWith(ISSUER) || next.startsWith("/")
    ? await follow(who, next)
    : { url: next, body: "", status: 303 };
}

const KEYS = Object.fromEntries(Object.entries(RIGHT).map(([name, value]) => [`credential.${name}`, value]));

/** Signed in, vendor connected, on the consent page. */
async function atConsent(client: { id: string; redirect: string }, more: Record<string, string> = {}) {
  const ann = visitor(app, token);
  let page = await follow(ann, authorizeUrl(client, more));
  if (page.body.includes("Test and connect")) page = await press(ann, page.url, "connect", KEYS);
  return { ann, page };
}

it("leads through sign-in, connecting and consent back to the app (UI-01, UI-02)", async () => {
  const guest = visitor(app);
  const login = await follow(guest, authorizeUrl(await register("Robo")));
  expect(login.body).toContain("“Robo” wants to use Acme Monitor");
  const wrong = await press(guest, login.url, "login", { email: "ann@example.com", password: "not the password" });
  expect([wrong.status, wrong.body.includes("do not match")]).toEqual([401, true]);
  const connect = await press(guest, login.url, "login", { email: "ann@example.com", password: PASSWORD });
  expect(connect.body).toContain("Connect Acme Monitor");
  status = 401;
  const refused = await press(guest, connect.url, "connect", KEYS);
  expect([refused.status, refused.body.includes("does not accept these keys")]).toEqual([422, true]);
  expect(refused.body).not.toContain(RIGHT.apiSecret);
  status = 200;
  const consent = await press(guest, connect.url, "connect", KEYS);
  expect(consent.body).toContain("Allow “Robo” to use Acme Monitor?");
  const back = new URL((await press(guest, consent.url, "consent", { scope: "monitor:write" })).url);
  expect(back.origin).toBe("https://app.example");
  expect(Object.fromEntries(back.searchParams)).toMatchObject({ state: "s1", iss: ISSUER, code: expect.any(String) });
});

describe("consent (OAU-20)", () => {
  it("shows app, return address, organisation, account, person and each scope in words", async () => {
    const { page } = await atConsent(await register("Robo Assistant"));
    for (const text of [
      "Allow “Robo Assistant” to use Acme Monitor?",
      "Unregistered app",
      "<strong>app.example</strong>",
      "Organisation</dt><dd>ann<",
      "Acme Monitor account</dt><dd>Europe<",
      "ann@example.com",
      "See what you can see in Acme Monitor",
      "Change things in Acme Monitor",
      "your organisation is read-only",
    ])
      expect(page.body).toContain(text);
    expect(page.body).toMatch(/type="checkbox" name="scope" value="monitor:write" checked/);
    expect(page.body).not.toMatch(/value="monitor:read"/);
    expect(page.body).not.toContain("a program on this device");
  });

  it("names the host of an app that describes itself", async () => {
    const { page } = await atConsent({ id: CIMD, redirect: "https://claude.example/callback" });
    expect(page.body).toContain("<strong>claude.example</strong>");
    expect(page.body).not.toContain("Unregistered app");
  });

  it("warns when the answer goes to a program on this device", async () => {
    const { page } = await atConsent(await register("Local", ["http://127.0.0.1:7777/callback"]));
    expect(page.body).toContain("The answer goes to a program on this device.");
    expect(page.body).toContain("<strong>127.0.0.1</strong>");
  });

  it("prints hostile names as plain text", async () => {
    const { page } = await atConsent(await register('<img src=x onerror=1>"Claude\u202e\u200b{{7*7}}'));
    expect(page.body).toContain("“&lt;img src&#x3D;x onerror&#x3D;1&gt;&quot;Claude{{7*7}}”");
    expect(page.body).not.toMatch(/<img src=x|\u202e|\u200b/);
  });

  it("gives only what is ticked, bound to this connection", async () => {
    const { ann, page } = await atConsent(await register("Robo"));
    await press(ann, page.url, "consent");
    const [connection] = await listConnections(app.db, owner);
    const [grant] = await listGrants(app.db, { ...owner, now: app.clock.now() });
    expect(grant).toMatchObject({ clientName: "Robo", scopes: ["monitor:read"], connectionIds: [connection!.id] });
  });

  it("is asked again by the same app, and by every other", async () => {
    const client = await register("Robo");
    const { ann, page } = await atConsent(client);
    await press(ann, page.url, "consent", { scope: "monitor:write" });
    for (const again of [client, await register("Other")])
      expect((await follow(ann, authorizeUrl(again))).body).toContain("It will be able to");
  });

  it("lets the person choose among several accounts (VLT-10)", async () => {
    const { ann, page } = await atConsent(await register("Robo"));
    await ann.submit("/connect/monitor", "/connect/monitor", { ...KEYS, label: "Second" });
    const choice = await follow(ann, page.url);
    expect(choice.body).toContain("Which Acme Monitor account?");
    const first = (await listConnections(app.db, owner)).find(({ label }) => label === "Europe")!;
    await press(ann, choice.url, "consent", { "account.monitor": first.id });
    const [grant] = await listGrants(app.db, { ...owner, now: app.clock.now() });
    expect(grant?.connectionIds).toEqual([first.id]);
  });

  it("goes back to the app without access when refused", async () => {
    const { ann, page } = await atConsent(await register("Robo"));
    const back = new URL((await press(ann, page.url, "abort")).url);
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(await listGrants(app.db, { ...owner, now: app.clock.now() })).toEqual([]);
  });
});

describe("whose authorization it is", () => {
  it("belongs to the browser that began it (OAU-22)", async () => {
    const { page } = await atConsent(await register("Robo"));
    const other = visitor(app, token);
    for (const answer of [await other.get(page.url), await other.post(`${page.url}/consent`)]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain("This sign-in is over");
    }
  });

  it("starts over when another person has signed in meanwhile (OAU-22)", async () => {
    const { ann, page } = await atConsent(await register("Robo"));
    await person(app, "bob@example.com").then(({ token }) => ann.cookies.set("session", token));
    const posted = await press(ann, page.url, "consent", { scope: "monitor:write" });
    expect(posted.body).toContain("Sign in");
    expect(ann.cookies.has("session")).toBe(false);
    expect(await app.db.selectFrom("oauth_grants").selectAll().execute()).toEqual([]);
  });

  it("lets the person sign in as somebody else", async () => {
    const { ann, page } = await atConsent(await register("Robo"));
    const login = await press(ann, page.url, "switch");
    expect(login.body).toContain('type="password"');
    expect((await visitor(app, token).get("/settings")).headers.location).toContain("/login");
  });

  it("asks who is signed in for the password when the app wants that", async () => {
    const ann = visitor(app, token);
    const client = await register("Robo");
    expect((await follow(ann, authorizeUrl(client))).body).toContain("Test and connect");
    expect((await follow(ann, authorizeUrl(client, { prompt: "login" }))).body).toContain('type="password"');
  });

  it("asks for new keys when the vendor refuses the stored ones, and replaces them", async () => {
    await atConsent(await register("Robo"));
    const [connection] = await listConnections(app.db, owner);
    await noteOutcome(app, connection!, { code: "VENDOR_AUTH" });
    const ann = visitor(app, token);
    const page = await follow(ann, authorizeUrl(await register("Robo")));
    expect(page.body).toContain("Test and connect");
    expect(page.body).toContain('value="AK-1"');
    const consent = await press(ann, page.url, "connect", KEYS);
    expect(consent.body).toContain("It will be able to");
    expect(await listConnections(app.db, owner)).toMatchObject([{ id: connection!.id, version: 2, status: "active" }]);
  });
});

it("tells a person in our own words and look when the request itself is wrong", async () => {
  const answer = await visitor(app).get("/oauth/authorize?client_id=unknown");
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain("Unknown application");
  expect(answer.body).toContain('<link rel="stylesheet"');
});
