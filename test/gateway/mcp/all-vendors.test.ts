import { describe, expect, it } from "vitest";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { connectClient, type Era, gate, modern, toolCallsOf } from "./gate.ts";

const FULL = ["acme:read", "acme:write", "other:read", "other:write"];

/** Ann with both vendors connected, and a token for the address of all. */
async function both({ scopes = FULL, bind = ["acme", "other"] }: { scopes?: string[]; bind?: string[] } = {}) {
  const room = await gate();
  const ann = await room.someone();
  await ann.writes(true);
  const connections = {
    acme: (await ann.connect("acme", "key at acme")).id,
    other: (await ann.connect("other", "key at other")).id,
  };
  const bound = Object.fromEntries(bind.map((slug) => [slug, connections[slug as keyof typeof connections]]));
  const token = await ann.token(scopes, { vendor: "*", bound });
  const open = (era: Era, query = "", path = "/mcp") => connectClient(`${room.origin}${path}${query}`, token, era);
  return { ...room, ann, token, connections, open };
}

const names = async (client: Awaited<ReturnType<typeof connectClient>>) =>
  (await client.listTools()).tools.map(({ name }) => name);

describe.each(["modern", "legacy"] satisfies Era[])("the address of all vendors, for a %s client (MCP-02)", (era) => {
  it("lists the tools of every vendor the person has connected, and calls each with its own keys", async () => {
    const { open, worlds, ann, app, connections } = await both();
    for (const path of ["/mcp", "/mcp/", "/"]) {
      const client = await open(era, "", path);
      expect(await names(client)).toEqual(
        ["acme", "other"]
          .flatMap((slug) => ["fail", "list_things", "rename_thing", "wait"].map((one) => `${slug}_${one}`))
          .concat("get_approval_status"),
      );
    }
    const client = await open(era);
    await client.callTool({ name: "acme_list_things", arguments: { limit: 1 } });
    await client.callTool({ name: "other_rename_thing", arguments: { id: "t1", name: "x" } });
    expect(worlds.acme.keysUsed).toEqual(["key at acme"]);
    expect(worlds.other.keysUsed).toEqual(["key at other"]);
    expect(worlds.other.renamed).toEqual(["t1"]);
    const rows = await toolCallsOf(app, ann.org);
    expect(rows.map(({ vendor, connection, status }) => [vendor, connection ?? "", status])).toEqual([
      ["acme", connections.acme, "success"],
      ["other", "", "started"],
      ["other", connections.other, "success"],
    ]);
  });
});

describe("what a token of all vendors reaches", () => {
  it("shows nothing of a vendor that is not connected, and cannot call it (TEN-06)", async () => {
    const room = await gate();
    const ann = await room.someone();
    const { id } = await ann.connect("acme");
    const token = await ann.token(FULL, { vendor: "*", bound: { acme: id } });
    const client = await connectClient(`${room.origin}/mcp`, token, "modern");
    expect((await names(client)).every((name) => name.startsWith("acme_"))).toBe(true);
    await expect(client.callTool({ name: "other_list_things", arguments: {} })).rejects.toThrow();
    expect(room.worlds.other.keysUsed).toEqual([]);
  });

  it("asks for more access when a vendor was connected after consent, naming its scope (OAU-20)", async () => {
    const { app, token } = await both({ scopes: ["acme:read", "acme:write"], bind: ["acme"] });
    const answer = await app.inject({
      method: "POST",
      url: "/mcp",
      ...modern("tools/call", { name: "other_list_things", arguments: {} }),
      headers: {
        ...modern("tools/call", { name: "other_list_things" }).headers,
        authorization: `Bearer ${token}`,
        host: "localhost",
      },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers["www-authenticate"]).toMatch(/insufficient_scope.*other:read/);
  });

  it("never uses a connection that was not bound at consent (VLT-10)", async () => {
    const { open, ann, worlds } = await both({ bind: ["acme"] });
    await ann.connect("other", "a later key");
    const client = await open("modern");
    const answer = await client.callTool({ name: "other_list_things", arguments: {} });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toMatch(/NOT_CONNECTED.*\/connect\/other\?link=/);
    expect(worlds.other.keysUsed).toEqual([]);
  });

  it("is none at a vendor's own address, and a vendor's token is none here (OAU-09)", async () => {
    const { app, ann, token, connections } = await both();
    const own = await ann.token(["acme:read"], { connection: connections.acme });
    for (const [url, bearer] of [
      ["/v1/acme", token],
      ["/mcp", own],
      ["/", own],
    ] as const) {
      const { headers, payload } = modern("tools/list");
      const answer = await app.inject({
        method: "POST",
        url,
        payload,
        headers: { ...headers, authorization: `Bearer ${bearer}`, host: "localhost" },
      });
      expect(answer.statusCode, url).toBe(401);
    }
  });
});

describe("profiles (MCP-13)", () => {
  const tagged = () => {
    const vendor = acme(acmeWorld());
    const tools = vendor.tools.map((tool) => (tool.name === "acme_list_things" ? { ...tool, tags: ["things"] } : tool));
    return { ...vendor, tools };
  };

  it("keep the tools of one tag, for listing and for calling alike", async () => {
    const vendors = [tagged(), acme(acmeWorld(), "other")];
    const room = await gate({ vendors, lock: lockOf(...vendors) });
    const ann = await room.someone();
    const { id } = await ann.connect("acme");
    const token = await ann.token(FULL, { vendor: "*", bound: { acme: id } });
    const client = await connectClient(`${room.origin}/mcp?profile=things`, token, "modern");
    expect(await names(client)).toEqual(["acme_list_things"]);
    await expect(client.callTool({ name: "acme_fail", arguments: { how: "bug" } })).rejects.toThrow();

    const own = await ann.token(["acme:read"], { connection: id });
    const alone = await connectClient(`${room.origin}/v1/acme?profile=things`, own, "legacy");
    expect(await names(alone)).toEqual(["acme_list_things"]);
  });

  it("that nothing has are refused with the ones there are", async () => {
    const vendors = [tagged()];
    const room = await gate({ vendors, lock: lockOf(...vendors) });
    const ann = await room.someone();
    const { id } = await ann.connect("acme");
    const { headers, payload } = modern("tools/list");
    const authorization = `Bearer ${await ann.token(["acme:read"], { connection: id })}`;
    const url = "/v1/acme?profile=thing";
    const answer = await room.app.inject({ method: "POST", url, payload, headers: { ...headers, authorization, host: "localhost" } }); // biome-ignore format: one thought
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: "UNKNOWN_PROFILE", message: expect.stringContaining("things") });
  });
});

describe("search, describe and call in place of the list (MCP-13)", () => {
  it("finds, describes and calls what the caller may see, and nothing else", async () => {
    const { open, worlds, ann, app } = await both({ scopes: ["acme:read", "other:read"] });
    const client = await open("modern", "?tools=search");
    expect(await names(client)).toEqual(["search_tools", "describe_tool", "call_tool", "get_approval_status"]);

    const found = await client.callTool({ name: "search_tools", arguments: { query: "list the things", limit: 2 } });
    const { tools } = found.structuredContent as { tools: { name: string }[] };
    expect(tools[0]!.name).toMatch(/_list_things$/);
    const described = await client.callTool({ name: "describe_tool", arguments: { name: "acme_list_things" } });
    expect(described.structuredContent).toMatchObject({ inputSchema: { properties: { limit: {} } } });

    const called = await client.callTool({
      name: "call_tool",
      arguments: { name: "acme_list_things", arguments: { limit: 1 } },
    });
    expect(called.structuredContent).toMatchObject({ things: [{ id: "t1" }], truncated: true });
    expect(worlds.acme.keysUsed).toEqual(["key at acme"]);

    for (const name of ["acme_wipe_thing", "acme_reveal_key", "nothing_here", "call_tool"]) {
      expect((await client.callTool({ name: "describe_tool", arguments: { name } })).isError, name).toBe(true);
      expect((await client.callTool({ name: "call_tool", arguments: { name } })).isError, name).toBe(true);
    }
    const wrong = await client.callTool({
      name: "call_tool",
      arguments: { name: "acme_list_things", arguments: { limit: 0 } },
    });
    expect(JSON.stringify(wrong.content)).toContain("limit");
    const rows = await toolCallsOf(app, ann.org);
    expect(rows.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
      "acme_list_things success",
      "acme_wipe_thing denied",
      "acme_reveal_key denied",
      "acme_list_things error",
    ]);
  });

  it("challenges for the scope that the called tool needs", async () => {
    const { app, token } = await both({ scopes: ["acme:read"] });
    const { headers, payload } = modern("tools/call", {
      name: "call_tool",
      arguments: { name: "acme_rename_thing", arguments: { id: "t1", name: "x" } },
    });
    const answer = await app.inject({
      method: "POST",
      url: "/mcp?tools=search",
      payload,
      headers: { ...headers, authorization: `Bearer ${token}`, host: "localhost" },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers["www-authenticate"]).toContain("acme:write");
  });
});
