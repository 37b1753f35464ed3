import { describe, expect, it } from "vitest";
import { z } from "zod";
import { revokeConnection } from "../../../gateway/connections/connections.ts";
import { rebindGrants } from "../../../gateway/oauth/grants.ts";
import { type Access, acrossFor, annotationsOf, defineAcross, toolHash } from "../../../runtime/index.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { gate, legacy, modern, toolCallsOf } from "../mcp/gate.ts";

const input = z.strictObject({});
const output = z.object({ asked: z.array(z.string()) });
const nothing = { type: "object", properties: {}, additionalProperties: false } as const;

/** A tool that asks Acme and, for reading or writing, the other. */
const both = (access: Access) =>
  acrossFor<Record<string, unknown>>()({
    name: `both_${access}`,
    title: `Both ${access}`,
    description: "Asks both.",
    access,
    parts: [
      { vendor: "acme", access: "read" },
      { vendor: "other", access },
    ],
    idempotent: true,
    input,
    output,
    run: async (_input, clients) => ({ asked: Object.keys(clients).filter((slug) => clients[slug]) }),
  });

const tools = [both("read"), both("write")];
const set = defineAcross({
  slug: "both",
  prefix: "both",
  title: "Across vendors",
  tools,
  schemas: Object.fromEntries(tools.map(({ name }) => [name, { input: nothing, output: nothing }])),
});
const hashes = tools.map(({ name, title, description, access, idempotent }) => {
  const annotations = annotationsOf(access, idempotent);
  return [name, toolHash({ name, title, description, inputSchema: nothing, outputSchema: nothing, annotations })];
});

const FULL = ["acme:read", "acme:write", "other:read", "other:write"];

async function room() {
  const lock = { ...lockOf(acme(), acme(acmeWorld(), "other")), both: Object.fromEntries(hashes) };
  const house = await gate({ across: [set], lock });
  const ann = await house.someone();
  await ann.writes(true);
  const send = (url: string, bearer: string, message: { headers: object; payload: object }) =>
    house.app.inject({
      method: "POST",
      url,
      payload: message.payload,
      headers: { ...message.headers, authorization: `Bearer ${bearer}`, host: "localhost" },
    });
  const call = async (bearer: string, name: string, args = {}, url = "/mcp") =>
    send(url, bearer, modern("tools/call", { name, arguments: args }));
  const all = (bound: Record<string, string>, scopes = FULL) => ann.token(scopes, { vendor: "*", bound });
  return { ...house, ann, send, call, all };
}

describe("the address of all vendors, attacked", () => {
  it("sends the person to the vendor that is missing, never to replace keys that work (OAU-22)", async () => {
    const { ann, all, call, worlds } = await room();
    const { id } = await ann.connect("acme");
    const { body } = await call(await all({ acme: id }), "both_write");
    expect(body).toMatch(/NOT_CONNECTED: other is not connected.*\/connect\/other\?link=/);
    expect(body).not.toContain("/connect/acme");
    expect(worlds.acme.keysUsed).toEqual([]);
  });

  it("counts a call against every vendor it asks, so that tools across vendors are no second budget (TEN-08)", async () => {
    const { app, ann, all, call } = await room();
    const bound = { acme: (await ann.connect("acme")).id, other: (await ann.connect("other")).id };
    const bearer = await all(bound);
    await call(bearer, "both_write");
    await call(bearer, "call_tool", { name: "both_read", arguments: {} }, "/mcp?tools=search");
    const left = async (key: string, max: number) => (await app.limit(key, { max, windowMs: 60_000 })).allowed;
    for (const vendor of ["acme", "other"]) {
      expect(await left(`calls:${ann.org}:${ann.user}:${vendor}`, 2)).toBe(false);
      expect(await left(`writes:${ann.org}:${ann.user}:${vendor}`, 1)).toBe(false);
    }
    const rows = await toolCallsOf(app, ann.org);
    expect(rows.map(({ tool, connection, status }) => [tool, connection ?? "", status])).toEqual([
      ["both_write", "", "started"],
      ["both_write", `${bound.acme} ${bound.other}`, "success"],
      ["both_read", `${bound.acme} ${bound.other}`, "success"],
    ]);
  });

  it.each(["/v1/*", "/v1/*/", "/*/mcp", "/*/mcp/", "/v1/%2A", "/v1/*?tools=search"])(
    "has no address but its own: %s",
    async (url) => {
      const { ann, all, call } = await room();
      const bearer = await all({ acme: (await ann.connect("acme")).id });
      expect((await call(bearer, "acme_list_things", { limit: 1 }, url)).statusCode).toBe(404);
    },
  );

  it("opens nobody else's keys, whatever connection a grant is bound to (TEN-05)", async () => {
    const { ann, all, call, someone, worlds } = await room();
    const bob = await someone("bob@example.com");
    const theirs = await bob.connect("acme");
    await ann.connect("other");
    const bearer = await all({ acme: theirs.id });
    expect((await call(bearer, "acme_list_things")).body).not.toContain("t1");
    expect(worlds.acme.keysUsed).toEqual([]);
  });

  it("answers each caller's list with what that caller may see, in whatever order they ask (MCP-07)", async () => {
    const { ann, all, send, someone } = await room();
    const bob = await someone("bob@example.com");
    const anns = await all({ acme: (await ann.connect("acme")).id, other: (await ann.connect("other")).id });
    const bobs = await bob.token(FULL, { vendor: "*", bound: { acme: (await bob.connect("acme")).id } });
    const list = async (bearer: string, id: number | string) => {
      const answer = (await send("/mcp", bearer, modern("tools/list", {}, id))).json();
      return { id: answer.id, names: answer.result.tools.map(({ name }: { name: string }) => name) };
    };
    for (const turn of [1, 2]) {
      const [hers, his] = [await list(anns, turn), await list(bobs, `"${turn}`)];
      expect([hers.id, his.id]).toEqual([turn, `"${turn}`]);
      expect(hers.names).toContain("other_rename_thing");
      expect(his.names).toEqual(["acme_fail", "acme_list_things", "acme_wait", "both_read"]);
    }
  });

  it.each(["", "?tools=search", "?tools=search&tools=x", "?profile=", "?profile=a&profile=b"])(
    "runs nothing hidden out of a batch: %s",
    async (query) => {
      const { ann, all, send, app, worlds } = await room();
      const bearer = await all({ acme: (await ann.connect("acme")).id });
      const inner = (name: string, args: object) => ({ name: "call_tool", arguments: { name, arguments: args } });
      const calls = [
        { name: "acme_wipe_thing", arguments: { id: "t1" } },
        { name: "acme_reveal_key", arguments: { id: "t1" } },
        { name: "other_rename_thing", arguments: { id: "t1", name: "x" } },
        { name: "acme_rename_thing", arguments: { id: "t1", name: "x", mail: true } },
        inner("acme_wipe_thing", { id: "t1" }),
        inner("acme_reveal_key", { id: "t1" }),
        inner("call_tool", { name: "acme_wipe_thing", arguments: { id: "t1" } }),
        inner("other_rename_thing", { id: "t1", name: "x" }),
        inner("acme_rename_thing", { id: "t1", name: "x", mail: true }),
        { name: "describe_tool", arguments: { name: "acme_wipe_thing" } },
        { name: "describe_tool", arguments: { name: "other_list_things" } },
      ];
      const payload = calls.map((params, id) => legacy("tools/call", params, id).payload);
      const { headers } = legacy("tools/call");
      const answer = await send(`/mcp${query}`, bearer, {
        headers: { ...headers, "mcp-protocol-version": "2025-03-26" },
        payload,
      });
      expect(answer.body).not.toMatch(/hunter2|"inputSchema"|"success"/);
      // A key may be opened to show how the thing is now, to who is asked.
      expect([worlds.acme.renamed, worlds.other.keysUsed]).toEqual([[], []]);
      const statuses = (await toolCallsOf(app, ann.org)).map(({ status }) => status);
      expect(statuses.filter((status) => status !== "denied" && status !== "pending_approval")).toEqual([]);
    },
  );

  it("tells tools out of reach from none neither by describing, calling nor searching, and says why others are refused (MCP-13)", async () => {
    const { ann, all, call } = await room();
    const bearer = await all({ acme: (await ann.connect("acme")).id });
    const answers = async (name: string) => {
      const texts = [];
      for (const tool of ["describe_tool", "call_tool"])
        texts.push((await call(bearer, tool, { name }, "/mcp?tools=search")).body.replaceAll(name, "NAME"));
      return texts;
    };
    const none = await answers("acme_no_such_tool");
    expect(await answers("other_list_things")).toEqual(none);
    for (const hidden of ["acme_wipe_thing", "acme_reveal_key"]) {
      const [described, called] = await answers(hidden);
      expect(described).toBe(none[0]);
      expect(called).toMatch(/POLICY_DENIED: NAME .*; an owner or admin can/);
    }
    const { body } = await call(bearer, "search_tools", { query: "wipe reveal key secret other" }, "/mcp?tools=search");
    expect(body).not.toMatch(/wipe|reveal|other_/);
  });

  it("loses a vendor with its connection, at once, and gets back only what replaces it (OAU-04)", async () => {
    const { app, ann, all, call, worlds } = await room();
    const first = await ann.connect("acme", "first key");
    const kept = await ann.connect("acme", "another account");
    const bearer = await all({ acme: first.id });
    await revokeConnection(app, first, { actor: ann.user });
    expect((await call(bearer, "acme_list_things")).body).toContain("NOT_CONNECTED");
    expect(await rebindGrants(app.db, { org: ann.org, user: ann.user, vendor: "other", connection: kept.id })).toBe(0);
    expect((await call(bearer, "acme_list_things")).body).toContain("NOT_CONNECTED");
    expect(worlds.acme.keysUsed).toEqual([]);
  });
});
