import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLimiter, createPool, type Limiter } from "../../runtime/index.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Asks so often at once and notes when each request started. */
function ask(limiter: Limiter, many: number, entity?: string, tookMs = 0) {
  const starts: number[] = [];
  const work = async () => {
    starts.push(Date.now() - 1_000_000);
    if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs));
  };
  const all = Promise.allSettled(Array.from({ length: many }, () => limiter.run("read", work, undefined, entity)));
  return { starts, all };
}

describe("a budget that tenants share", () => {
  const limits = { all: { requests: 100, windowMs: 10_000 }, by: "address" } as const;

  it("leaves room for a tenant who comes after a greedy one (VEN-15, VEN-26)", async () => {
    const pool = createPool(limits);
    const greedy = ask(pool.of("org-a"), 500);
    await vi.advanceTimersByTimeAsync(1000);
    expect(greedy.starts).toHaveLength(80);

    const modest = ask(pool.of("org-b"), 10);
    await vi.advanceTimersByTimeAsync(0);
    expect(modest.starts).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all([greedy.all, modest.all]);
  });

  it("gives tenants who both want all of it the same (VEN-26)", async () => {
    const pool = createPool(limits);
    const [a, b] = [ask(pool.of("org-a"), 300), ask(pool.of("org-b"), 300)];
    await vi.advanceTimersByTimeAsync(40_000);
    await Promise.all([a.all, b.all]);
    const within = (starts: number[]) => starts.filter((at) => at >= 10_000 && at < 20_000).length;
    expect(within(a.starts)).toBe(40);
    expect(within(b.starts)).toBe(40);
  });

  it("never exceeds the vendor's budget, and a tenant who asks for little waits for nobody (VEN-26)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 40 }),
        fc.array(fc.record({ gap: fc.integer({ min: 0, max: 300 }), flood: fc.integer({ min: 1, max: 60 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (requests, floods) => {
          vi.setSystemTime(1_000_000);
          const pool = createPool({ all: { requests, windowMs: 1000 } }, { maxWaitMs: 60_000 });
          const starts: number[] = [];
          const note = async () => void starts.push(Date.now());
          const runs: Promise<unknown>[] = [];
          for (const { gap, flood } of floods) {
            await vi.advanceTimersByTimeAsync(gap);
            for (let i = 0; i < flood; i++)
              runs.push(
                pool
                  .of("greedy")
                  .run("read", note)
                  .catch(() => {}),
              );
          }
          const asked = Date.now();
          let waited = -1;
          runs.push(
            pool.of("modest").run("read", async () => {
              waited = Date.now() - asked;
              starts.push(Date.now());
            }),
          );
          await vi.advanceTimersByTimeAsync(0);
          expect(waited).toBe(0);
          await vi.advanceTimersByTimeAsync(120_000);
          await Promise.all(runs);
          starts.sort((a, b) => a - b);
          for (const [index, at] of starts.entries())
            expect((starts[index + requests] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(1000);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes turns where only so many run at a time (VEN-26)", async () => {
    const pool = createPool({ concurrency: 1 });
    const greedy = ask(pool.of("org-a"), 5, undefined, 100);
    const modest = ask(pool.of("org-b"), 1, undefined, 100);
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([greedy.all, modest.all]);
    expect(modest.starts).toEqual([100]);
  });
});

describe("a limit by entity", () => {
  it("holds for each kind of thing apart (VEN-13, VEN-26)", async () => {
    const limiter = createLimiter({ concurrency: 3, concurrencyBy: "entity" });
    const tickets = ask(limiter, 7, "Tickets", 100);
    const companies = ask(limiter, 3, "Companies", 100);
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([tickets.all, companies.all]);
    expect(tickets.starts).toEqual([0, 0, 0, 100, 100, 100, 200]);
    expect(companies.starts).toEqual([0, 0, 0]);
  });
});
