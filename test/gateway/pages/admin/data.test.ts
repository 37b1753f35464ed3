import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../../gateway/database/ids.ts";
import { addMember } from "../../../../gateway/database/orgs.ts";
import { connectionRow, fakeClock, person, type TestApp, testApp } from "../../support.ts";
import { monitor } from "../sample-vendors.ts";
import { KEPT, visitor } from "../visitor.ts";
import { visitorAs } from "./admin.ts";

const HERE = "/admin/data";

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
let ann: Awaited<ReturnType<typeof visitorAs>>;
let bob: Awaited<ReturnType<typeof person>>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [monitor], lock: {}, now: clock.now });
  ann = await visitorAs(app, "owner");
  bob = await person(app, "bob@example.com");
  await addMember(app.db, { org_id: ann.org, user_id: bob.user.id, role: "operator", active: 1, created_at: 0 });
  const where = await connectionRow(app, { org: ann.org, owner: bob.user.id, vendor: "monitor" });
  await app.vault.put({ ...where, version: 1 }, { apiKey: "canary-of-bob" });
});

const lines = (body: string) => body.trim().split("\n").map((one) => JSON.parse(one) as { kind: string; id?: string }); // biome-ignore format: one thought

describe("the data page (CMP-02, CMP-04, UI-07)", () => {
  it("gives a copy of everything but secrets and other organisations, and records that (CMP-04)", async () => {
    const { body, headers } = await ann.submit(HERE, `${HERE}/export`);
    expect(headers["content-type"]).toBe("application/x-ndjson");
    const rows = lines(body);
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["organisation", "member", "connection", "retention", "event"])); // biome-ignore format: one thought
    expect(rows.filter(({ kind }) => kind === "member").map(({ id }) => id).sort()).toEqual([ann.user.id, bob.user.id].sort()); // biome-ignore format: one thought
    expect(body).not.toContain("canary-of-bob");
    expect(body).not.toMatch(/"(box|wrapped|password|payload)"/);
    expect(body).not.toContain(bob.org);
    expect(body).toContain('"data.export"');
  });

  it("gives a person a copy of their own under Settings, Account (CMP-02)", async () => {
    const { body } = await ann.submit("/settings/account", "/settings/account/export");
    const rows = lines(body);
    expect(rows.filter(({ kind }) => kind === "member")).toHaveLength(1);
    expect(rows.some(({ kind }) => kind === "connection")).toBe(false);
    expect(body).not.toContain("bob@example.com");
  });

  it("erases a person after saying what follows, with a fresh sign-in: their key is gone (CMP-02)", async () => {
    const asked = await ann.submit(HERE, `${HERE}/erase`, { person: "bob@example.com" });
    expect(asked.body).toContain("Erase bob from");
    expect(asked.body).toContain("Their key here is destroyed");
    const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(asked.body.split('class="card')[1]!) ?? [];
    const done = await ann.post(`${HERE}/erase/surely`, { form_token, person: bob.user.id });
    expect([done.statusCode, done.headers.location]).toEqual([303, HERE]);
    expect(await app.db.selectFrom("user_keys").selectAll().where("org_id", "=", ann.org).execute()).toEqual([]);
    expect(await app.db.selectFrom("credentials").selectAll().where("owner_id", "=", bob.user.id).execute()).toEqual(
      [],
    );
    expect((await visitor(app, bob.token).get("/settings")).statusCode).toBe(200);
    expect((await ann.submit(HERE, `${HERE}/erase`, { person: "bob@example.com" })).statusCode).toBe(422);
  });

  it("wants to see the person again, and is for owners and admins (TEN-02)", async () => {
    clock.pass(6 * 60_000);
    for (const action of [`${HERE}/export`, `${HERE}/erase`])
      expect((await ann.submit(HERE, action, { person: bob.user.id })).headers.location).toMatch(KEPT);
    for (const role of ["operator", "auditor"] as const)
      expect((await (await visitorAs(app, role)).get(HERE)).statusCode).toBe(403);
  });

  it("reads a large organisation page by page", async () => {
    const rows = Array.from({ length: 1200 }, () => ({ id: newId("usr"), email: `${newId("usr")}@x.test`, name: "N", password: "-", created_at: 0, disabled_at: null, erased_at: null })); // biome-ignore format: one thought
    await app.db.insertInto("users").values(rows).execute();
    await app.db.insertInto("memberships").values(rows.map(({ id }) => ({ org_id: ann.org, user_id: id, role: "member" as const, active: 1, created_at: 0 }))).execute(); // biome-ignore format: one thought
    const { body } = await ann.submit(HERE, `${HERE}/export`);
    expect(lines(body).filter(({ kind }) => kind === "member")).toHaveLength(1202);
  });
});
