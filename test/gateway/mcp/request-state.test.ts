import { describe, expect, it } from "vitest";
import { gate, modern } from "./gate.ts";

const CAPABLE = { _meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } } };

/** Asks for a tool of a vendor that is not connected, as a client that can open links. */
async function asking() {
  const { app, someone } = await gate();
  const call = async (token: string, more: object = {}) => {
    const { headers, payload } = modern("tools/call", { name: "acme_list_things", arguments: {}, ...CAPABLE, ...more });
    const authorization = `Bearer ${token}`;
    return (
      await app.inject({ method: "POST", url: "/v1/acme", headers: { ...headers, authorization }, payload })
    ).json();
  };
  return { call, someone };
}

const ANSWERED = { inputResponses: { connect: { action: "accept" } } };

describe("what a client carries between two requests", () => {
  it("comes back as it was given, and only then counts as asked (MCP-08)", async () => {
    const { call, someone } = await asking();
    const token = await (await someone()).token(["acme:read"]);
    const { result } = await call(token);
    expect(result).toMatchObject({
      resultType: "input_required",
      inputRequests: { connect: { method: "elicitation/create" } },
    });
    const again = await call(token, { requestState: result.requestState, ...ANSWERED });
    expect(again.result.content[0].text).toMatch(/^NOT_CONNECTED/);
  });

  it("is refused when it was changed, or given to somebody else or another app", async () => {
    const { call, someone } = await asking();
    const [ann, bob] = [await someone("ann@example.com"), await someone("bob@example.com")];
    const hers = await ann.token(["acme:read"]);
    const { requestState } = (await call(hers)).result;
    const [head, body, mac] = requestState.split(".");
    const changed = Buffer.from(Buffer.from(body, "base64url").toString().replace("acme", "acmf")).toString(
      "base64url",
    );
    const attempts = [
      await call(hers, { requestState: `${head}.${changed}.${mac}`, ...ANSWERED }),
      await call(hers, { requestState: "v1.e30.e30", ...ANSWERED }),
      await call(await bob.token(["acme:read"]), { requestState, ...ANSWERED }),
      await call(await ann.token(["acme:read"], { client: "client_2" }), { requestState, ...ANSWERED }),
    ];
    for (const { error } of attempts) expect(error).toMatchObject({ code: -32602 });
  });

  it("is signed, and holds no secret and no right", async () => {
    const { call, someone } = await asking();
    const token = await (await someone()).token(["acme:read"]);
    const { requestState } = (await call(token)).result;
    const payload = JSON.parse(Buffer.from(requestState.split(".")[1], "base64url").toString());
    expect(payload.p).toEqual({ about: "acme", tool: "acme_list_things" });
    expect(requestState).not.toContain(token);
  });
});
