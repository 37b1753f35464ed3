import { afterAll, describe, expect, it } from "vitest";
import { inSystemScope } from "../../../gateway/database/scope.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { person, testApp } from "../support.ts";

const server = await startPostgres();

if (!("missing" in server)) {
  afterAll(() => server.stop());

  describe("with PostgreSQL, where a request reaches one organisation's rows alone", () => {
    it("a guest's own organisation is not taken for the first, and figures are those of all (API-03, API-04, OPS-14)", async () => {
      const env = { DATABASE_URL: await server.newOwnDatabase() };
      const { app, ann, guest } = await inSystemScope(async () => {
        const app = await testApp({ env });
        return { app, ann: await person(app, "ann@example.com"), guest: await person(app, "guest@example.com") };
      });
      const ask = (url: string, token: string) => app.inject({ url, headers: { cookie: `session=${token}` } });

      expect((await ask("/ready", ann.token)).json()).toMatchObject({ status: "ok", checks: expect.any(Array) });
      expect((await ask("/ready", guest.token)).json()).toEqual({ status: "ok" });
      expect((await ask("/admin/installation", ann.token)).statusCode).toBe(200);
      expect((await ask("/admin/installation", guest.token)).statusCode).toBe(403);

      const figures = await app.metrics.text();
      expect(figures).toMatch(/vendorsmith_database_connections\{state="used"\} \d/);
      expect(figures).toContain('vendorsmith_database_connections{state="waiting"} 0');
      expect(figures).toContain('vendorsmith_queue_depth{queue="approvals"} 0');
      expect(figures).toContain("vendorsmith_bus_connected 1");
      expect(figures).toContain("vendorsmith_ready 1");
    });
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`Health with PostgreSQL is not tested: ${server.missing}.`);
