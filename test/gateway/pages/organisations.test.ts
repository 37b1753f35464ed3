import { beforeEach, describe, expect, it } from "vitest";
import { putMember } from "../../../gateway/database/members.ts";
import { createOrg } from "../../../gateway/identity/organisations.ts";
import { orgsOf } from "../../../gateway/identity/orgs.ts";
import { offerOwnership } from "../../../gateway/identity/ownership.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { fakeClock, person, type TestApp, testApp } from "../support.ts";
import { tokenFor, type Visitor, visitor } from "./visitor.ts";

const clock = fakeClock();
let app: TestApp;
let ann: Awaited<ReturnType<typeof person>>;
let browser: Visitor;
beforeEach(async () => {
  app = await testApp({ now: clock.now });
  ann = await person(app);
  browser = visitor(app, ann.token);
});

const header = async (url = "/settings") => /<header>[\s\S]*<\/header>/.exec((await browser.get(url)).body)![0];
const theirs = () => orgsOf(app.db, ann.user.id);

async function another(role: Role = "owner", email = "boss@example.com", name = "Umbrella IT") {
  const boss = await person(app, email);
  const org = (await createOrg(app, { name, actor: boss.user.id })).id;
  await putMember(app.db, { org_id: org, user_id: ann.user.id, role, active: 1, created_at: clock.now() });
  return { boss, org };
}

describe("the organisations of a person (TEN-02, UI-07)", () => {
  it("are made on a page, and the browser is in the new one afterwards", async () => {
    expect(await header()).toContain('<a class="whose" href="/organisations">ann</a>');
    const empty = await browser.submit("/organisations/new", "/organisations/new", { name: " " });
    expect([empty.statusCode, empty.body]).toEqual([422, expect.stringContaining("at most 100 characters")]);
    const made = await browser.submit("/organisations/new", "/organisations/new", { name: "Umbrella <IT>" });
    expect([made.statusCode, made.headers.location]).toEqual([303, "/admin/members"]);
    const shown = await header();
    expect(shown).toContain("Umbrella &lt;IT&gt;</option>");
    expect(shown).toMatch(/<option value="org_[^"]+" selected>Umbrella/);
    expect((await theirs()).map(({ role }) => role)).toEqual(["owner", "owner"]);
  });

  it("are twenty at most that one person owns, as each has limits of its own", async () => {
    for (let n = 2; n < 20; n++) await createOrg(app, { name: `Number ${n}`, actor: ann.user.id });
    await another("admin"); // what others own does not count
    const make = () => browser.submit("/organisations/new", "/organisations/new", { name: "One more" });
    expect((await make()).statusCode).toBe(303);
    const refused = await make();
    expect([refused.statusCode, refused.body]).toEqual([403, expect.stringContaining("Nobody owns more than 20.")]);
  });

  it("are switched from the header of every page, and the browser stays where it was", async () => {
    const { org } = await another("operator");
    const page = await browser.get("/settings/vendors");
    const form = { form_token: tokenFor(page.body, "/organisations/switch"), org, next: "/settings/vendors" };
    const switched = await browser.post("/organisations/switch", form);
    expect([switched.statusCode, switched.headers.location]).toEqual([303, "/settings/vendors"]);
    expect(await header()).toMatch(new RegExp(`<option value="${org}" selected>Umbrella IT`));
    expect((await browser.get("/organisations")).body).toContain("You are an operator");
  });

  it("are not entered by somebody who is no member, nor left open to another site's address (TEN-05)", async () => {
    const { boss, org } = await another();
    const eve = await person(app, "eve@example.com");
    for (const wanted of [eve.org, boss.org, "org_none", ""]) {
      const answer = await browser.submit("/organisations", "/organisations/switch", { org: wanted });
      expect(answer.statusCode, wanted).toBe(404);
    }
    const away = await browser.submit("/organisations", "/organisations/switch", { org, next: "//evil.example/" });
    expect(away.headers.location).toBe("/settings");
    expect((await browser.post("/organisations/switch", { org: ann.org })).statusCode).toBe(403);
  });

  it("do not take a form that was opened in another one (TEN-05)", async () => {
    const { org } = await another("owner");
    const before = (await browser.get("/settings")).body;
    await browser.submit("/organisations", "/organisations/switch", { org });
    const late = await browser.post("/settings/writes", {
      form_token: tokenFor(before, "/settings/writes"),
      enabled: "true",
    });
    expect([late.statusCode, late.body]).toEqual([403, expect.stringContaining("out of date")]);
    expect(await app.db.selectFrom("policies").selectAll().execute()).toEqual([]);
  });

  it("send a person who looks after nothing there to their settings rather than to a refusal", async () => {
    const { org } = await another("member");
    const answer = await browser.submit("/organisations", "/organisations/switch", { org, next: "/admin" });
    expect(answer.headers.location).toBe("/settings");
  });

  it("are left on a page that says what goes; the last owner stays", async () => {
    const { org } = await another("member");
    await browser.submit("/organisations", "/organisations/switch", { org });
    expect((await browser.get(`/organisations/${org}/leave`)).body).toContain("Leave Umbrella IT?");
    const left = await browser.submit(`/organisations/${org}/leave`, `/organisations/${org}/leave`);
    expect([left.statusCode, left.headers.location]).toEqual([303, "/login"]);
    expect((await browser.get("/settings")).headers.location).toContain("/login");
    expect(await theirs()).toHaveLength(1);

    browser = visitor(app, (await person(app, "bob@example.com")).token);
    await browser.submit("/organisations/new", "/organisations/new", { name: "Bobs" });
    const id = /value="(org_[^"]+)" selected>Bobs/.exec(await header())![1]!;
    const stays = await browser.submit(`/organisations/${id}/leave`, `/organisations/${id}/leave`);
    expect([stays.statusCode, stays.body]).toEqual([409, expect.stringContaining("hand it on first")]);
  });

  it("start where the person was last, when they sign in again", async () => {
    const { org } = await another("member");
    const { body } = await browser.get("/organisations");
    clock.pass(1000);
    await browser.post("/organisations/switch", { form_token: tokenFor(body, "/organisations/switch"), org });
    await browser.post("/logout");
    const login = await browser.post("/login", { email: "ann@example.com", password: "a long enough password" });
    expect(login.statusCode).toBe(303);
    expect(await header()).toMatch(new RegExp(`<option value="${org}" selected>`));
  });
});

describe("ownership that was offered (TEN-02, UI-07)", () => {
  it("is taken by who was offered it, who shows once more that it is them", async () => {
    const { boss, org } = await another("admin");
    const path = `/organisations/${org}/ownership`;
    expect((await browser.get(path)).statusCode).toBe(404);
    await offerOwnership(app, { org, actor: boss.user.id, to: ann.user.id, staysOwner: false });
    expect((await browser.get("/organisations")).body).toContain(`href="${path}"`);
    const token = tokenFor((await browser.get(path)).body, path);
    clock.pass(6 * 60_000);
    const late = await browser.post(path, { form_token: token });
    expect(late.headers.location).toBe(`/login/again?next=${encodeURIComponent(path)}`);
    await browser.submit(late.headers.location!, "/login/again", { password: "a long enough password", next: path });
    const taken = await browser.submit(path, path);
    expect(taken.headers.location).toBe("/organisations");
    expect((await theirs()).map(({ role }) => role)).toEqual(["owner", "owner"]);
    expect((await orgsOf(app.db, boss.user.id)).map(({ role }) => role)).toEqual(["owner", "admin"]);
    expect((await browser.get(path)).statusCode).toBe(404);
  });

  it("is declined, and is of no use to others", async () => {
    const { boss, org } = await another("admin");
    await offerOwnership(app, { org, actor: boss.user.id, to: ann.user.id, staysOwner: false });
    const path = `/organisations/${org}/ownership`;
    expect((await visitor(app, boss.token).get(path)).statusCode).toBe(404);
    const eve = await person(app, "eve@example.com");
    expect((await visitor(app, eve.token).get(path)).statusCode).toBe(404);
    const body = (await browser.get(path)).body;
    await browser.post(`${path}/decline`, { form_token: tokenFor(body, path) });
    expect((await theirs())[1]!.role).toBe("admin");
    expect((await browser.get(path)).statusCode).toBe(404);
  });
});
