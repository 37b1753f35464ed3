import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { down } from "../fakes/trouble.ts";
import { letChange } from "../gateway/policies.ts";
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
  await letChange(gateway.app, { org: org_id, actor: person.id });
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
      const own = tools.map(({ name }) => name).filter((name) => !/^msp_|^get_approval_status$/.test(name));
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
      for (const { name } of tools.filter(({ name }) => !/^msp_|^get_approval_status$/.test(name)))
        expect(toolOf(name).tags).toContain("tickets");
      await narrow.close();
    });
  },
);

describe("tools across vendors (FED-14)", () => {
  let client: McpClient;
  beforeAll(async () => {
    client = await connectClient("2026-07-28", `${gateway.url}/mcp`, token);
  });
  afterAll(() => client?.close());

  const call = async (name: string, args: Record<string, unknown>) => {
    served.fakes.clear();
    const answer = await client.callTool({ name, arguments: args });
    if (answer.isError) throw new Error(`${name}: ${answer.content[0]?.text}`);
    return answer.structuredContent as Record<string, unknown>;
  };

  it("tell of one device what three vendors know, each asked with its own key", async () => {
    const ids = idsOf(served.fakes);
    const machine = ids.machine("CONT-SEA-FS01");
    const seen = await call("msp_device_overview", { deviceUid: machine.uid });
    expect(seen).toMatchObject({
      device: { hostname: "CONT-SEA-FS01", uid: machine.uid },
      item: { matchedBy: "RMM device UID" },
      documentation: { name: "CONT-SEA-FS01", matchedBy: "RMM id" },
      notConnected: [],
    });
    expect(new Set(served.requests.map(({ vendor }) => vendor))).toEqual(new Set(["datto-rmm", "autotask", "itglue"]));
    for (const { vendor, headers, url, body } of served.requests)
      for (const [slug, keys] of Object.entries(demoKeys))
        for (const secret of secretsOf(slug, keys))
          if (slug !== vendor) expect(`${url} ${[...headers].join()} ${body}`).not.toContain(secret);
  });

  it("tell of one company what three vendors know", async () => {
    const seen = await call("msp_company_overview", { company: "Contoso Dental" });
    expect(seen).toMatchObject({ company: { name: "Contoso Dental" }, notConnected: [] });
    expect(seen["openTickets"]).toBeGreaterThan(0);
    const sites = seen["sites"] as { name: string; matchedBy: string }[];
    expect(sites.length).toBeGreaterThan(0);
    for (const { name } of sites) expect(name).toContain("Contoso Dental");
    expect(seen["organization"] ?? seen["organizationByName"]).toMatchObject({ name: "Contoso Dental" });
  });

  it("tell of open alerts over every RMM", async () => {
    const { notConnected, truncated, ...lists } = await call("msp_list_alerts", {});
    expect(notConnected).toEqual([]);
    expect(Object.keys(lists).sort()).toEqual(["atera", "automate", "datto", "superops", "syncro"]);
    for (const [name, alerts] of Object.entries(lists as Record<string, { id: unknown }[]>)) {
      expect(alerts.length, name).toBeGreaterThan(0);
      for (const { id } of alerts) expect(id, name).toBeTruthy();
    }
  });

  it("answer for the other RMMs when one is down", async () => {
    served.fakes.clear();
    served.fakes.atera.trouble.next(down(500), { times: 9 });
    const answer = await client.callTool({ name: "msp_list_alerts", arguments: {} });
    const lists = answer.structuredContent as Record<string, unknown>;
    expect(answer.isError).toBeFalsy();
    expect(lists["atera"]).toBeUndefined();
    expect(lists["datto"]).not.toEqual([]);
  });

  const connectedTo = async (slug: VendorSlug) => {
    const { accessToken } = await authorize(gateway, browserOf(gateway), {
      vendor: "*",
      path: "/mcp",
      person: await gateway.person(`only-${slug}@example.com`),
      connect: { [slug]: demoKeys[slug] },
      scopes: [`${slug}:read`],
    });
    served.fakes.clear();
    return connectClient("2026-07-28", `${gateway.url}/mcp`, accessToken);
  };

  it("leave out a vendor that is not connected and name it", async () => {
    const { uid } = idsOf(served.fakes).machine("CONT-SEA-FS01");
    const partly = await connectedTo("datto-rmm");
    const answer = await partly.callTool({ name: "msp_device_overview", arguments: { deviceUid: uid } });
    expect(answer.structuredContent).toMatchObject({
      device: { hostname: "CONT-SEA-FS01" },
      notConnected: ["Autotask PSA", "IT Glue"],
    });
    expect(new Set(served.requests.map(({ vendor }) => vendor))).toEqual(new Set(["datto-rmm"]));
    await partly.close();
  });

  it("are whole without the lists of a vendor that is not connected", async () => {
    const partly = await connectedTo("autotask");
    const answer = await partly.callTool({ name: "msp_company_overview", arguments: { company: "Contoso Dental" } });
    expect(answer.structuredContent).toMatchObject({
      company: { name: "Contoso Dental" },
      truncated: false,
      notConnected: ["Datto RMM", "IT Glue"],
    });
    await partly.close();
  });

  it("ask a person before they change anything (APR-01)", async () => {
    const alertUid = idsOf(served.fakes).alert("FAB-HO-SQL01").alertUid;
    const waiting = await call("msp_alert_to_ticket", { alertUid, queueId: 5, priority: 1 });
    expect(waiting).toMatchObject({ status: "approval_required", preview: { tool: "msp_alert_to_ticket" } });
    expect(served.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

const secretsOf = (slug: string, keys: Readonly<Record<string, string>>) =>
  vendors
    .find((vendor) => vendor.slug === slug)!
    .credentials.fields.flatMap(({ name, secret }) => (secret && keys[name] ? [keys[name]] : []));

it("showed the person where to connect, and what the app may do at each vendor (OAU-20)", () => {
  expect(pages).toEqual(["Sign in", "Connect your vendors", "Allow “Test client” to use your vendors?"]);
});
