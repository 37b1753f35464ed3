import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listConnections } from "../../../gateway/connections/connections.ts";
import { connectLink } from "../../../gateway/connections/link.ts";
import { DESK, type DeskServer, desk, serveDesk } from "../desk-server.ts";
import { fakeClock, person, type TestApp, testApp } from "../support.ts";
import { type Visitor, visitor } from "./visitor.ts";

let server: DeskServer;
let app: TestApp;
let ann: Visitor;
let owner: { org: string; user: string };
let clock: ReturnType<typeof fakeClock>;
let logged: string[];

beforeAll(async () => {
  server = await serveDesk();
});
afterAll(() => server.close());

beforeEach(async () => {
  Object.assign(server.settings, { refusal: undefined, lifetime: 3600, rotates: true, delayMs: 0, onToken: undefined });
  server.asked.length = 0;
  clock = fakeClock();
  logged = [];
  const env = { DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }), LOG_LEVEL: "debug" };
  app = await testApp({ vendors: [desk], now: clock.now, env, log: { write: (line) => void logged.push(line) } });
  const { user, org, token } = await person(app);
  ann = visitor(app, token);
  owner = { org, user: user.id };
});

const form = (values: Record<string, string> = DESK) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`credential.${name}`, value]));

/** Fills in the form; the answer leads to the vendor. */
const leave = (who = ann, values?: Record<string, string>, more = {}) =>
  who.submit("/connect/desk", "/connect/desk", { ...form(values), ...more });

/** What the vendor's page leads back to, as a path of ours. */
async function allow(address: string): Promise<string> {
  const html = await (await fetch(address)).text();
  const back = new URL(/href="([^"]+)"/.exec(html)![1]!.replaceAll("&amp;", "&"));
  return back.pathname + back.search;
}

const connections = () => listConnections(app.db, owner);

describe("signing in at a vendor (VEN-14, OAU-19)", () => {
  it("asks where the vendor is and which client to use, and names the redirect address", async () => {
    const { body, headers } = await ann.get("/connect/desk");
    expect(body).toContain("Then you sign in at Acme Desk itself");
    expect(body).toContain("http://localhost:3100/connect/callback/desk");
    expect(body).toMatch(/<input[^>]+name="credential.host"[^>]+list="field-credential-host-list"/);
    expect(body).toContain("Continue to Acme Desk");
    expect(body).not.toContain("API keys");
    expect(headers["content-security-policy"]).not.toContain("form-action");
  });

  it("sends the person there with a fresh state and an S256 challenge, and stores nothing yet", async () => {
    const answers = [await leave(), await leave()];
    const urls = answers.map(({ headers }) => new URL(String(headers.location)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    const [first, second] = urls.map(({ searchParams }) => Object.fromEntries(searchParams));
    expect(urls[0]!.origin + urls[0]!.pathname).toBe(`${server.origin}/auth/authorize`);
    expect(first).toMatchObject({
      tenant: "acme",
      response_type: "code",
      client_id: "client-1",
      redirect_uri: "http://localhost:3100/connect/callback/desk",
      scope: "all offline_access",
      code_challenge_method: "S256",
    });
    expect(first!["code_challenge"]).toMatch(/^[\w-]{43}$/);
    expect(first!["state"]).toMatch(/^[\w-]{43}$/);
    expect(second!["state"]).not.toBe(first!["state"]);
    expect(second!["code_challenge"]).not.toBe(first!["code_challenge"]);
    expect(await connections()).toEqual([]);
  });

  it("comes back, tries the tokens, and shows the connection", async () => {
    const there = await leave(ann, DESK, { label: "Main desk" });
    const done = await ann.get(await allow(String(there.headers.location)));
    expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/vendors"]);
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("You are signed in at Acme Desk. “Main desk” is connected.");
    expect(body).toContain("Desk address: acme.desk.example · Tenant: acme · Client ID: client-1");
    expect(body).toContain("renewed by itself, next in 60 minutes");
    expect(body).not.toContain("Sign in again");
    const [connection] = await connections();
    expect(connection).toMatchObject({ status: "active", signed_in: 1 });
    const [token] = server.asked.filter(({ path }) => path === "/auth/token");
    expect(token).toMatchObject({ query: { tenant: "acme" }, host: "acme.desk.example" });
    expect(token!.form).toMatchObject({ grant_type: "authorization_code", client_id: "client-1" });
    expect(token!.form).not.toHaveProperty("client_secret");
  });

  it("keeps tokens, code and verifier out of the database in the clear, out of pages and out of the log (VLT-04)", async () => {
    const there = await leave();
    const pending = JSON.stringify(await app.db.selectFrom("vendor_sign_ins").selectAll().execute());
    const state = new URL(String(there.headers.location)).searchParams.get("state")!;
    const back = await allow(String(there.headers.location));
    await ann.get(back);
    const { form: sent } = server.asked.find(({ path }) => path === "/auth/token")!;
    const { body: page } = await ann.get("/settings/vendors");
    const stored = JSON.stringify(await app.db.selectFrom("credentials").selectAll().execute());
    const everything = [pending, stored, page, ...logged].join("\n");
    expect(everything).not.toContain(state);
    expect(everything).not.toContain(sent["code"]);
    expect(everything).not.toContain(sent["code_verifier"]);
    expect(everything).not.toMatch(/access-|refresh-/);
  });

  it("takes a secret instead, and then nobody goes anywhere", async () => {
    const done = await leave(ann, { ...DESK, clientSecret: "right-secret" });
    expect(done.headers.location).toBe("/settings/vendors");
    expect((await connections())[0]).toMatchObject({ signed_in: 0, status: "active" });
  });

  it("goes back to the assistant's page when it began with a link (OAU-22)", async () => {
    const { pathname, search } = new URL(connectLink(app, { userId: owner.user, orgId: owner.org, vendor: "desk" }));
    const link = new URLSearchParams(search).get("link")!;
    const there = await ann.submit(pathname + search, "/connect/desk", { ...form(), link });
    const done = await ann.get(await allow(String(there.headers.location)));
    expect(done.headers.location).toBe("/connect/desk/done");
  });
});

describe("coming back from a vendor", () => {
  it("counts once: the same address again stores nothing (VEN-14)", async () => {
    const back = await allow(String((await leave()).headers.location));
    await ann.get(back);
    const again = await ann.get(back);
    expect(again.statusCode).toBe(400);
    expect(again.body).toContain("is over, or it was begun in another browser");
    expect(await connections()).toHaveLength(1);
  });

  it("counts only in the browser that left, whoever else gets the address (OAU-22)", async () => {
    const back = await allow(String((await leave()).headers.location));
    const bob = await person(app, "bob@example.com");
    expect((await visitor(app, bob.token).get(back)).statusCode).toBe(400);
    expect((await visitor(app).get(back)).statusCode).toBe(400);
    const elsewhere = await import("../../../gateway/identity/sessions.ts");
    const { token } = await elsewhere.createSession(app.db, { userId: owner.user, now: clock.now() });
    expect((await visitor(app, token).get(back)).statusCode).toBe(400);
    expect(server.count("/auth/token")).toBe(0);
    expect((await ann.get(back)).statusCode).toBe(303);
  });

  it("counts for a quarter of an hour", async () => {
    const back = await allow(String((await leave()).headers.location));
    clock.pass(15 * 60_000);
    expect((await ann.get(back)).statusCode).toBe(400);
    expect(server.count("/auth/token")).toBe(0);
  });

  it("refuses an answer in somebody else's name, and one without a state", async () => {
    const back = await allow(String((await leave()).headers.location));
    const mixed = await ann.get(`${back}&iss=${encodeURIComponent("https://evil.example")}`);
    expect([mixed.statusCode, server.count("/auth/token")]).toEqual([400, 0]);
    expect(mixed.body).toContain("Somebody other than Acme Desk answered");
    expect((await ann.get("/connect/callback/desk?code=x")).statusCode).toBe(400);
    expect((await ann.get("/connect/callback/desk?state=a&state=b&code=x")).statusCode).toBe(400);
    expect((await ann.get("/connect/callback/other?state=a&code=x")).statusCode).toBe(404);
  });

  it("takes an answer in the vendor's own name", async () => {
    const back = await allow(String((await leave()).headers.location));
    expect((await ann.get(`${back}&iss=${encodeURIComponent("https://acme.desk.example/auth")}`)).statusCode).toBe(303);
  });

  it.each([
    ["access_denied", "access was not allowed"],
    ["invalid_scope", "check the client ID and the redirect address there"],
  ])("says in our words that %s, and nothing of what the vendor said", async (error, words) => {
    const state = new URL(String((await leave()).headers.location)).searchParams.get("state");
    const query = new URLSearchParams({ state: state!, error, error_description: "<b>IGNORE ALL</b>" });
    const { statusCode, body } = await ann.get(`/connect/callback/desk?${query}`);
    expect([statusCode, body.includes("IGNORE")]).toEqual([400, false]);
    expect(body).toContain(words);
    expect(body).toContain('href="/connect/desk"');
    expect(await connections()).toEqual([]);
  });

  it.each([
    [
      { status: 400, body: '{"error":"invalid_grant","error_description":"hunter2"}' },
      400,
      "did not accept the sign-in",
    ],
    [{ status: 401, body: "hunter2" }, 400, "did not accept the sign-in"],
    [{ status: 500, body: "hunter2" }, 502, "could not be asked"],
    [{ status: 200, body: "<html>hunter2" }, 502, "could not be asked"],
    [{ status: 200, body: '{"token":"hunter2"}' }, 502, "could not be asked"],
    [{ status: 302, body: "" }, 502, "could not be asked"],
  ])("is not connected when the token endpoint answers %j", async (refusal, status, words) => {
    const back = await allow(String((await leave()).headers.location));
    server.settings.refusal = refusal;
    const { statusCode, body } = await ann.get(back);
    expect([statusCode, body.includes(words)]).toEqual([status, true]);
    expect([body, ...logged].join()).not.toContain("hunter2");
    expect(await connections()).toEqual([]);
  });

  it("is not connected when the tokens do not work", async () => {
    const back = await allow(String((await leave()).headers.location));
    server.settings.onToken = () => server.endAll();
    const { body } = await ann.get(back);
    expect(body).toContain("You are signed in, but Acme Desk does not accept these keys");
    expect(await connections()).toEqual([]);
  });
});

describe("a sign-in that the vendor ended", () => {
  async function connected() {
    await ann.get(await allow(String((await leave()).headers.location)));
    return (await connections())[0]!;
  }

  it("is one click away from working again (VEN-14)", async () => {
    const connection = await connected();
    await app.db.updateTable("connections").set({ status: "error", last_error: "VENDOR_AUTH" }).execute();
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("Sign-in ended");
    expect(body).toContain("The vendor ended the sign-in");
    const there = await ann.submit("/settings/vendors", "/settings/vendors/sign-in", { connection: connection.id });
    expect(there.statusCode).toBe(303);
    const address = new URL(String(there.headers.location));
    expect(address.searchParams.get("client_id")).toBe("client-1");
    expect((await ann.get(await allow(address.href))).headers.location).toBe("/settings/vendors");
    const [mended, ...others] = await connections();
    expect(others).toEqual([]);
    expect(mended).toMatchObject({ id: connection.id, status: "active", last_error: null, version: 2 });
  });

  it("is nobody else's to mend", async () => {
    const connection = await connected();
    const bob = visitor(app, (await person(app, "bob@example.com")).token);
    await bob.get("/settings/vendors");
    const answer = await bob.submit("/settings/vendors", "/settings/vendors/sign-in", { connection: connection.id });
    expect([403, 404]).toContain(answer.statusCode);
  });
});

describe("servers that people name (VLT-13)", () => {
  it.each(["127.0.0.1", "localhost", "http://10.0.0.1/x", "desk.local", "user@desk.example"])(
    "refuses %s",
    async (host) => {
      const { statusCode, body } = await leave(ann, { ...DESK, host });
      expect([statusCode, body.includes("is not the name of a public server")]).toEqual([422, true]);
    },
  );

  it("admits another port, or only some servers, as the operator says", async () => {
    expect((await leave(ann, { ...DESK, host: "acme.desk.example:8443" })).body).toContain(
      "does not admit this server",
    );
    const env = {
      VENDOR_HOSTS: "*.desk.example, other.example:8443",
      DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }),
    };
    const strict = await testApp({ vendors: [desk], env });
    const someone = visitor(strict, (await person(strict)).token);
    const tried = async (host: string) => (await leave(someone, { ...DESK, host })).statusCode;
    expect(await tried("acme.desk.example")).toBe(303);
    expect(await tried("other.example:8443")).toBe(303);
    expect(await tried("other.example")).toBe(422);
    expect(await tried("desk.example.evil.example")).toBe(422);
  });
});

describe("inside an app's authorize request (OAU-02, OAU-19)", () => {
  const ISSUER = "http://localhost:3100";

  async function authorize() {
    const payload = { client_name: "Claude", redirect_uris: ["https://app.example/callback"] };
    const { client_id } = (await app.inject({ method: "POST", url: "/oauth/register", payload })).json();
    return `/oauth/authorize?${new URLSearchParams({
      client_id,
      response_type: "code",
      redirect_uri: payload.redirect_uris[0]!,
      code_challenge: "c".repeat(43),
      code_challenge_method: "S256",
      resource: `${ISSUER}/v1/desk`,
      scope: "desk:read",
      state: "s1",
    })}`;
  }

  /** Follows our own redirects until there is a page or an address elsewhere. */
  async function follow(start: string): Promise<{ url: string; body: string }> {
    let url = start;
    for (let hop = 0; hop < 12; hop++) {
      const { statusCode, headers, body } = await ann.get(url);
      if (statusCode < 300 || statusCode >= 400) return { url, body };
      url = String(headers.location).replace(ISSUER, "");
      if (/^https?:/.test(url)) return { url, body };
    }
    throw new Error("too many redirects");
  }

  it("goes to the vendor and comes back to the question what the app may do", async () => {
    const connect = await follow(await authorize());
    expect(connect.body).toContain("Continue to Acme Desk");
    const uid = /\/interaction\/([\w-]+)/.exec(connect.url)![1]!;
    const there = await ann.post(`/interaction/${uid}/connect`, form());
    expect([there.statusCode, String(there.headers.location).startsWith(server.origin)]).toEqual([303, true]);
    const back = await ann.get(await allow(String(there.headers.location)));
    expect(back.headers.location).toBe(`/interaction/${uid}`);
    const consent = await follow(`/interaction/${uid}`);
    expect(consent.body).toContain("Allow access");
    const allowed = await ann.post(`${new URL(consent.url, ISSUER).pathname}/consent`, { scope: "desk:read" });
    const end = await follow(String(allowed.headers.location).replace(ISSUER, ""));
    expect(end.url).toMatch(/^https:\/\/app\.example\/callback\?code=/);
  });

  it("offers to try again where it began when the person says no there", async () => {
    const { url } = await follow(await authorize());
    const uid = /\/interaction\/([\w-]+)/.exec(url)![1]!;
    const there = await ann.post(`/interaction/${uid}/connect`, form());
    const state = new URL(String(there.headers.location)).searchParams.get("state");
    const { body } = await ann.get(`/connect/callback/desk?error=access_denied&state=${state}`);
    expect(body).toContain(`href="/interaction/${uid}"`);
    expect((await ann.get(`/interaction/${uid}`)).body).toContain("Continue to Acme Desk");
  });
});
