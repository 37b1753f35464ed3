import { beforeEach, describe, expect, it } from "vitest";
import { listConnections } from "../../../gateway/connections/connections.ts";
import { putMember, roleOf } from "../../../gateway/database/members.ts";
import { createOrg } from "../../../gateway/identity/organisations.ts";
import { orgsOf } from "../../../gateway/identity/orgs.ts";
import { createSession } from "../../../gateway/identity/sessions.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { acme, lockOf } from "../acme.ts";
import { fakeClock, PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { KEPT, tokenFor, type Visitor, visitor } from "./visitor.ts";

const clock = fakeClock();
const HERE = "/admin/members";
let app: TestApp;
let org: string;
let boss: string;
let owner: Visitor;
beforeEach(async () => {
  const vendors = [acme()];
  app = await testApp({ now: clock.now, vendors, lock: lockOf(...vendors) });
  boss = (await person(app, "boss@example.com")).user.id;
  org = (await createOrg(app, { name: "Umbrella IT", actor: boss })).id;
  owner = await browserOf(boss);
});

const browserOf = async (userId: string, where = org) =>
  visitor(app, (await createSession(app.db, { userId, org: where, now: clock.now() })).token);

async function member(role: Role, email = `${role}@example.com`) {
  const { user } = await person(app, email);
  await putMember(app.db, { org_id: org, user_id: user.id, role, active: 1, created_at: clock.now() });
  return user.id;
}

async function invitationLink(form: Record<string, string>) {
  const answer = await owner.submit(HERE, `${HERE}/invite`, { role: "member", ...form });
  expect(answer.statusCode, answer.body).toBe(200);
  return new URL(/<code class="address">([^<]+)/.exec(answer.body)![1]!).pathname;
}

describe("the members page (UI-07, TEN-02)", () => {
  it("lists who is in, searches, and leads to each", async () => {
    await member("operator", "olga@example.com");
    const { body } = await owner.get(HERE);
    expect(body).toContain("2 members");
    expect(body).toMatch(
      /<th scope="row" class="key"><a href="\/admin\/members\/usr_[^"]+">olga<\/a><small>olga@example.com/,
    );
    const found = (await owner.get(`${HERE}?q=OLG`)).body;
    expect([found.includes("olga@example.com</small>"), found.includes("boss@example.com</small>")]).toEqual([
      true,
      false,
    ]);
    expect((await owner.get(`${HERE}?q=nobody&after=rubbish`)).body).toContain("Nobody here is called like this.");
  });

  it("goes on to the next fifty from the last name of the page", async () => {
    for (let i = 0; i < 51; i++) await member("member", `m${String(i).padStart(2, "0")}@example.com`);
    const first = (await owner.get(HERE)).body;
    const next = /href="([^"]+)" rel="next"/.exec(first)![1]!.replaceAll("&#x3D;", "=");
    const second = (await owner.get(next)).body;
    expect(second).toContain(">m50</a>");
    expect(second).toContain(">m49</a>");
    expect(second).not.toContain(">m48</a>");
    expect(second).not.toContain('rel="next"');
  });

  it("is for those who look after members; others are told who does", async () => {
    for (const role of ["operator", "approver", "auditor", "member"] as const) {
      const answer = await (await browserOf(await member(role))).get(HERE);
      expect([answer.statusCode, answer.body], role).toEqual([403, expect.stringContaining("owners and admins")]);
    }
    const admin = await (await browserOf(await member("admin"))).get(HERE);
    expect(admin.statusCode).toBe(200);
  });

  it("changes a role, and the member's next page knows", async () => {
    const olga = await member("operator", "olga@example.com");
    const browser = await browserOf(olga);
    expect((await browser.get("/admin/connections")).statusCode).toBe(200);
    const changed = await owner.submit(`${HERE}/${olga}`, `${HERE}/${olga}/role`, { role: "auditor" });
    expect(changed.headers.location).toBe(`${HERE}/${olga}`);
    expect((await browser.get("/admin/connections")).statusCode).toBe(403);
    const upward = await owner.submit(`${HERE}/${olga}`, `${HERE}/${olga}/role`, { role: "owner" });
    expect([upward.statusCode, await roleOf(app.db, { org, user: olga })]).toEqual([403, "auditor"]);
  });

  it("removes a member after saying what ends, and their browser is out at once (OAU-04)", async () => {
    const olga = await member("operator", "olga@example.com");
    const browser = await browserOf(olga);
    const elsewhere = await browserOf(olga, (await orgsOf(app.db, olga))[0]!.id);
    const page = await owner.get(`${HERE}/${olga}/remove`);
    expect(page.body).toContain("Remove olga from Umbrella IT?");
    const removed = await owner.submit(`${HERE}/${olga}/remove`, `${HERE}/${olga}/remove`);
    expect(removed.headers.location).toBe(HERE);
    expect((await browser.get("/settings")).headers.location).toContain("/login");
    expect((await elsewhere.get("/settings")).statusCode).toBe(200);
    expect((await owner.get(`${HERE}/${olga}`)).statusCode).toBe(404);
    const self = await owner.submit(`${HERE}/${boss}/remove`, `${HERE}/${boss}/remove`);
    expect(self.statusCode).toBe(409);
  });

  it("offers ownership to a member after a fresh sign-in, and takes the offer back", async () => {
    const olga = await member("admin", "olga@example.com");
    const path = `${HERE}/${olga}/ownership`;
    const token = tokenFor((await owner.get(path)).body, path);
    clock.pass(6 * 60_000);
    const late = await owner.post(path, { form_token: token, stay: "yes" });
    expect(late.headers.location).toMatch(KEPT);
    await owner.submit(late.headers.location!, "/login/again", { password: PASSWORD, next: path });
    expect((await owner.submit(path, path, { stay: "yes" })).statusCode).toBe(303);
    expect((await owner.get("/admin/organisation")).body).toContain("olga may say yes until");
    await owner.submit("/admin/organisation", "/admin/organisation/offer/withdraw");
    expect((await owner.get("/admin/organisation")).body).not.toContain("olga may say yes until");
    expect((await (await browserOf(olga)).get(path)).statusCode).toBe(403);
  });

  it("renames the organisation, and ends it when its name is typed (TEN-02)", async () => {
    const path = "/admin/organisation";
    await owner.submit(path, `${path}/name`, { name: "Umbrella & Sons" });
    expect((await owner.submit(path, `${path}/name`, { name: "" })).statusCode).toBe(422);
    const wrong = await owner.submit(`${path}/delete`, `${path}/delete`, { name: "Umbrella IT" });
    expect([wrong.statusCode, wrong.body]).toEqual([422, expect.stringContaining("This is not its name.")]);
    const admin = await browserOf(await member("admin"));
    expect((await admin.get(`${path}/delete`)).statusCode).toBe(403);
    expect((await owner.submit(`${path}/delete`, `${path}/delete`, { name: "Umbrella & Sons" })).statusCode).toBe(303);
    expect((await owner.get("/settings")).headers.location).toContain("/login");
    expect(await orgsOf(app.db, boss)).toHaveLength(1);
  });
});

describe("an invitation link (UI-07, TEN-02)", () => {
  it("takes in who is signed in with its address, and shows who else it is not for", async () => {
    const ann = await person(app, "ann@example.com");
    const eve = await person(app, "eve@example.com");
    expect((await owner.submit(HERE, `${HERE}/invite`, { role: "member" })).statusCode).toBe(422);
    expect((await owner.submit(HERE, `${HERE}/invite`, { role: "member", email: "no address" })).statusCode).toBe(422);
    const link = await invitationLink({ email: "Ann@Example.com", role: "operator" });
    expect((await owner.get(HERE)).body).toContain('class="key">ann@example.com</th>');
    const foreign = visitor(app, eve.token);
    expect((await foreign.get(link)).body).toContain("for another e-mail address");
    const forced = await foreign.post(`${link}/join`, {
      form_token: tokenFor((await foreign.get("/organisations")).body, "/logout"),
    });
    expect(forced.statusCode).toBe(403);
    const browser = visitor(app, ann.token);
    const page = await browser.get(link);
    expect(page.body).toContain("Join Umbrella IT");
    expect(page.body).toContain(
      "<strong>operator</strong> (works with tools; looks after customers, connections and tools). The invitation",
    );
    expect((await browser.submit(link, `${link}/join`)).headers.location).toBe("/settings");
    expect((await browser.get("/settings")).body).toContain("Umbrella IT</option>");
    expect(await roleOf(app.db, { org, user: ann.user.id })).toBe("operator");
    expect((await visitor(app).get(link)).statusCode).toBe(410);
  });

  it("makes an account for who has none, with the address it is for and no other", async () => {
    const link = await invitationLink({ email: "new@example.com" });
    const browser = visitor(app);
    expect((await browser.get(link)).body).toContain("I have an account: sign in");
    const form = { name: "New", email: "other@example.com", password: PASSWORD, password2: PASSWORD };
    expect((await browser.post(`${link}/account`, { ...form, password2: "x" })).statusCode).toBe(422);
    const made = await browser.post(`${link}/account`, form);
    expect([made.statusCode, made.headers.location]).toEqual([303, "/settings"]);
    const { body } = await browser.get("/settings");
    expect(body).toContain("new@example.com");
    expect(body).toMatch(/selected>Umbrella IT/);
    expect(await app.db.selectFrom("users").select("id").where("email", "=", "other@example.com").execute()).toEqual(
      [],
    );
    expect((await visitor(app).post(`${link}/account`, form)).statusCode).toBe(410);
  });

  it("lets anybody use it who has it, where that was said; an address that is taken signs in instead", async () => {
    await person(app, "ann@example.com");
    const link = await invitationLink({ open: "yes" });
    const form = { name: "Ann", email: "ann@example.com", password: PASSWORD, password2: PASSWORD };
    const taken = await visitor(app).post(`${link}/account`, form);
    expect([taken.statusCode, taken.body]).toEqual([422, expect.stringContaining("Sign in with it instead.")]);
    const login = visitor(app);
    await login.post("/login", { email: "ann@example.com", password: PASSWORD, next: link });
    expect((await login.submit(link, `${link}/join`)).statusCode).toBe(303);
  });

  it("does nothing once it is taken back", async () => {
    const link = await invitationLink({ email: "ann@example.com" });
    const { body } = await owner.get(HERE);
    const invitation = /name="invitation" value="([^"]+)"/.exec(body)![1]!;
    await owner.post(`${HERE}/invitations/revoke`, {
      form_token: tokenFor(body, `${HERE}/invitations/revoke`),
      invitation,
    });
    expect((await visitor(app).get(link)).statusCode).toBe(410);
    expect((await owner.get(HERE)).body).not.toContain("Waiting to be used");
  });
});

describe("the connections page (UI-07, VLT-10, VLT-07)", () => {
  const AT = "/admin/connections";
  const keys = (apiKey: string) => ({ "credential.apiKey": apiKey, label: "Team keys" });

  async function shared() {
    expect((await owner.get(`${AT}/new?vendor=acme`)).headers.location).toBe("/connect/acme?shared=yes");
    const form = await owner.get("/connect/acme?shared=yes");
    expect(form.body).toContain("The connection will belong to Umbrella IT");
    const made = await owner.submit("/connect/acme?shared=yes", "/connect/acme?shared=yes", keys("first"));
    expect([made.statusCode, made.headers.location]).toEqual([303, AT]);
    const [row] = await listConnections(app.db, { org, user: boss });
    return row!;
  }

  it("shares a connection, says with whom, renames, tests, replaces and revokes it", async () => {
    const { id, owner_id } = await shared();
    expect(owner_id).toBe(org);
    expect((await owner.get(AT)).body).toContain('data-label="May use it">boss');
    const olga = await member("member", "olga@example.com");
    const users = { role: "operator", person: boss, email: " OLGA@example.com" };
    await owner.submit(`${AT}/${id}`, `${AT}/${id}/users`, users);
    expect((await owner.get(AT)).body).toContain('data-label="May use it">every operator, boss, olga');
    expect((await owner.submit(`${AT}/${id}`, `${AT}/${id}/users`, { email: "nobody@example.com" })).statusCode).toBe(
      422,
    );
    const theirs = (await (await browserOf(olga)).get("/settings/vendors")).body;
    expect(theirs).toContain("Shared in Umbrella IT");
    expect(theirs).not.toContain(`connection=${id}`);
    await owner.submit(`${AT}/${id}`, `${AT}/${id}/name`, { label: "Europe" });
    expect((await owner.submit(`${AT}/${id}`, `${AT}/${id}/name`, { label: " " })).statusCode).toBe(422);
    expect((await owner.submit(AT, `${AT}/${id}/test`)).statusCode).toBe(303);
    expect((await owner.get(AT)).body).toContain("Europe");
    const replace = `/connect/acme?replace=${id}`;
    expect((await owner.submit(replace, replace, { ...keys("second"), label: "Europe" })).headers.location).toBe(AT);
    expect(await listConnections(app.db, { org, user: olga })).toMatchObject([
      { id, version: 2, owner_id: org, label: "Europe" },
    ]);
    expect((await owner.get(`${AT}/${id}/revoke`)).body).toContain("Whoever used it loses it");
    await owner.submit(`${AT}/${id}/revoke`, `${AT}/${id}/revoke`);
    expect(await listConnections(app.db, { org, user: olga })).toEqual([]);
  });

  it("shows members' own ones without a field of theirs, and ends one (UI-04)", async () => {
    const olga = await member("member", "olga@example.com");
    const browser = await browserOf(olga);
    await browser.submit("/connect/acme", "/connect/acme", { "credential.apiKey": "olga's", label: "Private name" });
    const [own] = await listConnections(app.db, { org, user: olga });
    const { body } = await owner.get(AT);
    expect(body).toContain('class="key">olga</th>');
    expect(body).not.toContain("Private name");
    expect((await owner.get(`${AT}/${own!.id}`)).statusCode).toBe(404);
    expect((await owner.get(`/connect/acme?replace=${own!.id}`)).statusCode).toBe(404);
    await owner.submit(`${AT}/${own!.id}/revoke`, `${AT}/${own!.id}/revoke`);
    expect(await listConnections(app.db, { org, user: olga })).toEqual([]);
  });

  it("renames a person's own one on their page, and nobody else's", async () => {
    const olga = await browserOf(await member("member", "olga@example.com"));
    await olga.submit("/connect/acme", "/connect/acme", { "credential.apiKey": "olga's", label: "First" });
    const path = /href="(\/settings\/vendors\/name[^"]+)"/
      .exec((await olga.get("/settings/vendors")).body)![1]!
      .replace("&#x3D;", "=");
    const connection = path.split("=")[1]!;
    const at = "/settings/vendors/name";
    expect((await olga.submit(path, at, { connection, label: " " })).statusCode).toBe(422);
    expect((await olga.submit(path, at, { connection, label: "Second" })).statusCode).toBe(303);
    expect((await olga.get("/settings/vendors")).body).toContain("<strong>Second</strong>");
    expect((await owner.get(path)).statusCode).toBe(404);
  });

  it("lets nobody share or replace without the right, nor in an organisation of one person", async () => {
    const { id } = await shared();
    const olga = await browserOf(await member("member", "olga@example.com"));
    expect((await olga.get("/connect/acme?shared=yes")).statusCode).toBe(403);
    expect((await olga.get(`/connect/acme?replace=${id}`)).statusCode).toBe(404);
    expect((await olga.get(`${AT}/${id}`)).statusCode).toBe(403);
    const alone = await person(app, "alone@example.com");
    expect((await visitor(app, alone.token).get("/connect/acme?shared=yes")).statusCode).toBe(403);
    expect((await visitor(app, alone.token).get(AT)).body).toContain("there is nobody to share with");
  });
});
