import { performance } from "node:perf_hooks";
import Fastify from "fastify";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import rest from "../../../gateway/plugins/rest.ts";

const MB = 2 ** 20;

/** A process that was awake for so much of the time, after so many of its five seconds. */
async function after(seconds: number, utilization: number) {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  vi.spyOn(performance, "eventLoopUtilization").mockReturnValue({ utilization, idle: 0, active: 0 });
  const app = Fastify();
  await app.register(rest);
  vi.advanceTimersByTime(seconds * 1000);
  await app.close(); // which waits for what is running
}

const heapMb = () => process.memoryUsage().heapTotal / MB;

/** Old enough that V8 would keep its pages for long. */
function leaveGarbage(mb: number) {
  const kept: object[] = [];
  while (heapMb() < mb) for (let n = 0; n < 100_000; n++) kept.push({ n, text: `${n}` });
  return heapMb();
}

afterEach(() => void vi.restoreAllMocks());

it("a process with nothing to do gives memory back that V8 would keep", async () => {
  const full = leaveGarbage(heapMb() + 100);
  await after(5, 0.01);
  expect(heapMb()).toBeLessThan(full - 50);
});

it("a process that has something to do is not held up for it", async () => {
  const full = leaveGarbage(heapMb() + 100);
  await after(5, 0.3);
  expect(heapMb()).toBeGreaterThan(full - 50);
});
