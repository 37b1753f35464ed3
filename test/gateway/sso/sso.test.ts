import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listEvents, SYSTEM_ORG } from "../../../gateway/database/audit-events.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { addMember, addOrg } from "../../../gateway/database/orgs.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import { orgsOf } from "../../../gateway/identity/orgs.ts";
import { monitor } from "../pages/sample-vendors.ts";
import { tokenFor, type Visitor, visitor } from "../pages/visitor.ts";
import { PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { serveUpstream, type Upstream } from "../upstream.ts";

const CALLBACK = "http://localhost:3100/login/callback";
const MINUTE = 60_000;

let upstream: Upstream;
let app: TestApp;
let ahead: number;

beforeEach(async () => {
  upstream = await serveUpstream({ callback: CALLBACK });
  ahead = 0;
});
afterEach(() => upstream.close());

const open = async (env: Record<string, string> = {}) => {
  app = await testApp({
    vendors: [monitor],
    lock: {},
    now: () => Date.now() + ahead,
    env: { ...upstream.env, ...env },
  });
  return app;
};

/** Presses the provider's button; `undefined` when the page stays. */
async function leave(browser: Visitor, { page = "/login", action = "/login/sso", form = {} } = {}) {
  const { body } = await browser.get(page);
  const [, provider = ""] = /name="provider" value="([^"]+)"/.exec(body) ?? [];
  return await browser.post(action, { provider, form_token: tokenFor(body, action), ...form });
}

/** There and back. */
async function signIn(browser: Visitor, where: Parameters<typeof leave>[1] = {}, jar?: Map<string, string>) {
  const left = await leave(browser, where);
  return await browser.get(await upstream.walk(left.headers.location!, jar));
}

const sessions = () => app.db.selectFrom("sessions").selectAll().execute();
const isSignedIn = async (browser: Visitor) => (await browser.get("/settings")).statusCode === 200;

/** Ann has an account with a password, and has linked it. */
async function linked() {
  const ann = await person(app);
  const browser = visitor(app, ann.token);
  const done = await signIn(browser, { page: "/settings/account", action: "/settings/account/link" });
  expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/account"]);
  return { ...ann, browser };
}

/** An organisation that people may join. */
async function company() {
  const id = newId("org");
  const joining = { OIDC_JOIN: "operator", OIDC_ORG: id, OIDC_DOMAINS: "example.com" };
  await open(joining);
  const boss = await person(app, "boss@example.com");
  const now = app.clock.now();
  await addOrg(app.db, { ...(await orgRow()), id, name: "Example Inc", personal_of: null, created_at: now });
  await addMember(app.db, { org_id: id, user_id: boss.user.id, role: "owner", active: 1, created_at: now });
  return id;
}

const orgRow = async () => await app.db.selectFrom("orgs").selectAll().executeTakeFirstOrThrow();

describe("single sign-on (OAU-11)", () => {
  it("is offered where a provider is configured, and nowhere else", async () => {
    await open();
    const page = await visitor(app).get("/login");
    expect(page.body).toContain("Sign in with Example Inc");
    // Browsers apply it to the redirect after the post, which leads to the provider.
    expect(page.headers["content-security-policy"]).not.toContain("form-action");
    const plain = await testApp({ vendors: [monitor], lock: {} });
    expect((await visitor(plain).get("/login")).body).not.toContain("/login/sso");
  });

  it("signs in whoever linked their account, by issuer and subject, and goes where they were going", async () => {
    await open();
    const { user, org } = await linked();
    upstream.account = { ...upstream.account, email: "other@example.com", email_verified: false };
    const browser = visitor(app);
    const done = await signIn(browser, { page: "/login?next=/connect/monitor", form: { next: "/connect/monitor" } });
    expect([done.statusCode, done.headers.location]).toEqual([303, "/connect/monitor"]);
    expect(await isSignedIn(browser)).toBe(true);
    expect((await sessions()).at(-1)).toMatchObject({ user_id: user.id, methods: "sso" });
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(event).toMatchObject({ type: "sign-in", status: "success", actor_id: user.id });
    expect(JSON.parse(event!.detail)).toMatchObject({ method: "sso" });
  });

  it("asks the provider's userinfo where the token has no address", async () => {
    await upstream.close();
    upstream = await serveUpstream({ callback: CALLBACK, inToken: false });
    await open({ OIDC_DOMAINS: "example.com" });
    await linked();
    expect(await isSignedIn(await signedInBySso())).toBe(true);
    expect(upstream.requests).toContain("/me");
  });

  async function signedInBySso() {
    const browser = visitor(app);
    await signIn(browser);
    return browser;
  }

  it("leaves no state, nonce or verifier readable, and no session before the way back", async () => {
    await open();
    const browser = visitor(app);
    expect(browser.cookies.size).toBe(0);
    await browser.get("/login");
    expect(browser.cookies.size, "nothing before a post").toBe(0);
    const left = await leave(browser);
    const sent = new URL(left.headers.location!).searchParams;
    expect(sent.get("code_challenge_method")).toBe("S256");
    expect(sent.get("redirect_uri")).toBe(CALLBACK);
    const stored = JSON.stringify(await app.db.selectFrom("sso_states").selectAll().execute());
    for (const name of ["state", "nonce"]) expect(stored).not.toContain(sent.get(name));
    expect(await sessions()).toEqual([]);
  });
});

describe("the way back from a provider", () => {
  it("counts once (OAU-22)", async () => {
    await open();
    await linked();
    const browser = visitor(app);
    const back = await upstream.walk((await leave(browser)).headers.location!);
    expect((await browser.get(back)).statusCode).toBe(303);
    const again = await browser.get(back);
    expect(again.statusCode).toBe(400);
    expect(again.body).toContain("This sign-in is over");
  });

  it("is for the browser that left, and no other (OAU-22)", async () => {
    await open();
    await linked();
    const [ann, eve] = [visitor(app), visitor(app)];
    await leave(eve);
    const back = await upstream.walk((await leave(ann)).headers.location!);
    const stolen = await eve.get(back);
    expect([stolen.statusCode, await isSignedIn(eve)]).toEqual([400, false]);
    expect((await visitor(app).get(back)).statusCode).toBe(400);
    expect((await ann.get(back)).statusCode, "and a stranger's try does not use it up").toBe(303);
  });

  it("wants the state that was sent, whole and unchanged", async () => {
    await open();
    const browser = visitor(app);
    const back = await upstream.walk((await leave(browser)).headers.location!);
    const state = new URLSearchParams(back.split("?")[1]).get("state")!;
    for (const wrong of ["", "x", state.slice(1), `${state}x`, `${state}&state=${state}`])
      expect((await browser.get(back.replace(state, wrong))).statusCode, wrong).toBe(400);
    expect((await browser.get("/login/callback")).statusCode).toBe(400);
    expect(upstream.requests).not.toContain("/token");
  });

  it("is over after a quarter of an hour", async () => {
    await open();
    const browser = visitor(app);
    const back = await upstream.walk((await leave(browser)).headers.location!);
    ahead = 15 * MINUTE;
    expect((await browser.get(back)).body).toContain("This sign-in is over");
  });

  it.each([
    ["another issuer", (back: string) => back.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"), "/settings"],
    ["no issuer", (back: string) => back.replace(/&?iss=[^&]+/, ""), "/settings"],
    ["another code", (back: string) => back.replace(/code=[^&]+/, "code=abcdef"), "/settings"],
  ])("refuses an answer with %s", async (_name, change) => {
    await open();
    await linked();
    const browser = visitor(app);
    const back = await upstream.walk((await leave(browser)).headers.location!);
    const answer = await browser.get(change(back));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain("does not fit");
    expect(await isSignedIn(browser)).toBe(false);
  });

  it("refuses an identity token made for another sign-in: another nonce, another verifier", async () => {
    await open();
    await linked();
    for (const name of ["nonce", "code_challenge"]) {
      const browser = visitor(app);
      const address = new URL((await leave(browser)).headers.location!);
      address.searchParams.set(name, "A".repeat(43));
      const answer = await browser.get(await upstream.walk(address.href));
      expect([name, answer.statusCode, await isSignedIn(browser)]).toEqual([name, 400, false]);
      expect(answer.body).toContain("does not fit");
    }
  });

  it("says so when the person or the provider said no, and quotes nobody", async () => {
    await open();
    const browser = visitor(app);
    const address = new URL((await leave(browser)).headers.location!);
    const state = address.searchParams.get("state")!;
    const query = new URLSearchParams({ error: "access_denied", error_description: "<b>evil</b>", state, iss: upstream.issuer }); // biome-ignore format: one thought
    const answer = await browser.get(`/login/callback?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain("was cancelled or refused there");
    expect(answer.body).not.toContain("evil");
    expect(answer.body).toContain('href="/login?next&#x3D;%2Fsettings"');
  });
});

describe("who comes in by single sign-on", () => {
  it("is not who has the address of an account here: they link it first (OAU-11, OAU-22)", async () => {
    await open({ OIDC_JOIN: "member", OIDC_ORG: "org_x" });
    await person(app);
    const browser = visitor(app);
    const refused = await signIn(browser);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain("Sign in with your password, then link it under Settings → Account.");
    expect(await isSignedIn(browser)).toBe(false);
    expect(await app.db.selectFrom("identities").selectAll().execute()).toEqual([]);
    const [event] = await listEvents(app.db, { org: "org_x", limit: 1 });
    expect(JSON.parse(event!.detail)).toMatchObject({ rule: "sso-taken", method: "sso" });
    expect(event!.detail).not.toContain("ann@");
  });

  it("is nobody unknown where joining is off", async () => {
    await open();
    await person(app, "boss@example.com");
    const refused = await signIn(visitor(app));
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain("no account here is linked with it");
    const [event] = await listEvents(app.db, { org: SYSTEM_ORG, limit: 1 });
    expect(event).toMatchObject({ type: "sign-in", status: "denied", actor_id: "unknown" });
  });

  it("joins the operator's organisation in the operator's role, without a password, once", async () => {
    const org = await company();
    const browser = visitor(app);
    expect((await signIn(browser)).statusCode).toBe(303);
    expect(await isSignedIn(browser)).toBe(true);
    const [ann] = await app.db.selectFrom("users").selectAll().where("email", "=", "ann@example.com").execute();
    expect(ann).toMatchObject({ name: "Ann", password: "" });
    expect(await orgsOf(app.db, ann!.id)).toMatchObject([{ role: "owner" }, { id: org, role: "operator" }]);
    expect(
      (await sessions()).map(({ org_id }) => org_id),
      "and starts there",
    ).toContain(org);
    const events = await listEvents(app.db, { org, limit: 5 });
    expect(events.map(({ type }) => type)).toContain("member.join");
    await signIn(visitor(app));
    expect(await app.db.selectFrom("users").selectAll().execute()).toHaveLength(2);
    for (const password of ["", " ", PASSWORD]) {
      const { statusCode } = await visitor(app).post("/login", { email: "ann@example.com", password });
      expect(statusCode).toBe(401);
    }
  });

  it("joins once when two tabs come back together", async () => {
    await company();
    const browser = visitor(app);
    const backs = [];
    for (let tab = 0; tab < 2; tab++) backs.push(await upstream.walk((await leave(browser)).headers.location!));
    const answers = await Promise.all(backs.map((back) => browser.get(back)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    expect(await app.db.selectFrom("users").selectAll().execute()).toHaveLength(2);
  });

  it.each([
    ["an address that is not verified", { email_verified: false }, "is not verified"],
    ["no address", { email: undefined, email_verified: undefined }, "is not verified"],
    ["a foreign domain", { email: "ann@evil.example" }, "a domain that may not sign in here"],
    ["a domain that only ends so", { email: "ann@notexample.com" }, "a domain that may not sign in here"],
    ["a domain in front of the at", { email: "example.com@evil.example" }, "a domain that may not sign in here"],
  ])("is nobody with %s", async (_name, change, text) => {
    await company();
    upstream.account = { ...upstream.account, ...change };
    const refused = await signIn(visitor(app));
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain(text);
    expect(await app.db.selectFrom("users").selectAll().execute()).toHaveLength(1);
  });

  it("may have a domain that its directory has proven, in the words of Entra ID", async () => {
    await company();
    upstream.account = { sub: "u-2", email: "ANN@Example.com", xms_edov: "1", name: "Ann" };
    expect((await signIn(visitor(app))).statusCode).toBe(303);
  });

  it("keeps to the domains for those who are linked, too", async () => {
    await open({ OIDC_DOMAINS: "example.com" });
    await linked();
    upstream.account = { ...upstream.account, email: "ann@elsewhere.example" };
    const refused = await signIn(visitor(app));
    expect(refused.body).toContain("a domain that may not sign in here");
  });

  it("is nobody who was switched off or erased, neither by link nor as somebody new (OAU-04)", async () => {
    await company();
    await signIn(visitor(app));
    const ann = await app.db.selectFrom("users").selectAll().where("email", "=", "ann@example.com").executeTakeFirst();
    await app.db.updateTable("users").set({ disabled_at: 1 }).where("id", "=", ann!.id).execute();
    const off = await signIn(visitor(app));
    expect([off.statusCode, off.body.includes("switched off")]).toEqual([403, true]);
    await app.db.updateTable("users").set({ disabled_at: null }).where("id", "=", ann!.id).execute();
    await deleteAccount(app, { userId: ann!.id });
    const gone = await signIn(visitor(app));
    expect([gone.statusCode, gone.body.includes("was deleted")]).toEqual([403, true]);
    const rows = JSON.stringify(await app.db.selectFrom("identities").selectAll().execute());
    expect(rows).not.toMatch(/u-1|ann@/);
  });
});

describe("linking", () => {
  it("wants a fresh sign-in, and shows what is linked", async () => {
    await open();
    const { token } = await person(app);
    const ann = visitor(app, token);
    ahead = 5 * MINUTE;
    const turned = await leave(ann, { page: "/settings/account", action: "/settings/account/link" });
    expect(turned.headers.location).toBe("/login/again?next=%2Fsettings%2Faccount");
    ahead = 0;
    await signIn(ann, { page: "/settings/account", action: "/settings/account/link" });
    const { body } = await ann.get("/settings/account");
    expect(body).toContain("From now on you can sign in with Example Inc.");
    expect(body).toContain("ann@example.com · linked just now · not used yet");
  });

  it("does not go to whoever is signed in by then (OAU-22)", async () => {
    await open();
    const ann = await person(app);
    const eve = await person(app, "eve@example.com");
    const browser = visitor(app, ann.token);
    const left = await leave(browser, { page: "/settings/account", action: "/settings/account/link" });
    browser.cookies.set("session", eve.token);
    const refused = await browser.get(await upstream.walk(left.headers.location!));
    expect(refused.statusCode).toBe(403);
    expect(await app.db.selectFrom("identities").selectAll().execute()).toEqual([]);
  });

  it("takes no account that is somebody else's", async () => {
    await open();
    await linked();
    const eve = visitor(app, (await person(app, "eve@example.com")).token);
    const refused = await signIn(eve, { page: "/settings/account", action: "/settings/account/link" });
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain("is linked with another person here");
  });

  it("is undone with a fresh sign-in, but not for who has no other way in", async () => {
    await open();
    const { browser } = await linked();
    const undo = (who: Visitor) => leave(who, { page: "/settings/account", action: "/settings/account/unlink" });
    ahead = 6 * MINUTE;
    expect((await undo(browser)).headers.location).toContain("/login/again");
    ahead = 0;
    await undo(browser);
    expect((await browser.get("/settings/account")).body).toContain("You no longer sign in with Example Inc.");
    expect((await signIn(visitor(app))).statusCode).toBe(409);

    await company();
    const guest = visitor(app);
    await signIn(guest);
    await undo(guest);
    expect((await guest.get("/settings/account")).body).toContain("is your only way to sign in");
    expect(await app.db.selectFrom("identities").selectAll().execute()).toHaveLength(1);
  });
});

describe("a fresh sign-in at a provider", () => {
  const again = { page: "/login/again?next=/settings/account", action: "/login/again/sso", form: { next: "/settings/account" } }; // biome-ignore format: one thought

  it("renews the session of the same person", async () => {
    await open();
    const { browser, token } = await linked();
    const left = await leave(browser, again);
    expect(new URL(left.headers.location!).searchParams.get("prompt")).toBe("login");
    const done = await browser.get(await upstream.walk(left.headers.location!));
    expect(done.headers.location).toBe("/settings/account");
    expect(browser.cookies.get("session")).not.toBe(token);
    expect(await sessions()).toMatchObject([{ methods: "sso" }]);
  });

  it("is not one that the provider only remembers", async () => {
    await open();
    const { browser } = await linked();
    const jar = new Map<string, string>();
    await signIn(visitor(app), {}, jar);
    upstream.deaf = true;
    ahead = 3 * MINUTE; // by our clock it was some time ago
    const stale = await signIn(browser, again, jar);
    expect(stale.statusCode).toBe(400);
    expect(stale.body).toContain("was not fresh");
  });

  it("is nobody else's", async () => {
    await open();
    const { browser } = await linked();
    upstream.account = { sub: "u-9", email: "eve@example.com", email_verified: true };
    const refused = await signIn(browser, again);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain("is not linked with you here");
  });

  it("counts from when the person signed in there, not from when they came back", async () => {
    await open();
    await linked();
    const jar = new Map<string, string>();
    await signIn(visitor(app), {}, jar);
    ahead = 10 * MINUTE;
    const browser = visitor(app);
    await signIn(browser, {}, jar);
    expect((await sessions()).at(-1)!.authenticated_at).toBeLessThan(app.clock.now() - 9 * MINUTE);
  });

  it("lets who has no password delete their account, and set one", async () => {
    await company();
    const ann = visitor(app);
    await signIn(ann);
    expect((await ann.get("/settings/account")).body).toContain("Set a password");
    ahead = 6 * MINUTE;
    expect((await ann.get("/settings/account/delete")).headers.location).toContain("/login/again");
    expect((await ann.get("/login/again")).body).not.toContain('type="password"');
    ahead = 0;
    const set = { next: "a first long password", next2: "a first long password" };
    await ann.submit("/settings/account", "/settings/password", set);
    expect((await ann.get("/settings/account")).body).toContain("You have a password now.");
    const other = visitor(app);
    expect((await other.post("/login", { email: "ann@example.com", password: set.next })).statusCode).toBe(303);
    await app.db.updateTable("users").set({ password: "" }).where("email", "=", "ann@example.com").execute();
    const gone = await ann.submit("/settings/account/delete", "/settings/account/delete");
    expect(gone.headers.location).toBe("/");
  });
});

describe("a provider in trouble (OPS-15)", () => {
  it.each([
    ["is down", async () => void (await upstream.close())],
    ["answers with errors", async () => void Object.assign(upstream, { broken: true })],
  ])("that %s keeps nobody from the password", async (_name, trouble) => {
    await open();
    await person(app);
    await trouble();
    const ann = visitor(app);
    const stays = await leave(ann);
    expect(stays.statusCode).toBe(502);
    expect(stays.body).toContain("Signing in with Example Inc does not work at the moment");
    expect(stays.body).toContain('name="password"');
    expect((await ann.post("/login", { email: "ann@example.com", password: PASSWORD })).statusCode).toBe(303);
    if (upstream.broken) {
      upstream.broken = false;
      expect((await leave(visitor(app))).statusCode, "and it is asked again").toBe(303);
    }
  });

  it("that is slow is waited for five seconds", async () => {
    await open();
    upstream.delayMs = 30_000;
    const begin = Date.now();
    const stays = await leave(visitor(app));
    expect(stays.statusCode).toBe(502);
    expect(Date.now() - begin).toBeLessThan(8_000);
  });

  it("that breaks on the way back leads to the sign-in page", async () => {
    await open();
    const browser = visitor(app);
    const back = await upstream.walk((await leave(browser)).headers.location!);
    upstream.broken = true;
    const answer = await browser.get(back);
    expect(answer.statusCode).toBe(502);
    expect(answer.body).toContain("Sign in with your password");
    expect(answer.body).toContain("Back to signing in");
  });

  it("that calls itself otherwise is not believed", async () => {
    await open({ OIDC_ISSUER: `${upstream.issuer}/elsewhere` });
    expect((await leave(visitor(app))).statusCode).toBe(502);
  });
});

it("is asked a bounded number of times from one address (OAU-24)", async () => {
  await open();
  const browser = visitor(app);
  const statuses = [];
  for (let n = 0; n < 62; n++) statuses.push((await browser.get("/login/callback?state=x")).statusCode);
  expect(statuses.slice(0, 60).every((status) => status === 400)).toBe(true);
  expect(statuses.at(-1)).toBe(429);
});
