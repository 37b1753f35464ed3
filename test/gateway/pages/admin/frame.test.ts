import { beforeEach, describe, expect, it } from "vitest";
import { adminNav } from "../../../../gateway/pages/admin/navigation.ts";
import { looksAfterAnything, ROLES } from "../../../../gateway/policy/roles.ts";
import { type TestApp, testApp } from "../../support.ts";
import { monitor } from "../sample-vendors.ts";
import { visitor } from "../visitor.ts";
import { navOf, visitorAs } from "./admin.ts";

let app: TestApp;
beforeEach(async () => {
  app = await testApp({ vendors: [monitor], lock: {} });
});

describe("the pages of an organisation (UI-07)", () => {
  it("carry its name, the person's role and only what that role looks after", async () => {
    const owner = await visitorAs(app, "owner");
    const { statusCode, body } = await owner.get("/admin");
    expect(statusCode).toBe(200);
    const { name } = await app.db
      .selectFrom("orgs")
      .select("name")
      .where("id", "=", owner.org)
      .executeTakeFirstOrThrow();
    expect(body).toContain(`<strong>${name.replace("'", "&#x27;")}</strong>`);
    expect(body).toContain("You are an owner");
    expect(body).toMatch(/href="\/admin" aria-current="page"/);
    expect(navOf(body)[0]).toBe("/admin");
  });

  it("offer nothing that is not built", async () => {
    const built = adminNav("owner", new Set(["/admin", "/admin/usage"]), "/admin", true);
    expect(built.flatMap(({ entries }) => entries.map(({ href }) => href))).toEqual(["/admin", "/admin/usage"]);
    const owner = await visitorAs(app, "owner");
    for (const href of navOf((await owner.get("/admin")).body)) expect((await owner.get(href)).statusCode).toBe(200);
  });

  it("are linked from the header for whoever looks after something, and name who may for others (TEN-02)", async () => {
    for (const role of ROLES) {
      const someone = await visitorAs(app, role);
      const may = looksAfterAnything(role);
      expect((await someone.get("/settings")).body.includes('href="/admin"')).toBe(may);
      const { statusCode, body } = await someone.get("/admin");
      expect([role, statusCode]).toEqual([role, may ? 200 : 403]);
      if (!may) expect(body).toContain("This page is for owners, admins, operators, approvers and auditors");
    }
  });

  it("ask to sign in first", async () => {
    const { statusCode, headers } = await visitor(app).get("/admin");
    expect([statusCode, headers.location]).toEqual([303, "/login?next=%2Fadmin"]);
  });
});
