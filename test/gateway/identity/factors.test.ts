import { Secret, TOTP } from "otpauth";
import { beforeEach, describe, expect, it } from "vitest";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import { hasSecondFactor } from "../../../gateway/identity/factors/second-step.ts";
import { monitor } from "../pages/sample-vendors.ts";
import { tokenFor, type Visitor, visitor } from "../pages/visitor.ts";
import { fakeClock, PASSWORD, person, type TestApp, testApp } from "../support.ts";

const MINUTE = 60_000;
const HERE = "/settings/security";

let app: TestApp;
let ann: Visitor;
let user: string;
let org: string;
let clock: ReturnType<typeof fakeClock>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [monitor], lock: {}, now: clock.now });
  const made = await person(app);
  user = made.user.id;
  org = made.org;
  ann = visitor(app, made.token);
});

const codeOf = (secret: string, at = clock.now()) =>
  new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({ timestamp: at });

async function press(action: string, form: Record<string, string> = {}) {
  const { body } = await ann.get(HERE);
  return await ann.post(HERE + action, { form_token: tokenFor(body, `${HERE}/totp`) || anyToken(body), ...form });
}
const anyToken = (html: string) => /name="form_token" value="([^"]+)"/.exec(html)![1]!;

/** An authenticator app, and the recovery codes that came with it. */
async function setUp() {
  const page = await press("/totp");
  const secret = /aria-label="Key for the app">([^<]+)</.exec(page.body)![1]!.replaceAll(" ", "");
  const done = await ann.post(`${HERE}/totp/confirm`, { form_token: anyToken(page.body), code: codeOf(secret) });
  const codes = [...done.body.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code!);
  clock.pass(MINUTE);
  return { secret, codes };
}

async function withPassword(browser = visitor(app)) {
  const answer = await browser.post("/login", {
    email: "ann@example.com",
    password: PASSWORD,
    next: "/settings/vendors",
  });
  return { browser, answer };
}
const second = (browser: Visitor, code: string) => browser.post("/login/second", { code });
const isSignedIn = async (browser: Visitor) => (await browser.get("/settings")).statusCode === 200;

describe("an authenticator app", () => {
  it("is set up with a key, a QR code and a first right code, and gives ten recovery codes", async () => {
    expect(await hasSecondFactor(app.db, user)).toBe(false);
    const page = await press("/totp");
    expect(page.body).toMatch(/<path d="M\d/);
    const wrong = await ann.post(`${HERE}/totp/confirm`, { form_token: anyToken(page.body), code: "000000" });
    expect([wrong.statusCode, await hasSecondFactor(app.db, user)]).toEqual([422, false]);
    const { codes } = await setUp();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    expect(await hasSecondFactor(app.db, user)).toBe(true);
    const events = await listEvents(app.db, { org, limit: 3 });
    expect(events.map(({ type }) => type)).toContain("factor.add");
  });

  it("keeps its key sealed and its recovery codes hashed (OAU-23)", async () => {
    const { secret, codes } = await setUp();
    const rows = [
      await app.db.selectFrom("totp_secrets").selectAll().execute(),
      await app.db.selectFrom("recovery_codes").selectAll().execute(),
    ];
    for (const value of [secret, ...codes]) expect(JSON.stringify(rows)).not.toContain(value);
  });

  it("is asked for after the right password, before there is a session", async () => {
    const { secret } = await setUp();
    const { browser, answer } = await withPassword();
    expect([answer.statusCode, answer.headers.location]).toEqual([303, "/login/second"]);
    expect(await isSignedIn(browser)).toBe(false);
    expect((await browser.get("/login/second")).body).toContain("Code from your authenticator app");
    const done = await second(browser, codeOf(secret));
    expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/vendors"]);
    expect(await isSignedIn(browser)).toBe(true);
    const session = await app.db.selectFrom("sessions").selectAll().orderBy("created_at", "desc").execute();
    expect(session[0]).toMatchObject({ methods: "password totp" });
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(JSON.parse(event!.detail)).toMatchObject({ method: "password totp" });
  });

  it("gives codes that count once, one step early or late, and no more", async () => {
    const { secret } = await setUp();
    const used = codeOf(secret);
    expect((await second((await withPassword()).browser, used)).statusCode).toBe(303);
    expect((await second((await withPassword()).browser, used)).statusCode, "used").toBe(401);
    clock.pass(5 * MINUTE);
    const tries: [number, number][] = [[-2, 401], [2, 401], [-1, 303]]; // biome-ignore format: a table
    for (const [steps, status] of tries) {
      const { browser } = await withPassword();
      expect([steps, (await second(browser, codeOf(secret, clock.now() + steps * 30_000))).statusCode]).toEqual([steps, status]); // biome-ignore format: one thought
    }
    const late = await second((await withPassword()).browser, codeOf(secret, clock.now() - 60_000));
    expect(late.statusCode, "older than one that was used").toBe(401);
  });

  it("is not worn out by guessing (OAU-24)", async () => {
    const { secret } = await setUp();
    const { browser } = await withPassword();
    for (let n = 0; n < 5; n++) expect((await second(browser, "123456")).statusCode).toBe(401);
    const locked = await second((await withPassword()).browser, codeOf(secret));
    expect([locked.statusCode, locked.body.includes("Too many attempts")]).toEqual([429, true]);
    clock.pass(15 * MINUTE);
    expect((await second((await withPassword()).browser, codeOf(secret))).statusCode).toBe(303);
    const denied = await listEvents(app.db, { org, status: "denied", limit: 9 });
    expect(denied.map(({ detail }) => JSON.parse(detail).rule)).toEqual(["rate", ...Array(5).fill("second-factor")]);
  });

  it("leads to one session from one password, within five minutes, in that browser (OAU-22)", async () => {
    const { secret } = await setUp();
    const { browser } = await withPassword();
    expect((await second(visitor(app), codeOf(secret))).statusCode).toBe(400);
    const copy = visitor(app);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await second(browser, codeOf(secret))).statusCode).toBe(303);
    clock.pass(MINUTE);
    expect((await second(copy, codeOf(secret))).statusCode).toBe(400);
    const late = (await withPassword()).browser;
    clock.pass(5 * MINUTE);
    expect((await second(late, codeOf(secret))).body).toContain("This sign-in is over");
  });

  it("keeps out who was switched off between the two steps", async () => {
    const { secret } = await setUp();
    const { browser } = await withPassword();
    await app.db.updateTable("users").set({ disabled_at: 1 }).where("id", "=", user).execute();
    expect((await second(browser, codeOf(secret))).statusCode).toBe(400);
    expect(browser.cookies.has("session")).toBe(false);
  });

  it("is asked for by a fresh sign-in too, which renews the same session", async () => {
    const { secret } = await setUp();
    clock.pass(6 * MINUTE);
    const { body } = await ann.get("/login/again?next=/settings/security");
    const form = { form_token: tokenFor(body, "/login/again"), password: PASSWORD, next: HERE };
    expect((await ann.post("/login/again", form)).headers.location).toBe("/login/second");
    const before = ann.cookies.get("session");
    expect((await second(ann, codeOf(secret))).headers.location).toBe(HERE);
    expect(ann.cookies.get("session")).not.toBe(before);
    const rows = await app.db.selectFrom("sessions").selectAll().execute();
    expect(rows).toMatchObject([{ methods: "password totp", authenticated_at: clock.now() }]);
  });

  it("goes with a fresh sign-in, and its recovery codes with it", async () => {
    await setUp();
    clock.pass(6 * MINUTE);
    expect((await press("/totp/remove")).headers.location).toContain("/login/again");
    await app.db.updateTable("sessions").set({ authenticated_at: clock.now() }).execute();
    await press("/totp/remove");
    expect(await hasSecondFactor(app.db, user)).toBe(false);
    expect(await app.db.selectFrom("recovery_codes").selectAll().execute()).toEqual([]);
    expect((await withPassword()).answer.headers.location).toBe("/settings/vendors");
  });

  it("cannot be replaced by setting up another one over it", async () => {
    const { secret } = await setUp();
    expect((await press("/totp")).headers.location).toBe(HERE);
    expect((await second((await withPassword()).browser, codeOf(secret))).statusCode).toBe(303);
  });
});

describe("recovery codes", () => {
  it("sign in once each, however they are typed, and say how many are left", async () => {
    const { codes } = await setUp();
    const typed = ` ${codes[3]!.toUpperCase().replaceAll("-", " ")} `;
    const { browser } = await withPassword();
    expect((await second(browser, typed)).statusCode).toBe(303);
    expect((await browser.get("/settings")).body).toContain("You have 9 recovery codes left.");
    expect((await second((await withPassword()).browser, codes[3]!)).statusCode).toBe(401);
  });

  it("are replaced all at once", async () => {
    const { codes } = await setUp();
    const page = await press("/codes");
    expect([...page.body.matchAll(/<li><code>/g)]).toHaveLength(10);
    expect((await second((await withPassword()).browser, codes[0]!)).statusCode).toBe(401);
  });
});

it("asks for a form of ours and a person who is signed in", async () => {
  for (const action of [
    "/totp",
    "/totp/confirm",
    "/totp/remove",
    "/codes",
    "/passkeys",
    "/passkeys/finish",
    "/passkeys/remove",
  ]) {
    expect([action, (await ann.post(HERE + action)).statusCode]).toEqual([action, 403]);
    expect((await visitor(app).post(HERE + action)).headers.location).toContain("/login?next=");
  }
});

it("forgets every factor of a person who is deleted (CMP-02)", async () => {
  await setUp();
  await deleteAccount(app, { userId: user });
  for (const table of ["passkeys", "totp_secrets", "recovery_codes", "pending_sign_ins"] as const)
    expect(await app.db.selectFrom(table).selectAll().execute()).toEqual([]);
});
