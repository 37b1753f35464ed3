import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { redirectedFetch } from "../../../gateway/connections/outbound.ts";
import { gate, legacy, toolCallsOf } from "../mcp/gate.ts";
import { testApp } from "../support.ts";

const FORM = { origin: "http://localhost:3100", host: "localhost:3100" };

describe("an address that cannot be read", () => {
  it.each(["/%zz", `/${"a".repeat(200)}/mcp`])("is answered with our headers and words: %s", async (url) => {
    const app = await testApp();
    const { statusCode, headers, body } = await app.inject({ url });
    expect(statusCode).toBeLessThan(500);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(body).not.toContain("FST_");
  });
});

describe("a form that is no form", () => {
  it.each([
    ["text/plain", "abc"],
    ["application/json", '"abc"'],
    ["application/json", '{"email":{"$ne":1}}'],
  ])("is refused before it is read: %s %s", async (type, payload) => {
    const app = await testApp();
    const headers = { ...FORM, "content-type": type };
    expect((await app.inject({ method: "POST", url: "/login", headers, payload })).statusCode).toBe(415);
  });
});

it("a request that never ends does not hold a socket for ever", async () => {
  const app = await testApp();
  expect(app.server.requestTimeout).toBeGreaterThan(0);
  expect(app.server.headersTimeout).toBeGreaterThan(0);
});

it("arguments nested without end are refused like any other bad body, and nothing fails inside", async () => {
  const lines: string[] = [];
  const { app, someone } = await gate({ env: { LOG_LEVEL: "error" }, log: { write: (line) => void lines.push(line) } });
  const ann = await someone();
  const connection = (await ann.connect()).id;
  const authorization = `Bearer ${await ann.token(["acme:read"], { connection })}`;
  const send = async (name: string, depth: number) => {
    const { headers, payload } = legacy("tools/call", { name, arguments: { limit: "@" } });
    const text = JSON.stringify(payload).replace('"@"', "[".repeat(depth) + "]".repeat(depth));
    const all = { ...headers, authorization, host: "localhost:3100" };
    return (await app.inject({ method: "POST", url: "/v1/acme", headers: all, payload: text })).statusCode;
  };
  for (const name of ["acme_list_things", "acme_rename_thing"]) expect(await send(name, 50_000)).toBe(400);
  expect(await send("acme_list_things", 20)).toBe(200);
  expect(lines).toEqual([]);
  expect(await toolCallsOf(app, ann.org)).toHaveLength(1);
});

it("a simulated vendor cannot be left by a path that looks like a host", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => response.end(void asked.push(request.url!)));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await redirectedFetch(`http://127.0.0.1:${port}`)("https://vendor.example//127.0.0.1:1/x?y=1");
  expect(asked).toEqual(["//127.0.0.1:1/x?y=1"]);
});
