import { beforeEach, describe, expect, it } from "vitest";
import { decidedBy } from "../policies.ts";
import { person, type TestApp, testApp } from "../support.ts";
import { monitor, papers } from "./sample-vendors.ts";
import { type Visitor, visitor } from "./visitor.ts";

const ACTION = "/settings/vendors/extended";
const more = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...monitor.tools[0]!,
    name: `monitor_more_${index}`,
    extended: true,
  }));
const wide = { ...monitor, tools: [...monitor.tools, ...more(3)] };

let app: TestApp;
let ann: Visitor;
let owner: { org: string; user: string };

async function open(vendor: typeof monitor) {
  app = await testApp({ vendors: [vendor, papers], lock: {} });
  const { user, org, token } = await person(app);
  ann = visitor(app, token);
  owner = { org, user: user.id };
}

const policy = () => decidedBy(app.db, owner.org);

beforeEach(() => open(wide));

describe("the switch of a vendor's extended tools (UI-04)", () => {
  it("is off at first, and there only where a vendor has such tools", async () => {
    const { body } = await ann.get("/settings/vendors");
    expect(body).toMatch(/Extended tools<\/strong><span class="pill ">Off/);
    expect(body).toContain("3 more tools, each one operation of Acme Monitor as it is.");
    expect(body.split(`action="${ACTION}"`)).toHaveLength(2);
    expect(body).not.toMatch(/Extended tools[\s\S]*Paper Shelf[\s\S]*Extended tools/);
  });

  it("changes the policy of the organisation, with a record of who did it (TEN-06)", async () => {
    const done = await ann.submit("/settings/vendors", ACTION, { vendor: "monitor", enabled: "true" });
    expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/vendors#vendor-monitor"]);
    expect(await policy()).toMatchObject({ extended: ["monitor"], version: 2 });
    expect((await ann.get("/settings/vendors")).body).toMatch(/Extended tools<\/strong><span class="pill warn">On/);
    await ann.submit("/settings/vendors", ACTION, { vendor: "monitor", enabled: "true" });
    expect((await policy()).version).toBe(2);
    await ann.submit("/settings/vendors", ACTION, { vendor: "monitor", enabled: "false" });
    expect(await policy()).toMatchObject({ extended: [], version: 3 });
    const rows = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "policy.extended").execute();
    expect(rows.map(({ actor_id, vendor, detail }) => [actor_id, vendor, JSON.parse(detail)])).toEqual([
      [owner.user, "monitor", { enabled: true, changed: ["extended"], policyVersion: 2 }],
      [owner.user, "monitor", { enabled: false, changed: ["extended"], policyVersion: 3 }],
    ]);
  });

  it("takes our own form alone, and vendors that have such tools", async () => {
    expect((await ann.post(ACTION, { vendor: "monitor", enabled: "true" })).statusCode).toBe(403);
    for (const vendor of ["papers", "nobody"])
      expect((await ann.submit("/settings/vendors", ACTION, { vendor, enabled: "true" })).statusCode).toBe(404);
    expect((await policy()).extended).toEqual([]);
    expect((await visitor(app).post(ACTION, { vendor: "monitor", enabled: "true" })).statusCode).not.toBe(200);
  });

  it("is for owners and administrators, and others see how it stands", async () => {
    const token = (await ann.get("/settings/vendors")).body;
    const [, form_token = ""] = new RegExp(`${ACTION}"><input[^>]+value="([^"]+)"`).exec(token) ?? [];
    await app.db.updateTable("memberships").set({ role: "member" }).where("user_id", "=", owner.user).execute();
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("Extended tools</strong>");
    expect(body).not.toContain(`action="${ACTION}"`);
    expect((await ann.post(ACTION, { form_token, vendor: "monitor", enabled: "true" })).statusCode).toBe(403);
    expect((await policy()).extended).toEqual([]);
  });

  it("warns when more is on than assistants take from one address (MCP-02)", async () => {
    await open({ ...monitor, tools: [...monitor.tools, ...more(260)] });
    const org_id = owner.org;
    const row = {
      org_id,
      owner_id: owner.user,
      vendor: "monitor",
      label: "Main",
      fields: "{}",
      status: "active" as const,
    };
    const times = {
      last_used_at: null,
      last_ok_at: null,
      last_error: null,
      last_error_at: null,
      created_at: 0,
      updated_at: 0,
    };
    await app.db
      .insertInto("connections")
      .values({ id: "con_1", version: 1, signed_in: 0, ...row, ...times })
      .execute();
    expect((await ann.get("/settings/vendors")).body).not.toContain("Assistants take at most");
    await ann.submit("/settings/vendors", ACTION, { vendor: "monitor", enabled: "true" });
    expect((await ann.get("/settings/vendors")).body).toMatch(
      /Assistants take at most 255 tools from one address\..* \d+ extended tools are left out/,
    );
  });
});
