import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLimiter, createSpender, type Part, type SharedBudgets, spending } from "../../runtime/index.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** A fake of the place that processes share: it answers after `lateMs`, and knows how often it was asked. */
function place({ lateMs = 1 } = {}) {
  const spent = new Map<string, Map<number, number>>();
  let asked = 0;
  const slotsOf = ({ key }: Part) => {
    const slots = spent.get(key) ?? new Map<number, number>();
    spent.set(key, slots);
    return slots;
  };
  const budgets: SharedBudgets = {
    async spend(parts, wanted) {
      asked++;
      await new Promise((answer) => setTimeout(answer, lateMs));
      const free = parts.map((part) => {
        const counting = [...slotsOf(part)].filter(([slot]) => slot >= part.oldest);
        return part.requests - counting.reduce((sum, [, each]) => sum + each, 0);
      });
      const granted = Math.max(0, Math.min(wanted, ...free));
      for (const part of parts) slotsOf(part).set(part.slot, (slotsOf(part).get(part.slot) ?? 0) + granted);
      const [{ slotMs, slot }] = parts as [Part];
      return { granted, freeAt: granted > 0 ? Date.now() : (slot + 1) * slotMs };
    },
  };
  return { budgets, asked: () => asked };
}

const limits = { reads: { requests: 60, windowMs: 3000 } };

it("several processes together start no more than the budget in any window (VEN-26, OPS-10)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ gap: fc.integer({ min: 0, max: 300 }), process: fc.nat(2) }), { maxLength: 60 }),
      async (arrivals) => {
        vi.setSystemTime(1_000_000);
        const { budgets } = place();
        const all = { all: { requests: 4, windowMs: 900 } };
        const processes = [0, 1, 2].map(() =>
          spending(
            createLimiter(all, { maxWaitMs: 60_000 }),
            createSpender(all, { key: "one", budgets, maxWaitMs: 60_000 })!,
          ),
        );
        const starts: number[] = [];
        const runs: Promise<unknown>[] = [];
        for (const { gap, process } of arrivals) {
          await vi.advanceTimersByTimeAsync(gap);
          runs.push(processes[process]!.run("read", async () => starts.push(Date.now())));
        }
        await vi.advanceTimersByTimeAsync(60_000);
        await Promise.all(runs);
        expect(starts).toHaveLength(arrivals.length);
        for (const [index, at] of starts.entries())
          expect((starts[index + 4] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(900);
      },
    ),
    { numRuns: 30 },
  );
});

it("asks once for all who wait, and less and less often when it goes on", async () => {
  const { budgets, asked } = place();
  const { admit } = createSpender({ reads: { requests: 600, windowMs: 60_000 } }, { key: "one", budgets })!;
  const together = Promise.all(Array.from({ length: 40 }, () => admit("read")));
  await vi.advanceTimersByTimeAsync(10);
  await together;
  expect(asked()).toBeLessThanOrEqual(2);
  for (let n = 0; n < 60; n++) {
    const one = admit("read");
    await vi.advanceTimersByTimeAsync(2);
    await one;
  }
  expect(asked()).toBeLessThan(8);
});

it("counts a budget of reads and one of everything at once, and leaves alone what has none", async () => {
  const { budgets } = place();
  const { admit } = createSpender(
    { writes: { requests: 1, windowMs: 60_000 }, reads: { requests: 5, windowMs: 60_000 } },
    { key: "one", budgets, maxWaitMs: 100 },
  )!;
  const first = admit("write");
  await vi.advanceTimersByTimeAsync(5);
  await first;
  const second = expect(admit("write")).rejects.toMatchObject({ code: "VENDOR_RATE_LIMITED" });
  await vi.advanceTimersByTimeAsync(5);
  await second;
  const read = admit("read");
  await vi.advanceTimersByTimeAsync(5);
  await read;
  expect(createSpender({ concurrency: 4 }, { key: "one", budgets })).toBeUndefined();
});

it("stops waiting when the call is cancelled", async () => {
  const { budgets } = place();
  const { admit } = createSpender(limits, { key: "one", budgets })!;
  const spentUp = Promise.all(Array.from({ length: 60 }, () => admit("read")));
  await vi.advanceTimersByTimeAsync(5);
  await spentUp;
  const stop = new AbortController();
  const waiting = expect(admit("read", stop.signal)).rejects.toThrow("gone");
  await vi.advanceTimersByTimeAsync(5);
  stop.abort(new Error("gone"));
  await waiting;
});
