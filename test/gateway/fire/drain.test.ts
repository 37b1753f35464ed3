import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { serveFlaky } from "../flaky-server.ts";
import { toolCallsOf } from "../mcp/gate.ts";
import { gatewayProcess } from "./process.ts";

const READ = { name: "ill_get_state", arguments: {} };
const WRITE = { name: "ill_set_state", arguments: { name: "other" } };

const textOf = (answer: { content?: unknown }) => (answer.content as { text: string }[])[0]!.text;

async function until(isSo: () => boolean) {
  for (let tries = 0; !isSo() && tries < 400; tries++) await sleep(25);
  expect(isSo()).toBe(true);
}

it("SIGTERM lets reads, changes and streams under way finish, each with its answer and its row, and ends with 0 (OPS-09)", async () => {
  const ill = await serveFlaky({ lateMs: 1_500 });
  const gateway = await gatewayProcess(ill);
  const [reader, writer, streamer] = await Promise.all([gateway.client(), gateway.client(), gateway.client()]);
  const progress: number[] = [];
  const read = reader.callTool(READ);
  const write = writer.callTool(WRITE);
  const stream = streamer.callTool(
    { ...READ, arguments: { times: 2, waitMs: 100 } },
    { onprogress: (one) => progress.push(one.progress) },
  );
  await until(() => ill.reads >= 2 && ill.writes >= 1);
  gateway.child.kill("SIGTERM");
  expect([textOf(await read), textOf(await write), textOf(await stream)]).toEqual(Array(3).fill('{"name":"fine"}'));
  expect(progress).toEqual([0, 1]);
  expect(await gateway.ended).toBe(0);
  const rows = await gateway.after(({ app }) => toolCallsOf(app, gateway.org));
  expect(rows.map(({ tool, status }) => `${tool} ${status}`).sort()).toEqual([
    "ill_get_state success",
    "ill_get_state success",
    "ill_set_state started",
    "ill_set_state success",
  ]);
}, 60_000);

it("when patience ends, reads are stopped with an answer, then changes, which are noted as unknown; still with 0 (OPS-09)", async () => {
  const ill = await serveFlaky("hangs");
  const gateway = await gatewayProcess(ill, { SHUTDOWN_SECONDS: "9" });
  const [reader, writer] = await Promise.all([gateway.client(), gateway.client()]);
  const read = reader.callTool(READ);
  const write = writer.callTool(WRITE);
  await until(() => ill.reads === 1 && ill.writes === 1);
  gateway.child.kill("SIGTERM");
  expect(textOf(await read)).toMatch(
    /^CANCELLED: The gateway is being restarted, so the call was stopped\. Retry after 10 s\./,
  );
  expect(textOf(await write)).toMatch(/^CANCELLED: The gateway is being restarted.*look first whether it was made\.$/);
  expect(await gateway.ended).toBe(0);
  const rows = await gateway.after(({ app }) => toolCallsOf(app, gateway.org));
  const change = rows.filter(({ tool }) => tool === "ill_set_state");
  expect(change.map(({ status, code }) => [status, code])).toEqual([
    ["started", undefined],
    ["error", "CANCELLED"],
  ]);
}, 60_000);

it("whoever sends a request slowly holds up nobody's end: still with 0 (OPS-09)", async () => {
  const ill = await serveFlaky("well");
  const gateway = await gatewayProcess(ill, { SHUTDOWN_SECONDS: "5" });
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(socket, "connect");
  const form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 100";
  socket.write(`POST /login HTTP/1.1\r\nhost: localhost\r\n${form}\r\n\r\nslow`);
  const client = await gateway.client(); // by its answers the slow one has long been read
  expect(textOf(await client.callTool(READ))).toBe('{"name":"fine"}');
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(0);
  expect(gateway.output()).not.toContain("requests did not end in time");
}, 60_000);

it("takes requests for DRAIN_SECONDS after SIGTERM, and a second signal ends at once (OPS-09)", async () => {
  const ill = await serveFlaky("well");
  const gateway = await gatewayProcess(ill, { DRAIN_SECONDS: "20" });
  gateway.child.kill("SIGTERM");
  await gateway.says('"closing"');
  const late = await gateway.client();
  expect(textOf(await late.callTool(READ))).toBe('{"name":"fine"}');
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(1);
}, 60_000);

it("a change whose process was killed is marked as unknown at the next start, once (OPS-09, AUD-01)", async () => {
  const ill = await serveFlaky("hangs");
  const gateway = await gatewayProcess(ill);
  const writer = await gateway.client();
  writer.callTool(WRITE).catch(() => {});
  await until(() => ill.writes === 1);
  gateway.child.kill("SIGKILL");
  const rows = await gateway.after(({ app }) => toolCallsOf(app, gateway.org));
  expect(rows.map(({ status, rule, code, tool }) => [status, rule, code, tool])).toEqual([
    ["started", "allowed", undefined, "ill_set_state"],
    ["error", "interrupted", "UNKNOWN", "ill_set_state"],
  ]);
  expect(rows[1]!.call_id).toBe(rows[0]!.call_id);
  expect(await gateway.after(({ app }) => toolCallsOf(app, gateway.org))).toHaveLength(2);
}, 60_000);
