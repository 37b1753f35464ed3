import { describe, expect, it } from "vitest";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { connectClient, gate, toolCallsOf } from "../mcp/gate.ts";
import { decidedBy } from "../policies.ts";

type Answer = Record<string, unknown> & { status: number; headers: Record<string, unknown> };

const READ = ["acme:read"];

async function desk(scopes = [...READ, "acme:write", "org:tools"]) {
  const house = await gate();
  const ann = await house.someone();
  const { id } = await ann.connect();
  const { token } = await createPersonalToken(house.app, {
    org: ann.org,
    user: ann.user,
    name: "A script",
    vendor: ALL_VENDORS,
    scopes,
    connections: new Map([["acme", id]]),
    expiresAt: house.app.clock.now() + 86_400_000,
  });
  const send = async (
    method: "GET" | "POST" | "PATCH",
    url: string,
    body?: object,
    bearer: string | undefined = token,
  ) => {
    const headers = { ...(bearer && { authorization: `Bearer ${bearer}` }) };
    const answer = await house.app.inject({ method, url, headers, ...(body && { payload: body }) });
    const json: Record<string, unknown> = answer.json();
    return { ...json, status: answer.statusCode, headers: answer.headers } as Answer;
  };
  const names = async () => ((await send("GET", "/api/v1/tools")).tools as { name: string }[]).map(({ name }) => name);
  return { ...house, ann, token, send, names };
}

describe("the tools of the API", () => {
  it("are those of tools/list, for the same token (API-08, TEN-06)", async () => {
    const { origin, token, names } = await desk();
    const client = await connectClient(`${origin}/mcp`, token, "modern");
    expect(await names()).toEqual((await client.listTools()).tools.map(({ name }) => name));
  });

  it("are called under the same rule, and leave the same record (API-01, API-09)", async () => {
    const { app, ann, send } = await desk();
    const called = await send("POST", "/api/v1/tools/call", { name: "acme_list_things", arguments: { limit: 1 } });
    expect(called).toMatchObject({
      status: 200,
      success: true,
      tool_name: "acme_list_things",
      result: { things: [{ id: "t1" }] },
    });
    const refused = await send("POST", "/api/v1/tools/call", { name: "acme_rename_thing", arguments: { id: "t1" } });
    expect(refused).toMatchObject({ success: false, error: { code: "POLICY_DENIED" } });
    expect(await toolCallsOf(app, ann.org)).toMatchObject([
      { tool: "acme_list_things", status: "success", actor_id: ann.user },
      { tool: "acme_rename_thing", status: "denied", rule: "writes-off" },
    ]);
  });

  it("of another vendor, or of none, are unknown, and a wrong body is told by field (API-09)", async () => {
    const { send } = await desk();
    for (const name of ["other_list_things", "acme_no_such_tool"])
      expect(await send("POST", "/api/v1/tools/call", { name })).toMatchObject({ status: 404, code: "UNKNOWN_TOOL" });
    expect(await send("POST", "/api/v1/tools/call", { tool: "x" })).toMatchObject({
      status: 400,
      fields: [{ field: "name" }, { field: "body" }],
    });
  });

  it("are switched off and on for the organisation at once, with the right and the role for it (API-14, PAC-03)", async () => {
    const { app, ann, send, names } = await desk();
    const off = await send("PATCH", "/api/v1/tools/acme_list_things", { isEnabled: false });
    expect(off).toMatchObject({ status: 200, id: "acme_list_things", isEnabled: false });
    expect(await names()).not.toContain("acme_list_things");
    expect((await decidedBy(app.db, ann.org)).toolsOff).toEqual(["acme_list_things"]);
    await send("PATCH", "/api/v1/tools/acme_list_things", { isEnabled: true });
    expect(await names()).toContain("acme_list_things");

    const poor = await desk(READ);
    expect(await poor.send("PATCH", "/api/v1/tools/acme_list_things", { isEnabled: false })).toMatchObject({
      status: 403,
      code: "FORBIDDEN",
    });
  });

  it("are not called with arguments nested so deep that no record could be made (API-09, AUD-01)", async () => {
    const { app, ann, token } = await desk();
    const payload = `{"name":"acme_rename_thing","arguments":{"id":${"[".repeat(9000)}${"]".repeat(9000)}}}`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await app.inject({ method: "POST", url: "/api/v1/tools/call", headers, payload });
    expect(answer.statusCode).toBe(400);
    expect(await toolCallsOf(app, ann.org)).toEqual([]);
  });

  it("need a token for the address of all vendors, and say so (API-01, OAU-09)", async () => {
    const { ann, send } = await desk();
    const forOne = await ann.token(READ);
    for (const bearer of ["", "nonsense", forOne]) {
      const answer = await send("GET", "/api/v1/tools", undefined, bearer);
      expect(answer).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer .*resource_metadata="http.*\/mcp"$/);
    }
  });
});

describe("a gateway without tokens, for development", () => {
  it("takes whoever calls for the first owner, under policy and on record (OAU-14)", async () => {
    const house = await gate({ env: { AUTH_ENABLED: "false", MCP_AUTH_ENABLED: "false" } });
    const call = (payload: object) => house.app.inject({ method: "POST", url: "/api/v1/tools/call", payload });
    expect((await call({ name: "acme_list_things" })).statusCode).toBe(401);
    const ann = await house.someone();
    await ann.connect();
    expect((await call({ name: "acme_list_things" })).json()).toMatchObject({ success: true });
    expect((await call({ name: "acme_rename_thing", arguments: {} })).json()).toMatchObject({
      error: { code: "POLICY_DENIED" },
    });
    const headers = { accept: "application/json, text/event-stream", host: "localhost" };
    const payload = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "acme_list_things", arguments: {} },
    };
    const answer = await house.app.inject({ method: "POST", url: "/v1/acme", headers, payload });
    expect(answer.body).toContain("Thing 1");
    expect(await toolCallsOf(house.app, ann.org)).toHaveLength(3);
  });

  it("is not there for a page in a browser, under a rebound name or from another origin (OAU-14)", async () => {
    const house = await gate({ env: { AUTH_ENABLED: "false", MCP_AUTH_ENABLED: "false" } });
    const ann = await house.someone();
    await ann.connect();
    for (const headers of [{ host: "evil.example:3000" }, { host: "localhost", origin: "https://evil.example" }])
      for (const url of ["/api/v1/tools/call", "/v1/acme"]) {
        const answer = await house.app.inject({ method: "POST", url, headers, payload: { name: "acme_list_things" } });
        expect(answer.statusCode).toBe(403);
      }
    expect(await toolCallsOf(house.app, ann.org)).toEqual([]);
  });
});
