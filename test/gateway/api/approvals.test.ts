import { describe, expect, it } from "vitest";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { memberOf } from "../approvals/members.ts";
import { askingRoom, RENAME } from "../approvals/room.ts";

const WIPE = { name: "acme_wipe_thing", arguments: { id: "t1" } };

async function desk() {
  const room = await askingRoom();
  const { app, ann } = room;
  const tokenOf = async (
    user: string,
    scopes = ["org:approve"],
    org = ann.org,
    connections = new Map<string, string>(),
  ) =>
    (
      await createPersonalToken(app, {
        org,
        user,
        name: "A script",
        vendor: ALL_VENDORS,
        scopes,
        connections,
        expiresAt: app.clock.now() + 86_400_000,
      })
    ).token;
  const send = async (token: string, method: "GET" | "POST", url: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await app.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: answer.statusCode, ...(answer.json() as Record<string, unknown>) } as Record<string, unknown>;
  };
  const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
  return { ...room, amy, tokenOf, send };
}

describe("approvals through the API (API-14)", () => {
  it("are listed without arguments, and decided by a token of another person with the right", async () => {
    const { ask, call, send, tokenOf, amy, renamed } = await desk();
    const { approval_id } = await ask();
    const token = await tokenOf(amy.user.id);
    const listed = await send(token, "GET", "/api/v1/approvals");
    expect(listed["approvals"]).toMatchObject([{ id: approval_id, status: "pending", tool: "acme_rename_thing" }]);
    expect(JSON.stringify(listed)).not.toContain("New");
    const answer = await send(token, "POST", `/api/v1/approvals/${approval_id}`, { decision: "approve", note: "Fine" });
    expect(answer).toMatchObject({ status: "approved", decided_by: "approver" });
    await call();
    expect(renamed()).toEqual(["t1"]);
    expect(await send(token, "POST", `/api/v1/approvals/${approval_id}`, { decision: "deny" })).toMatchObject({
      code: "DECIDED",
    });
    const closed = await send(token, "GET", "/api/v1/approvals?status=closed");
    expect(closed["approvals"]).toMatchObject([{ id: approval_id, status: "consumed", outcome: "succeeded" }]);
  });

  it("are never approved by a token of the person who asks, whatever it may do (APR-03)", async () => {
    const { ann, ask, send, tokenOf, renamed } = await desk();
    const { approval_id } = await ask();
    const own = await tokenOf(ann.user, ["org:approve", "org:tools"]);
    expect(await send(own, "POST", `/api/v1/approvals/${approval_id}`, { decision: "approve" })).toMatchObject({
      status: 403,
      code: "SELF_APPROVAL",
    });
    expect(await send(own, "POST", `/api/v1/approvals/${approval_id}`, { decision: "deny" })).toMatchObject({
      status: "denied",
    });
    expect(renamed()).toEqual([]);
  });

  it("are for the token that asked, and for no other of the same person (APR-02)", async () => {
    const { ann, connection, answer, send, tokenOf, renamed } = await desk();
    const scopes = ["acme:read", "acme:write"];
    const [one, other] = [
      await tokenOf(ann.user, scopes, ann.org, new Map([["acme", connection.id]])),
      await tokenOf(ann.user, scopes, ann.org, new Map([["acme", connection.id]])),
    ];
    const call = (token: string) => send(token, "POST", "/api/v1/tools/call", RENAME);
    const { result } = (await call(one)) as { result: { approval_id: string } };
    await answer(result.approval_id);
    expect(await call(other)).toMatchObject({ result: { status: "approval_required" } });
    expect(renamed()).toEqual([]);
    expect(await call(one)).toMatchObject({ success: true, result: { name: "New" } });
    expect(renamed()).toEqual(["t1"]);
  });

  it("that want a fresh sign-in are decided at a browser alone (APR-04)", async () => {
    const { ask, send, tokenOf, amy } = await desk();
    const { approval_id } = await ask(WIPE);
    const token = await tokenOf(amy.user.id);
    expect(await send(token, "POST", `/api/v1/approvals/${approval_id}`, { decision: "approve" })).toMatchObject({
      status: 403,
      code: "FRESH_SIGN_IN",
    });
  });

  it("are nothing for a token without the right, of another organisation, or an assistant's", async () => {
    const { ann, ask, send, tokenOf, amy, app, someone, token: assistants } = await desk();
    const { approval_id } = await ask();
    const bob = await memberOf(app, ann.org, "member", "bob@example.com");
    for (const token of [await tokenOf(amy.user.id, ["org:tools"]), await tokenOf(bob.user.id)])
      expect((await send(token, "POST", `/api/v1/approvals/${approval_id}`, { decision: "approve" }))["status"]).toBe(
        403,
      );
    expect((await send(assistants, "GET", "/api/v1/approvals"))["status"]).toBe(401);
    const eve = await someone("eve@example.com");
    const foreign = await tokenOf(eve.user, ["org:approve"], eve.org);
    expect((await send(foreign, "POST", `/api/v1/approvals/${approval_id}`, { decision: "approve" }))["status"]).toBe(
      404,
    );
    expect((await send(foreign, "GET", "/api/v1/approvals"))["approvals"]).toEqual([]);
    const body = await send(await tokenOf(amy.user.id), "POST", `/api/v1/approvals/${approval_id}`, {
      decision: "yes",
    });
    expect(body).toMatchObject({ status: 400, code: "INVALID_INPUT" });
  });
});
