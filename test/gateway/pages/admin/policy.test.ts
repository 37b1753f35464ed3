import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../../gateway/database/ids.ts";
import { acme, lockOf } from "../../acme.ts";
import { decidedBy } from "../../policies.ts";
import { connectionRow, fakeClock, type TestApp, testApp } from "../../support.ts";
import { KEPT, tokenFor } from "../visitor.ts";
import { visitorAs } from "./admin.ts";

const HERE = "/admin/policy";
const vendor = acme();

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
let ann: Awaited<ReturnType<typeof visitorAs>>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [vendor], lock: lockOf(vendor), now: clock.now });
  ann = await visitorAs(app, "owner");
});

const policy = () => decidedBy(app.db, ann.org);
const events = async (type: string) =>
  (await app.db.selectFrom("audit_events").selectAll().where("type", "=", type).execute()).map(({ detail }) => JSON.parse(detail)); // biome-ignore format: one thought

/** Posts the form, and says yes where it is asked again. */
async function save(page: string, action: string, form: Record<string, string | string[]>) {
  const asked = await ann.submit(page, action, form);
  if (asked.statusCode !== 200) return { asked: undefined, done: asked };
  const fields = [...asked.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const values = new Map<string, string[]>();
  for (const [, name = "", value = ""] of fields)
    values.set(name, [...(values.get(name) ?? []), value.replaceAll("&#x3D;", "=")]);
  return { asked: asked.body, done: await ann.post(action, Object.fromEntries(values)) };
}

async function grant(client_id: string, client_name: string, scopes: string) {
  const row = { id: newId("grt"), org_id: ann.org, user_id: ann.user.id, client_id, client_name, resource: "r", vendor: "acme", connection_id: null, scopes }; // biome-ignore format: one thought
  const times = { created_at: clock.now(), last_used_at: null, expires_at: clock.now() + 1e10, revoked_at: null };
  await app.db
    .insertInto("oauth_grants")
    .values({ ...row, ...times })
    .execute();
}

describe("the policy's pages (UI-07)", () => {
  it("switch on what goes beyond reading only after a yes to what follows from it (TEN-07)", async () => {
    const { asked, done } = await save(HERE, `${HERE}/switches`, { on: "write" });
    expect(asked).toContain("<strong>Tools that change something:</strong> <del>off</del>");
    expect(asked).toContain("Assistants see tools that create and change records");
    expect([done.statusCode, done.headers.location]).toEqual([303, HERE]);
    expect(await policy()).toMatchObject({ version: 2, switches: { write: true, destroy: false, reveal: false } });
    expect(await events("policy.switches")).toEqual([{ changed: ["switches"], policyVersion: 2 }]);
    expect((await ann.get(HERE)).body).toMatch(/value="write" checked/);
    // Closing needs no second question.
    const off = await save(HERE, `${HERE}/switches`, {});
    expect([off.asked, off.done.statusCode]).toEqual([undefined, 303]);
    expect((await policy()).switches.write).toBe(false);
  });

  it("ask once more when a yes was to something else than what would change by now (TEN-06)", async () => {
    await save(HERE, `${HERE}/switches`, { on: "write" });
    const { body } = await ann.submit(HERE, `${HERE}/switches`, { on: ["write", "reveal"] });
    const confirmed = /name="confirmed" value="([^"]+)"/.exec(body)![1]!;
    await save(HERE, `${HERE}/switches`, {}); // somebody else, meanwhile
    const form_token = tokenFor(body, `${HERE}/switches`);
    const again = await ann.post(`${HERE}/switches`, { form_token, on: ["write", "reveal"], confirmed });
    expect([again.statusCode, again.body.includes("<strong>Tools that change something:</strong>")]).toEqual([
      200,
      true,
    ]);
    expect((await policy()).switches).toMatchObject({ write: false, reveal: false });
  });

  it("want to see the person again before what destroys or reveals is switched on, or fewer are asked (TEN-06, APR-01)", async () => {
    clock.pass(6 * 60_000);
    for (const [page, action, form] of [
      [HERE, `${HERE}/switches`, { on: "destroy" }],
      [`${HERE}/approvals`, `${HERE}/approvals/kinds`, { write: "none", destroy: "none", reveal: "other", waitMinutes: "10", maxHours: "8", maxUses: "50" }],
    ] as const) {
      const { done } = await save(page, action, { ...form });
      expect([done.statusCode, done.headers.location]).toEqual([303, expect.stringMatching(KEPT)]);
    }
    expect((await policy()).version).toBe(1);
    // Asking more people is never in the way.
    const stricter = { write: "other", destroy: "other", reveal: "other", waitMinutes: "5", maxHours: "0", maxUses: "1" };
    expect((await save(`${HERE}/approvals`, `${HERE}/approvals/kinds`, stricter)).done.statusCode).toBe(303);
    expect((await policy()).approvals).toMatchObject({ write: "other", waitMinutes: 5, standing: { maxHours: 0, maxUses: 1 } });
  }); // biome-ignore format: one thought

  it("keep the roles' matrix, and say what a role gains before it does (TEN-02)", async () => {
    const may = ["owner:read", "admin:read", "operator:read", "member:read", "auditor:read"];
    const { asked } = await save(HERE, `${HERE}/roles`, { may });
    expect(asked).toContain("The role auditor may read:");
    expect((await policy()).roles).toMatchObject({ owner: ["read"], auditor: ["read"], approver: [] });
  });

  it("keep answers for single tools, and know every tool's name (APR-01)", async () => {
    const page = `${HERE}/approvals`;
    const unknown = await ann.submit(page, `${page}/tools/add`, { tool: "acme_nothing", approval: "other" });
    expect([unknown.statusCode, unknown.body.includes("No tool has this name.")]).toEqual([422, true]);
    await save(page, `${page}/tools/add`, { tool: "acme_rename_thing", approval: "other" });
    expect((await policy()).approvals.tools).toEqual({ acme_rename_thing: "other" });
    const { asked } = await save(page, `${page}/tools/remove`, { tool: "acme_rename_thing" });
    expect(asked).toContain("Calls of acme_rename_thing:");
    expect((await policy()).approvals.tools).toEqual({});
    const wrong = await ann.submit(page, `${page}/kinds`, { write: "none", waitMinutes: "soon", maxHours: "8", maxUses: "50" }); // biome-ignore format: one thought
    expect([wrong.statusCode, wrong.body.includes("A number of minutes from 1 to 1440.")]).toEqual([422, true]);
  });

  it("list and block by tool, vendor, tag and access, for all or one kind of assistant (PAC-01, PAC-02)", async () => {
    const page = `${HERE}/lists`;
    const { tool } = app.catalogs.all.tools.get("acme_list_things")!;
    await save(page, `${page}/add`, { what: "vendor", name: "acme", agentType: "*", allowed: "false" });
    await save(page, `${page}/add`, { what: "tool", name: "acme_list_things", agentType: "claude.ai", allowed: "true" });
    const { permissions } = await policy();
    expect(permissions.map(({ id: _, ...one }) => one)).toEqual([
      { what: "vendor", name: "acme", agentType: "*", allowed: false },
      { what: "tool", name: "acme_list_things", agentType: "claude.ai", allowed: true },
    ]);
    const { body } = await ann.get(page);
    expect(body).toContain("Every tool of acme");
    expect(body).toContain("claude.ai");
    // The same line again, the other way round, takes its place.
    await save(page, `${page}/add`, { what: "tool", name: "acme_list_things", agentType: "claude.ai", allowed: "false" });
    expect((await policy()).permissions).toHaveLength(2);
    const { asked } = await save(page, `${page}/remove`, { id: permissions[0]!.id });
    expect(asked).toContain("Every tool of acme");
    expect((await policy()).permissions).toHaveLength(1);
    await save(page, `${page}/mode`, { unlisted: "block" });
    expect((await policy()).unlisted).toBe("block");
    const wrong = await ann.submit(page, `${page}/add`, { what: "vendor", name: "nobody", agentType: "*", allowed: "false" });
    expect(wrong.body).toContain("No vendor has this name");
    // People type the title they read.
    await save(page, `${page}/add`, { what: "tool", name: tool.title.toUpperCase(), agentType: "*", allowed: "true" });
    expect((await policy()).permissions.at(-1)).toMatchObject({ what: "tool", name: tool.name, allowed: true });
  }); // biome-ignore format: one thought

  it("keep change windows and their time zone (TEN-10)", async () => {
    const page = `${HERE}/times`;
    await save(page, `${page}/add`, { days: ["1", "2"], from: "18:00", to: "06:00" });
    await save(page, `${page}/zone`, { zone: "Europe/Berlin" });
    expect(await policy()).toMatchObject({
      windows: [{ days: [1, 2], from: "18:00", to: "06:00" }],
      timeZone: "Europe/Berlin",
    });
    expect((await ann.get(page)).body).toContain("18:00 to 06:00 the day after");
    for (const [form, text] of [
      [{ from: "18:00", to: "19:00" }, "Choose at least one day."],
      [{ days: "1", from: "six", to: "19:00" }, "A time such as 18:30."],
      [{ days: "1", from: "18:00", to: "18:00" }, "The end has to differ from the start."],
    ] as const)
      expect((await ann.submit(page, `${page}/add`, form)).body).toContain(text);
    expect((await ann.submit(page, `${page}/zone`, { zone: "Atlantis" })).statusCode).toBe(422);
    const { asked } = await save(page, `${page}/remove`, { window: "12 18:00 06:00" });
    expect(asked).toContain("Changes may be made");
    expect((await policy()).windows).toEqual([]);
  });

  it("keep assistants out, or let in only some (TEN-11)", async () => {
    await grant("client_robo", "Robo", "acme:read");
    await grant("https://claude.ai/client.json", "Claude", "acme:read");
    const page = `${HERE}/assistants`;
    const { body } = await ann.get(page);
    expect(body).toContain("“Robo”");
    expect(body).toContain("claude.ai");
    await save(page, `${page}/one`, { client: "client_robo", admit: "false" });
    expect((await policy()).clients).toEqual({ blocked: ["client_robo"], only: [] });
    await save(page, `${page}/mode`, { mode: "only" });
    expect((await policy()).clients.only).toEqual(["https://claude.ai/client.json"]);
    await save(page, `${page}/one`, { client: "client_robo", admit: "true" });
    expect((await policy()).clients).toEqual({ blocked: [], only: ["https://claude.ai/client.json", "client_robo"] });
    const { asked } = await save(page, `${page}/mode`, { mode: "all" });
    expect(asked).toContain("Assistants that are let in");
  });

  it("hide kinds of data, fields and patterns, and show on a text what that does without keeping it (TEN-12)", async () => {
    const page = `${HERE}/data`;
    await save(page, `${page}/classes`, { hidden: ["personal", "health"] });
    const rules = { fields: "note\r\ncontacts.note", patterns: "employee = EMP-#####", detectors: ["keys", "passwords", "email"] }; // biome-ignore format: one thought
    const { asked } = await save(page, `${page}/redaction`, rules);
    expect(asked).toContain("Search for cards");
    const { hiddenClasses, redaction } = await policy();
    expect(hiddenClasses).toEqual(["personal", "health"]);
    expect(redaction).toEqual({
      fields: ["note", "contacts.note"],
      patterns: [{ name: "employee", pattern: "EMP-#####" }],
      detectorsOff: ["cards", "iban", "nationalIds", "phone", "health"],
    });
    const wrong = await ann.submit(page, `${page}/redaction`, { ...rules, patterns: "all = *" });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain("“all”: at least three characters");
    const { body } = await ann.get(page);
    const form_token = tokenFor(body, `${page}/try`);
    const tried = await ann.post(`${page}/try`, { form_token, text: "Ask EMP-12345 at jo.doe@example.com" });
    expect(tried.body).toMatch(/What a model would see<\/strong><p class="copy">Ask \[[^\]]+\] at \[email\]/);
    expect((await policy()).version).toBe(3);
    const kept = JSON.stringify(await app.db.selectFrom("audit_events").selectAll().execute());
    expect(kept).not.toContain("EMP-12345");
  });

  it("tell every version with who, when and what, and put one back as a new one (TEN-10)", async () => {
    const page = `${HERE}/history`;
    await save(HERE, `${HERE}/switches`, { on: "write" });
    await save(`${HERE}/lists`, `${HERE}/lists/mode`, { unlisted: "block" });
    const { body } = await ann.get(page);
    expect(body.match(/Version \d/g)).toEqual(["Version 3", "Version 2", "Version 1"]);
    expect(body).toMatch(/Tools that change something: <del>off<\/del>[\s\S]*<ins>on<\/ins>/);
    expect(body).toContain("owner, <time");
    const { asked, done } = await save(page, `${page}/back`, { version: "2" });
    expect(asked).toContain("What no list speaks of");
    expect(done.statusCode).toBe(303);
    expect(await policy()).toMatchObject({ version: 4, unlisted: "allow", switches: { write: true } });
    expect((await save(page, `${page}/back`, { version: "99" })).done.statusCode).toBe(404);
  });

  it("explain for a person, a tool and an app what the rule says, with each question (TEN-06)", async () => {
    await connectionRow(app, { org: ann.org, owner: ann.user.id });
    await grant("client_robo", "Robo", "acme:read");
    const ask = async (query: Record<string, string>) =>
      (await ann.get(`${HERE}/why?${new URLSearchParams(query)}`)).body;
    const read = await ask({ person: "owner@example.com", tool: "acme_list_things", client: "client_robo" });
    expect(read).toContain("May be called");
    const write = await ask({ person: ann.user.id, tool: "acme_rename_thing", client: "client_robo" });
    expect(write).toMatch(/class="decided"><strong>Has the organisation switched on such tools\?/);
    expect(write).toMatch(/class="stops"><strong>Does the access cover it\?/);
    expect(await ask({ person: "owner@example.com", tool: "acme_nothing", client: "" })).toContain("No tool has this name.");
    expect(await ask({ person: "nobody@example.com", tool: "acme_fail", client: "" })).toContain("Nobody here has this address.");
  }); // biome-ignore format: one thought

  it("are read by auditors without a single button, and refused to others with the roles that may (TEN-02)", async () => {
    const auditor = await visitorAs(app, "auditor");
    const pages = ["", "/approvals", "/lists", "/times", "/assistants", "/data", "/history", "/why"];
    for (const page of pages) {
      const { statusCode, body } = await auditor.get(`${HERE}${page}`);
      expect([page, statusCode]).toEqual([page, 200]);
      expect(body).not.toMatch(/>(Save|Add|Remove|Put back)/);
    }
    const form_token = tokenFor((await auditor.get(HERE)).body, `${HERE}/switches`);
    expect((await auditor.post(`${HERE}/switches`, { form_token, on: "write", confirmed: "yes" })).statusCode).toBe(403);
    const operator = await visitorAs(app, "operator");
    const refused = await operator.get(HERE);
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain("This page is for owners, admins and auditors");
  }); // biome-ignore format: one thought

  it("take nothing without the form's own token, nor from another organisation's page", async () => {
    const bob = await visitorAs(app, "owner", "bob@example.com");
    const foreign = tokenFor((await bob.get(HERE)).body, `${HERE}/switches`);
    for (const form_token of ["", foreign])
      expect((await ann.post(`${HERE}/switches`, { form_token, on: "write", confirmed: "yes" })).statusCode).toBe(403);
    expect((await policy()).version).toBe(1);
    expect((await bob.get(`${HERE}/why?person=owner@example.com&tool=acme_fail`)).body).toContain("Nobody here has this address."); // biome-ignore format: one thought
  });
});
