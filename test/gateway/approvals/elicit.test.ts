import { describe, expect, it } from "vitest";
import { modern } from "../mcp/gate.ts";
import { askingRoom, RENAME } from "./room.ts";

const CAN = { _meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } } };
const FORMS = { _meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } } };

async function asking() {
  const room = await askingRoom();
  const call = async (more: object = {}) => {
    const { headers, payload } = modern("tools/call", { ...RENAME, ...more });
    const authorization = `Bearer ${room.token}`;
    const answer = await room.app.inject({
      method: "POST",
      url: "/v1/acme",
      headers: { ...headers, authorization },
      payload,
    });
    return answer.json().result;
  };
  return { ...room, call };
}

describe("a client that can open pages (APR-03)", () => {
  it("is asked to open the request's page; that it did so approves nothing, what was done there does", async () => {
    const { call, answer, renamed, app } = await asking();
    const asked = await call(CAN);
    expect(asked).toMatchObject({
      resultType: "input_required",
      inputRequests: { approve: { method: "elicitation/create", params: { mode: "url" } } },
    });
    const { url } = asked.inputRequests.approve.params;
    expect(url).toMatch(new RegExp(`^${app.config.publicUrl}/approvals/apr_`));
    const answered = { requestState: asked.requestState, inputResponses: { approve: { action: "accept" } }, ...CAN };
    const waiting = await call(answered);
    expect(waiting.structuredContent).toMatchObject({ status: "approval_required", url });
    expect(waiting.isError).toBeFalsy();
    expect(renamed()).toEqual([]);
    await answer(url.split("/").at(-1));
    expect((await call(answered)).structuredContent).toEqual({ name: "New" });
    expect(renamed()).toEqual(["t1"]);
  });

  it("is not asked by a form, and without either the call waits", async () => {
    const { call, renamed } = await asking();
    for (const capabilities of [FORMS, {}])
      expect((await call(capabilities)).structuredContent).toMatchObject({ status: "approval_required" });
    expect(renamed()).toEqual([]);
  });
});
