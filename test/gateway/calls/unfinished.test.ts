import { expect, it } from "vitest";
import { giveUpCalls } from "../../../gateway/calls/unfinished.ts";
import { toolCallsOf } from "../mcp/gate.ts";
import { fakeClock, person, testApp } from "../support.ts";

const DAY_MS = 24 * 3_600_000;

it("marks every change that a killed process left, however many and after a night without one (OPS-09)", async () => {
  const clock = fakeClock();
  const app = await testApp({ now: clock.now });
  const { org } = await person(app);
  const actor = { id: "usr_1", type: "user" } as const;
  const begun = { org, type: "tool.call", actor, vendor: "acme", tool: "acme_set_thing", status: "started" } as const;
  const calls = Array.from({ length: 250 }, (_, n) => `call_${n}`);
  await Promise.all(calls.map((callId) => app.audit.record({ ...begun, callId, requestId: "r", rule: "allowed" })));
  clock.pass(DAY_MS);
  expect(await giveUpCalls(app, { atStart: true, alone: true })).toBe(250);
  const ended = (await toolCallsOf(app, org)).filter(({ status }) => status === "error");
  expect(new Set(ended.map(({ call_id }) => call_id))).toEqual(new Set(calls));
  expect(await giveUpCalls(app, { atStart: true, alone: true })).toBe(0);
});
