import { afterAll, expect, it } from "vitest";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { demoKeys } from "../fakes/keys.ts";
import { serveFakes } from "../fakes/serve.ts";
import { startPostgres } from "../setup/postgres.ts";
import { authorize, refresh } from "./authorize.ts";
import { connectClient } from "./clients.ts";
import { browserOf, startGateway } from "./gateway.ts";

const server = await startPostgres();

if (!("missing" in server)) {
  afterAll(() => server.stop());

  it("a gateway whose database role is bound by row-level security serves people from sign-in to call (TEN-01, OPS-04)", async () => {
    const served = await serveFakes({ validate: true });
    const DATABASE_URL = await server.newOwnDatabase();
    const gateway = await inSystemScope(() => startGateway({ origins: served.origins, env: { DATABASE_URL } }));
    try {
      for (const email of ["ann@example.com", "bob@example.com"]) {
        const person = await inSystemScope(() => gateway.person(email));
        const browser = browserOf(gateway);
        const first = await authorize(gateway, browser, { vendor: "itglue", person, keys: demoKeys.itglue });
        const { body: token } = await refresh(gateway, first);
        const client = await connectClient("2026-07-28", `${gateway.url}/v1/itglue`, token.access_token!);
        const { tools } = await client.listTools();
        expect(tools.length).toBeGreaterThan(5);
        const answer = await client.callTool({ name: "itglue_search_organizations", arguments: {} });
        expect([email, answer.isError ?? false, JSON.stringify(answer).slice(0, 300)]).toEqual([email, false, expect.anything()]); // biome-ignore format: one thought
        await client.close();
        for (const path of [
          "/settings",
          "/settings/vendors",
          "/settings/account",
          "/settings/security",
          "/admin",
          "/admin/audit",
        ]) {
          const page = await browser.get(path);
          expect([path, page.status]).toEqual([path, 200]);
        }
      }
      await gateway.app.audit.settled();
      const trouble = gateway.logs.filter((line) => JSON.parse(line).level >= 50);
      expect(trouble).toEqual([]);
    } finally {
      await gateway.close();
      await served.close();
    }
  }, 60_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`A gateway behind row-level security is not tested: ${server.missing}.`);
