import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setWritesEnabled } from "../../gateway/identity/orgs.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { authorize } from "./authorize.ts";
import { cases, idsOf, suites } from "./cases.ts";
import { connectClient, type McpClient } from "./clients.ts";
import { browserOf, type Gateway, startGateway } from "./gateway.ts";
import { isOffered, toolOf, vendors } from "./vendor.ts";

const slugs = Object.keys(suites) as VendorSlug[];
/** Some connectors take no more tools than this, and drop the rest without a word. */
const MOST_TOOLS = 255;

let served: Served;
let gateway: Gateway;
let token: string;
let pages: string[];

beforeAll(async () => {
  served = await serveFakes({ validate: true });
  gateway = await startGateway({ origins: served.origins });
  const person = await gateway.person("tech@example.com");
  const { org_id } = await gateway.app.db
    .selectFrom("memberships")
    .select("org_id")
    .where("user_id", "=", person.id)
    .executeTakeFirstOrThrow();
  await setWritesEnabled(gateway.app, { org: org_id, on: true, actor: person.id });
  const authorized = await authorize(gateway, browserOf(gateway), {
    vendor: "*",
    path: "/mcp",
    person,
    connect: demoKeys,
    scopes: slugs.flatMap((slug) => [`${slug}:read`, `${slug}:write`]),
  });
  token = authorized.accessToken;
  pages = authorized.pages;
}, 120_000);

afterAll(async () => {
  await served?.close();
  await gateway?.close();
});

describe.each(["2026-07-28", "2025-11-25"] as const)(
  "every vendor under one address, in %s (MCP-02, VEN-01)",
  (era) => {
    let client: McpClient;
    beforeAll(async () => {
      client = await connectClient(era, `${gateway.url}/mcp`, token);
    });
    afterAll(() => client?.close());

    it("lists each vendor's tools and those across vendors, fewer than connectors take (MCP-13)", async () => {
      const { tools } = await client.listTools();
      const own = tools.filter(({ name }) => !name.startsWith("msp_")).map(({ name }) => name);
      const offered = vendors.flatMap(({ tools }) => tools).filter(isOffered);
      expect(own).toEqual(offered.map(({ name }) => name).sort());
      expect(tools.length).toBeLessThanOrEqual(MOST_TOOLS);
    });

    it("answers a question to each vendor with that vendor's keys (VLT-10)", async () => {
      const ids = idsOf(served.fakes);
      for (const slug of slugs) {
        served.fakes.clear();
        const { tool, args, check } = cases.find((one) => one.vendor === slug && toolOf(one.tool).access === "read")!;
        const answer = await client.callTool({ name: tool, arguments: args(ids) });
        if (answer.isError) throw new Error(`${tool}: ${answer.content[0]?.text}`);
        check(answer.structuredContent, ids);
        expect(new Set(served.requests.map(({ vendor }) => vendor))).toEqual(new Set([slug]));
      }
    });

    it("keeps to a profile (MCP-13)", async () => {
      const narrow = await connectClient(era, `${gateway.url}/mcp?profile=tickets`, token);
      const { tools } = await narrow.listTools();
      expect(tools.length).toBeGreaterThan(0);
      for (const { name } of tools.filter(({ name }) => !name.startsWith("msp_")))
        expect(toolOf(name).tags).toContain("tickets");
      await narrow.close();
    });
  },
);

it("showed the person where to connect, and what the app may do at each vendor (OAU-20)", () => {
  expect(pages).toEqual(["Sign in", "Connect your vendors", "Allow “Test client” to use your vendors?"]);
});
