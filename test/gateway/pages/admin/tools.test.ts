import { beforeEach, describe, expect, it } from "vitest";
import { acme, lockOf } from "../../acme.ts";
import { decidedBy } from "../../policies.ts";
import { fakeClock, scratch, type TestApp, testApp } from "../../support.ts";
import { visitor } from "../visitor.ts";
import { visitorAs } from "./admin.ts";

const HERE = "/admin/tools";
const vendor = acme();

let app: TestApp;
let ann: Awaited<ReturnType<typeof visitorAs>>;
beforeEach(async () => {
  app = await testApp({ vendors: [vendor], lock: lockOf(vendor), now: fakeClock().now });
  ann = await visitorAs(app, "owner");
});
const policy = () => decidedBy(app.db, ann.org);

describe("the tools' pages (UI-07)", () => {
  it("show every tool with for whom it is listed, and find them by words, vendor, kind and state", async () => {
    const { body } = await ann.get(HERE);
    expect(body).toContain("6 tools, 3 of them listed for somebody.");
    expect(body).toMatch(/acme_list_things[\s\S]*?all but auditor/);
    expect(body).toMatch(/acme_wipe_thing[\s\S]*?nobody/);
    const names = async (query: string) => [...(await ann.get(`${HERE}?${query}`)).body.matchAll(/<code>(acme_\w+)</g)].map(([, name]) => name); // biome-ignore format: one thought
    expect(await names("q=rename+thing")).toEqual(["acme_rename_thing"]);
    expect(await names("access=reveal")).toEqual(["acme_reveal_key"]);
    expect(await names("state=listed")).toEqual(["acme_fail", "acme_list_things", "acme_wait"]);
    expect(await names("vendor=nobody")).toEqual([]);
    expect((await ann.get(`${HERE}?q=nothing+like+it`)).body).toContain("No tool fits.");
  });

  it("switch a tool off and on for the organisation, with a record (PAC-03)", async () => {
    const form = { tool: "acme_list_things", on: "false", back: `${HERE}/acme_list_things` };
    const { headers } = await ann.submit(HERE, `${HERE}/switch`, form);
    expect(headers.location).toBe(`${HERE}/acme_list_things`);
    expect((await policy()).toolsOff).toEqual(["acme_list_things"]);
    const [event] = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "policy.tool").execute();
    expect(event).toMatchObject({ tool: "acme_list_things", actor_id: ann.user.id });
    const page = await ann.get(`${HERE}/acme_list_things`);
    expect(page.body).toContain('<span class="pill ">Off</span>');
    expect(page.body).toContain("acme_list_things is switched off in");
    await ann.submit(HERE, `${HERE}/switch`, { tool: "acme_list_things", on: "true", back: "//evil.example" });
    expect((await policy()).toolsOff).toEqual([]);
    expect((await ann.submit(HERE, `${HERE}/switch`, { tool: "nothing", on: "false" })).statusCode).toBe(404);
    expect((await ann.get(`${HERE}/nothing`)).statusCode).toBe(404);
  });

  it("hold a changed tool until its differences are read and accepted, and take an acceptance back (TEN-10)", async () => {
    const DATA_DIR = scratch();
    const before = await testApp({ vendors: [vendor], lock: lockOf(vendor), env: { DATA_DIR } });
    const first = await visitorAs(before, "owner");
    await first.submit(HERE, `${HERE}/mode`, { hold: "true" });
    expect((await first.get(HERE)).body).not.toContain("nobody accepted");
    await before.close();

    const [list, ...others] = vendor.tools.filter(({ name }) => name === "acme_list_things").concat(vendor.tools.filter(({ name }) => name !== "acme_list_things")); // biome-ignore format: one thought
    const changed = { ...vendor, tools: [{ ...list!, description: "All things of the account, and more." }, ...others] };
    const after = await testApp({ vendors: [changed], lock: lockOf(changed), env: { DATA_DIR } });
    const again = visitor(after, first.cookies.get("session"));
    const held = await again.get(HERE);
    expect(held.body).toContain('<span class="pill warn">New version held</span>');
    expect(held.body).toContain("<strong>1</strong> tools have a version that nobody accepted");
    const page = `${HERE}/acme_list_things`;
    expect((await again.get(page)).body).toMatch(/Since the version that was accepted:[\s\S]*<li>description changed<\/li>/);
    const accepted = async () => (await decidedBy(after.db, first.org)).accepted?.["acme_list_things"];
    const old = await accepted();
    await again.submit(page, `${HERE}/accept`, { tool: "acme_list_things", accept: "true", back: page });
    expect(await accepted()).not.toBe(old);
    expect((await again.get(page)).body).toContain("The tool is as it was accepted.");
    await again.submit(page, `${HERE}/accept`, { tool: "acme_list_things", accept: "false", back: page });
    expect(await accepted()).toBeUndefined();
    expect((await again.get(page)).body).toContain("Nobody has accepted this tool yet.");
    await again.submit(HERE, `${HERE}/accept-all`, {});
    expect(await accepted()).toMatch(/./);
    await after.close();
  }); // biome-ignore format: one thought

  it("are looked after by operators, and by nobody without the right (TEN-02)", async () => {
    const operator = await visitorAs(app, "operator");
    expect((await operator.submit(HERE, `${HERE}/switch`, { tool: "acme_fail", on: "false" })).statusCode).toBe(303);
    const member = await visitorAs(app, "member");
    expect((await member.get(HERE)).statusCode).toBe(403);
    expect((await member.post(`${HERE}/switch`, { tool: "acme_fail", on: "true" })).statusCode).toBe(403);
  });
});
