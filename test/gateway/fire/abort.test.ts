import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { flaky } from "../flaky.ts";
import { type Manner, serveFlaky } from "../flaky-server.ts";
import { connectClient, gate, toolCallsOf } from "../mcp/gate.ts";

async function room(manner: Manner) {
  const ill = await serveFlaky(manner);
  const env = { DEV_VENDOR_ORIGINS: JSON.stringify({ ill: ill.origin }) };
  const house = await gate({ vendors: [flaky("ill")], env });
  const ann = await house.someone();
  await ann.writes(true);
  const { id: connection } = await ann.connect("ill");
  const token = await ann.token(["ill:read", "ill:write"], { vendor: "ill", connection });
  const rowsWith = async (status: string) => {
    for (let tries = 0; tries < 100; tries++) {
      const rows = await toolCallsOf(house.app, ann.org);
      if (rows.some((row) => row.status === status)) return rows;
      await sleep(25);
    }
    return [];
  };
  return {
    ...house,
    ann,
    connection,
    ill,
    token,
    rowsWith,
    client: () => connectClient(`${house.origin}/v1/ill`, token, "modern"),
  };
}

async function until(isSo: () => boolean) {
  for (let tries = 0; !isSo() && tries < 200; tries++) await sleep(10);
  expect(isSo()).toBe(true);
}

describe("whoever has gone away (OPS-15)", () => {
  it("over MCP causes no further request: neither the next step nor a repetition is sent", async () => {
    const { ill, client, rowsWith } = await room({ lateMs: 200 });
    const stop = new AbortController();
    const one = await client();
    const call = one.callTool({ name: "ill_get_state", arguments: { times: 9 } }, { signal: stop.signal });
    call.catch(() => {});
    await until(() => ill.reads === 2);
    stop.abort();
    await expect(call).rejects.toThrow();
    const [row] = await rowsWith("error");
    expect(row).toMatchObject({ code: "CANCELLED" });
    const sent = ill.reads;
    await sleep(500);
    expect(ill.reads).toBe(sent);
  });

  it("over REST ends the request that is under way, too", async () => {
    const { ill, origin, ann, connection, rowsWith } = await room("hangs");
    const token = await ann.token(["ill:read"], { vendor: ALL_VENDORS, bound: { ill: connection } });
    const stop = new AbortController();
    const body = JSON.stringify({ name: "ill_get_state", arguments: {} });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body, signal: stop.signal };
    const call = fetch(`${origin}/api/v1/tools/call`, init).catch(() => "gone");
    await until(() => ill.open === 1);
    stop.abort();
    expect(await call).toBe("gone");
    await until(() => ill.open === 0);
    expect((await rowsWith("error"))[0]).toMatchObject({ code: "CANCELLED" });
  });

  it("leaves a change that was sent to its end, so that the record says how it ended", async () => {
    const { ill, client, rowsWith } = await room({ lateMs: 400 });
    const stop = new AbortController();
    const one = await client();
    const call = one.callTool({ name: "ill_set_state", arguments: { name: "x" } }, { signal: stop.signal });
    call.catch(() => {});
    await until(() => ill.writes === 1);
    stop.abort();
    await expect(call).rejects.toThrow();
    const rows = await rowsWith("success");
    expect(rows.map(({ status }) => status)).toEqual(["started", "success"]);
    expect(ill.writes).toBe(1);
  });
});
