import { afterAll, expect, it } from "vitest";
import { addMember } from "../../gateway/database/orgs.ts";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
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

  it('an authorization reaches the organisation it is for and no other from "connect" on, whatever a query forgets (TEN-01, TEN-05)', async () => {
    const served = await serveFakes({ validate: true });
    const DATABASE_URL = await server.newOwnDatabase();
    const gateway = await inSystemScope(() => startGateway({ origins: served.origins, env: { DATABASE_URL } }));
    try {
      const { db, look } = gateway.app;
      const ann = await inSystemScope(() => gateway.person("ann@example.com"));
      const bob = await inSystemScope(() => gateway.person("bob@example.com"));
      const [own, theirs] = await inSystemScope(async () => {
        const found = [(await findPersonalOrg(db, ann.id))!.id, (await findPersonalOrg(db, bob.id))!.id] as const;
        await addMember(db, { org_id: found[1], user_id: ann.id, role: "member", active: 1, created_at: 0 });
        return found;
      });
      /** What each page of the way would show, had its queries no filter. */
      const seen = new Map<string, Promise<string[]>>();
      const { html } = look;
      Object.assign(look, {
        html: ((view, data, frame) => {
          const orgs = db.selectFrom("orgs").select("id").execute();
          seen.set(
            view,
            orgs.then((rows) => rows.map(({ id }) => id).sort()),
          );
          return html(view, data, frame);
        }) satisfies typeof html,
      });
      const wish = { vendor: "itglue", person: ann, keys: demoKeys.itglue, org: theirs };
      const { accessToken } = await authorize(gateway, browserOf(gateway), wish);
      const every = [own, theirs].sort();
      const reached = Object.fromEntries(await Promise.all([...seen].map(async ([view, orgs]) => [view, await orgs])));
      expect(reached).toEqual({ login: every, context: every, connect: [theirs], consent: [theirs] });
      const client = await connectClient("2026-07-28", `${gateway.url}/v1/itglue`, accessToken);
      expect((await client.listTools()).tools.length).toBeGreaterThan(5);
      await client.close();
    } finally {
      await gateway.close();
      await served.close();
    }
  }, 60_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`A gateway behind row-level security is not tested: ${server.missing}.`);
