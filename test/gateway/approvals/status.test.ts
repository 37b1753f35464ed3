import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { STATUS_TOOL } from "../../../gateway/calls/approval-status.ts";
import contract from "../../../generated/contract.json" with { type: "json" };
import { toolHash } from "../../../runtime/index.ts";
import { connectClient, toolCallsOf } from "../mcp/gate.ts";
import { letChange } from "../policies.ts";
import { memberOf } from "./members.ts";
import { askingRoom, textOf } from "./room.ts";

const { name } = STATUS_TOOL;

describe("get_approval_status (APR-03)", () => {
  it("is defined as it was reviewed, keeps the gates of tools, and costs little", () => {
    // The gateway's own tool is in no vendor's lock: this line is its lock.
    expect(toolHash(STATUS_TOOL)).toMatchInlineSnapshot(`"sha256-EI3W6hipeB4HBhf1VasGCW1-pDk1lG9jiET4j3PJx4U"`);
    expect(name).toMatch(/^[a-z][a-z0-9_]{2,39}$/);
    expect(Object.keys(STATUS_TOOL.annotations)).toHaveLength(4);
    expect(STATUS_TOOL.annotations.readOnlyHint).toBe(true);
    expect(STATUS_TOOL.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(countTokens(JSON.stringify(STATUS_TOOL))).toBeLessThanOrEqual(90);
    expect(Object.values(contract).flatMap((tools) => Object.keys(tools))).not.toContain(name);
  });

  it("is listed where some call may have to wait, at every address, and nowhere else", async () => {
    const { app, ann, client, origin } = await askingRoom();
    const listed = async (url: string, scopes: string[], options: object) => {
      const one = await connectClient(`${origin}${url}`, await ann.token(scopes, options), "modern");
      return (await one.listTools()).tools.map((tool) => tool.name);
    };
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain(name);
    expect(await listed("/mcp", ["acme:read", "acme:write"], { vendor: "*" })).toContain(name);
    expect(await listed("/v1/acme?tools=search", ["acme:read"], {})).toContain(name);
    expect(await listed("/v1/acme", ["acme:read"], {})).toContain(name);
    await letChange(app, { org: ann.org, actor: ann.user, on: false });
    await app.db.updateTable("orgs").set({ policy_version: 1 }).execute();
    expect(await listed("/v1/acme", ["acme:read"], {})).not.toContain(name);
  });

  it("says how a call stands, by role and not by name, and leaves a row", async () => {
    const { app, ann, client, ask, answer, call } = await askingRoom();
    const { approval_id } = await ask();
    const status = async () => (await client.callTool({ name, arguments: { approval_id } })).structuredContent;
    expect(await status()).toMatchObject({ status: "pending", tool: "acme_rename_thing" });
    await answer(approval_id);
    expect(await status()).toMatchObject({ status: "approved", decided_by: "owner" });
    await call();
    expect(await status()).toMatchObject({ status: "consumed", outcome: "succeeded" });
    expect(JSON.stringify(await status())).not.toContain("ann");
    const rows = (await toolCallsOf(app, ann.org)).filter((row) => row.tool === name);
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(rows[0]).toMatchObject({ status: "success", approval: approval_id });
  });

  it("knows an id for who asked and for approvers of that organisation alone", async () => {
    const { app, ann, ask, origin, someone } = await askingRoom();
    const { approval_id } = await ask();
    const asks = async (token: string) => {
      const client = await connectClient(`${origin}/v1/acme`, token, "modern");
      return await client.callTool({ name, arguments: { approval_id } });
    };
    const eve = await someone("eve@example.com");
    await letChange(app, { org: eve.org, actor: eve.user });
    const foreign = await asks(await eve.token(["acme:read"]));
    expect(foreign.isError).toBe(true);
    expect(textOf(foreign)).toMatch(/^INVALID_INPUT: There is no such approval\./);
    const bob = await memberOf(app, ann.org, "member", "bob@example.com");
    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    const tokenOf = (user: string) => ann.token(["acme:read"], { user });
    expect((await asks(await tokenOf(bob.user.id))).isError).toBe(true);
    expect((await asks(await tokenOf(amy.user.id))).structuredContent).toMatchObject({ status: "pending" });
  });
});
