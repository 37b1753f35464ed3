import { once } from "node:events";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { exchange } from "../../../gateway/mcp/exchange.ts";
import { legacy, modern } from "./gate.ts";

/** One handler of the SDK behind both adapters. */
async function both() {
  const events: string[] = [];
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: "test", version: "1" });
      const inputSchema = z.object({ how: z.string() });
      server.registerTool("act", { inputSchema }, async ({ how }, { mcpReq }) => {
        if (how === "fail") throw new Error("no");
        const params = { progressToken: "p", progress: 1 };
        if (how === "report") await mcpReq.notify({ method: "notifications/progress", params });
        if (how === "wait") {
          events.push("begun");
          await once(mcpReq.signal, "abort");
          events.push("stopped");
        }
        return { content: [{ type: "text", text: `${how}: ü, ☃ and 𝄞` }] };
      });
      return server;
    },
    { legacy: "stateless" },
  );
  const theirs = toNodeHandler(handler);
  const app = Fastify();
  const auth = { token: "", clientId: "c", scopes: [] };
  app.all("/ours", (request, reply) => exchange(handler, request, reply.header("x-own", "1"), auth));
  app.all("/theirs", (request, reply) => {
    reply.raw.setHeader("x-own", "1");
    reply.hijack();
    return theirs(Object.assign(request.raw, { auth }), reply.raw as never, request.body);
  });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { handler, origin, events };
}

const ask = async (url: string, init: RequestInit) => {
  const answer = await fetch(url, init);
  const {
    date,
    "content-length": _length,
    "transfer-encoding": _encoding,
    ...headers
  } = Object.fromEntries(answer.headers);
  return { status: answer.status, headers, body: await answer.text() };
};

const act = (how: unknown) => ({ name: "act", arguments: { how } });
const post = ({ headers, payload }: { headers: object; payload: unknown }): RequestInit => ({
  method: "POST",
  headers: headers as Record<string, string>,
  body: typeof payload === "string" ? payload : JSON.stringify(payload),
});
const JSON_ONLY = { "content-type": "application/json" };

describe("an exchange with the SDK", () => {
  it.each<[string, RequestInit]>([
    ...[modern, legacy].flatMap((speak): [string, RequestInit][] => [
      ["a list", post(speak("tools/list"))],
      ["a call", post(speak("tools/call", act("well")))],
      ["a call that reports progress", post(speak("tools/call", { ...act("report"), _meta: { progressToken: "p" } }))],
      ["a call that fails", post(speak("tools/call", act("fail")))],
      ["a call with wrong arguments", post(speak("tools/call", act(7)))],
      ["an unknown tool", post(speak("tools/call", { name: "other", arguments: {} }))],
      ["an unknown method", post(speak("nonsense"))],
      ["a ping", post(speak("ping"))],
      ["a notification", post({ headers: speak("x").headers, payload: { jsonrpc: "2.0", method: "notifications/x" } })],
    ]),
    ["an unknown version", post({ ...modern("tools/list"), headers: { ...modern("tools/list").headers, "mcp-protocol-version": "1999-01-01" } })],
    ["a method that the header names otherwise", post({ ...modern("tools/list"), headers: { ...modern("tools/list").headers, "mcp-method": "ping" } })],
    ["a batch", post({ headers: legacy("ping").headers, payload: [legacy("ping").payload, legacy("tools/list", {}, 2).payload] })],
    ["an empty batch", post({ headers: JSON_ONLY, payload: [] })],
    ["a batch of 2026", post({ headers: modern("ping").headers, payload: [modern("tools/list").payload] })],
    ["null", post({ headers: JSON_ONLY, payload: "null" })],
    ["a text", post({ headers: JSON_ONLY, payload: '"text"' })],
    ["no accept", post({ headers: JSON_ONLY, payload: legacy("ping").payload })],
    ["initialize", post(legacy("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }))],
    ["GET", { method: "GET", headers: { accept: "text/event-stream" } }],
    ["DELETE", { method: "DELETE" }],
  ])("answers %s as the SDK's own adapter does", async (_what, init) => {
    const { origin } = await both();
    const expected = await ask(`${origin}/theirs`, init);
    expect(await ask(`${origin}/ours`, init)).toEqual(expected);
    expect(expected.headers).toMatchObject({ "x-own": "1" });
  }); // biome-ignore format: a table

  it("stops what is done for somebody who has gone away", async () => {
    const { origin, events } = await both();
    for (const speak of [modern, legacy]) {
      const leaving = new AbortController();
      const asked = fetch(`${origin}/ours`, { ...post(speak("tools/call", act("wait"))), signal: leaving.signal });
      await expect.poll(() => events.at(-1)).toBe("begun");
      leaving.abort();
      await expect(asked).rejects.toThrow();
      await expect.poll(() => events.at(-1)).toBe("stopped");
    }
  });

  it("says with the request's id that something broke", async () => {
    const { origin, handler } = await both();
    await handler.close();
    const broken = { jsonrpc: "2.0", error: { code: -32603, message: "Internal server error" }, id: 7 };
    const { status, body } = await ask(`${origin}/ours`, post(modern("tools/list", {}, 7)));
    expect([status, JSON.parse(body)]).toEqual([500, broken]);
  });
});
