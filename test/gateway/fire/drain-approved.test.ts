import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createBrowser } from "../../e2e/browser.ts";
import { type FlakyServer, type Manner, serveFlaky } from "../flaky-server.ts";
import { toolCallsOf } from "../mcp/gate.ts";
import { gatewayProcess } from "./process.ts";

const WRITE = { name: "ill_set_state", arguments: { name: "other" } };

interface Answer {
  content?: unknown;
  structuredContent?: unknown;
}

const textOf = ({ content }: Answer) => (content as { text: string }[])[0]!.text;

/** A change that a person said yes to is at the vendor, and the process is told to end. */
async function endedWhileApprovedRuns(ill: FlakyServer, manner: Manner, env: Record<string, string> = {}) {
  const gateway = await gatewayProcess(ill, env, { asked: true });
  const client = await gateway.client();
  const { structuredContent } = (await client.callTool(WRITE)) as { structuredContent?: Record<string, string> };
  expect(structuredContent).toMatchObject({ status: "approval_required" });
  await approve(gateway, new URL(structuredContent!["url"]!).pathname);

  ill.manner = manner;
  const run = client.callTool(WRITE) as Promise<Answer>;
  for (let tries = 0; ill.writes === 0; tries++) {
    expect(tries).toBeLessThan(400);
    await sleep(25);
  }
  gateway.child.kill("SIGTERM");
  const text = textOf(await run);
  expect(await gateway.ended).toBe(0);
  expect(ill.writes).toBe(1);
  const id = structuredContent!["approval_id"]!;
  const left = await gateway.after(async ({ app }) => ({
    approval: await app.db.selectFrom("approvals").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
    rows: (await toolCallsOf(app, gateway.org)).filter(({ approval }) => approval === id),
  }));
  return { text, id, ...left, ended: left.rows.map(({ status, code, rule }) => [status, code, rule]) };
}

async function approve({ url, session }: { url: string; session: string }, path: string) {
  const browser = createBrowser(url);
  browser.cookies.set("session", session);
  const page = await browser.get(path);
  const forms = page.forms.map((form) => ({ ...form, fields: [...form.fields, { name: "answer", value: "", on: false }] })); // biome-ignore format: one thought
  await browser.submit({ ...page, forms }, { answer: "approve", note: "" }, path);
}

it("SIGTERM lets an approved change under way finish: its yes and its row say that it succeeded, once (OPS-09, APR-02)", async () => {
  const ill = await serveFlaky();
  const { text, approval, ended } = await endedWhileApprovedRuns(ill, { lateMs: 1_500 });
  expect(text).toBe('{"name":"fine"}');
  expect(approval).toMatchObject({ status: "consumed", outcome: "succeeded", finished_at: expect.any(Number) });
  expect(ended).toEqual([
    ["pending_approval", undefined, "approval-needed"],
    ["started", undefined, "allowed"],
    ["success", undefined, "allowed"],
  ]);
}, 60_000);

it("when patience ends, an approved change that its vendor never answers is noted as unknown on its yes, which is used up (OPS-09, APR-02)", async () => {
  const ill = await serveFlaky();
  const { text, approval, ended } = await endedWhileApprovedRuns(ill, "hangs", { SHUTDOWN_SECONDS: "9" });
  expect(text).toMatch(/^CANCELLED: The gateway is being restarted.*look first whether it was made\.$/);
  expect(approval).toMatchObject({ status: "consumed", outcome: "unknown", finished_at: expect.any(Number) });
  expect(ended).toEqual([
    ["pending_approval", undefined, "approval-needed"],
    ["started", undefined, "allowed"],
    ["error", "CANCELLED", "allowed"],
  ]);
}, 60_000);
