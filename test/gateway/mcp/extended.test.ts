import { describe, expect, it } from "vitest";
import { MOST_TOOLS, roomFor } from "../../../gateway/calls/room.ts";
import { setExtendedTools } from "../../../gateway/identity/orgs.ts";
import type { Vendor } from "../../../runtime/index.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { connectClient, gate, toolCallsOf } from "./gate.ts";

/** Acme with so many reading tools more, of one operation each. */
function extended(count: number, slug = "acme"): Vendor {
  const vendor = acme(acmeWorld(), slug);
  const model = vendor.tools.find(({ name }) => name === `${slug}_list_things`)!;
  const more = Array.from({ length: count }, (_, index) => ({
    ...model,
    name: `${slug}_a${String(index).padStart(3, "0")}`,
    extended: true,
  }));
  const schemas = Object.fromEntries(more.map(({ name }) => [name, vendor.schemas[model.name]!]));
  return { ...vendor, tools: [...vendor.tools, ...more], schemas: { ...vendor.schemas, ...schemas } };
}

async function house(...vendors: Vendor[]) {
  const room = await gate({ vendors, lock: lockOf(...vendors) });
  const ann = await room.someone();
  const bound: Record<string, string> = {};
  for (const { slug } of vendors) bound[slug] = (await ann.connect(slug)).id;
  const scopes = vendors.map(({ slug }) => `${slug}:read`);
  const all = await ann.token(scopes, { vendor: "*", bound });
  const one = await ann.token(["acme:read"], { connection: bound.acme! });
  const open = (path: string, token = path.startsWith("/mcp") ? all : one) =>
    connectClient(`${room.origin}${path}`, token, "modern");
  const toggle = (vendor: string, on: boolean) =>
    setExtendedTools(room.app, { org: ann.org, vendor, on, actor: ann.user });
  return { ...room, ann, open, toggle };
}

const textOf = (result: { content?: unknown }) => (result.content as { text: string }[])[0]!.text;

const names = async (client: Awaited<ReturnType<typeof connectClient>>) =>
  (await client.listTools()).tools.map(({ name }) => name);

describe("extended tools", () => {
  it("are neither listed nor called before the organisation switches them on, vendor by vendor (TEN-06)", async () => {
    const { open, toggle, ann, app } = await house(extended(2), extended(2, "other"));
    for (const path of ["/v1/acme", "/mcp"]) {
      const client = await open(path);
      expect((await names(client)).filter((name) => /_a\d/.test(name))).toEqual([]);
      expect(textOf(await client.callTool({ name: "acme_a000", arguments: {} }))).toMatch(
        /extended tool, and those are off/,
      );
    }
    const denied = await toolCallsOf(app, ann.org);
    expect(denied.map(({ tool, status, rule }) => [tool, status, rule])).toEqual([
      ["acme_a000", "denied", "extended-off"],
      ["acme_a000", "denied", "extended-off"],
    ]);

    await toggle("acme", true);
    for (const path of ["/v1/acme", "/mcp"]) {
      const client = await open(path);
      expect((await names(client)).filter((name) => /_a\d/.test(name))).toEqual(["acme_a000", "acme_a001"]);
      const answer = await client.callTool({ name: "acme_a000", arguments: { limit: 1 } });
      expect(answer.structuredContent).toMatchObject({ things: [{ id: "t1" }] });
    }
    expect((await (await open("/mcp")).callTool({ name: "other_a000", arguments: {} })).isError).toBe(true);

    await toggle("acme", false);
    expect((await names(await open("/mcp"))).filter((name) => /_a\d/.test(name))).toEqual([]);
  });

  it("are found by a search when they are on, and only then (MCP-13)", async () => {
    const { open, toggle } = await house(extended(1));
    const find = async () => {
      const client = await open("/mcp?tools=search");
      const called = await client.callTool({
        name: "call_tool",
        arguments: { name: "acme_a000", arguments: { limit: 1 } },
      });
      const found = await client.callTool({ name: "search_tools", arguments: { query: "a000" } });
      return [called.isError === true, JSON.stringify(found.structuredContent).includes("acme_a000")];
    };
    expect(await find()).toEqual([true, false]);
    await toggle("acme", true);
    expect(await find()).toEqual([false, true]);
  });

  it("fill the one list up to 255 tools behind the core, and a vendor's own list whole (MCP-02)", async () => {
    const { open, toggle, ann, app } = await house(extended(200), extended(200, "other"));
    await toggle("acme", true);
    await toggle("other", true);
    const client = await open("/mcp");
    const listed = await names(client);
    expect(listed).toHaveLength(MOST_TOOLS);
    expect(listed.filter((name) => !/_a\d/.test(name))).toEqual(
      ["acme", "other"].flatMap((slug) => ["fail", "list_things", "wait"].map((one) => `${slug}_${one}`)),
    );
    const last = listed.filter((name) => name.startsWith("other_a")).at(-1)!;
    expect((await client.callTool({ name: last, arguments: { limit: 1 } })).isError).not.toBe(true);
    expect(textOf(await client.callTool({ name: "other_a199", arguments: {} }))).toMatch(/clients take no more tools/);
    const rows = await toolCallsOf(app, ann.org);
    expect(rows.map(({ tool, rule }) => [tool, rule])).toEqual([
      [last, "allowed"],
      ["other_a199", "too-many"],
    ]);

    expect(await names(await open("/v1/acme"))).toHaveLength(203);
    const search = await open("/mcp?tools=search");
    const called = await search.callTool({
      name: "call_tool",
      arguments: { name: "other_a199", arguments: { limit: 1 } },
    });
    expect(called.isError).not.toBe(true);
  });
});

describe("room for tools", () => {
  const entries = ["a!", "b", "c!", "d!", "e"];
  const isMore = (name: string) => name.endsWith("!");

  it.each([
    [undefined, entries],
    [5, entries],
    [4, ["a!", "b", "c!", "e"]],
    [2, ["b", "e"]],
    [1, ["b", "e"]],
  ] as const)("of %s goes to the core first", (most, left) => {
    expect(roomFor(entries, isMore, most)).toEqual(left);
  });
});
