import { afterAll, describe, expect, it } from "vitest";
import { inSystemScope } from "../../../gateway/database/scope.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { gate, modern, toolCallsOf } from "../mcp/gate.ts";
import { person } from "../support.ts";

const server = await startPostgres();

if (!("missing" in server)) {
  afterAll(() => server.stop());

  describe("a request whose code forgets every filter", () => {
    it("reaches its caller's organisation alone, over MCP, REST and the pages of an organisation (TEN-01, TEN-05)", async () => {
      const env = { DATABASE_URL: await server.newOwnDatabase() };
      await inSystemScope(async () => {
        const { app, worlds, someone } = await gate({ env });
        const everyOrg = async () => (await app.db.selectFrom("memberships").select("org_id").execute()).map(({ org_id }) => org_id); // biome-ignore format: one thought
        let seen: Promise<string[]> | undefined;
        const look = () => {
          seen = everyOrg();
        };
        worlds.acme.onSlow = look;
        const html = app.look.html.bind(app.look);
        const lookAndDraw = (...input: Parameters<typeof html>) => {
          look();
          return html(...input);
        };
        Object.assign(app.look, { html: lookAndDraw });

        const [ann] = [await someone("ann@example.com"), await someone("bob@example.com")];
        expect(await everyOrg()).toHaveLength(2);

        const { id: connection } = await ann.connect();
        const mcp = await ann.token(["acme:read"], { connection });
        const { headers, payload } = modern("tools/call", { name: "acme_wait", arguments: { ms: 1 } });
        await app.inject({ method: "POST", url: "/v1/acme", headers: { ...headers, authorization: `Bearer ${mcp}` }, payload }); // biome-ignore format: one thought
        expect(["MCP", await seen]).toEqual(["MCP", [ann.org]]);
        expect(await toolCallsOf(app, ann.org)).toHaveLength(1);

        seen = undefined;
        const api = await ann.token(["acme:read"], { vendor: "*", bound: { acme: connection } });
        await app.inject({ method: "POST", url: "/api/v1/tools/call", headers: { authorization: `Bearer ${api}` }, payload: { name: "acme_wait", arguments: { ms: 1 } } }); // biome-ignore format: one thought
        expect(["REST", await seen]).toEqual(["REST", [ann.org]]);

        const carol = await person(app, "carol@example.com");
        const cookie = `session=${carol.token}`;
        for (const url of ["/settings", "/admin", "/admin/members", "/admin/audit", "/approvals"]) {
          seen = undefined;
          const { statusCode } = await app.inject({ url, headers: { cookie } });
          expect([url, statusCode, await seen]).toEqual([url, 200, [carol.org]]);
        }
      });
    });
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`Row-level security of the gateway is not tested: ${server.missing}.`);
