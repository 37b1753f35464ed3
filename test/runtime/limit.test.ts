import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLimiter, type Limiter } from "../../runtime/index.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Runs so many requests of a kind and notes when each started. */
function start(limiter: Limiter, kind: "read" | "write", many: number, tookMs = 0) {
  const starts: number[] = [];
  const work = async () => {
    starts.push(Date.now() - 1_000_000);
    if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs));
  };
  const all = Promise.allSettled(Array.from({ length: many }, () => limiter.run(kind, work)));
  return { starts, all };
}

describe("a limiter", () => {
  it("starts no more than its budget in any window (VEN-26)", async () => {
    const { starts, all } = start(createLimiter({ reads: { requests: 3, windowMs: 1000 } }), "read", 8);
    await vi.advanceTimersByTimeAsync(5000);
    await all;
    expect(starts).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000]);
  });

  it("holds in every window, whenever requests arrive (VEN-26)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(
          fc.record({
            gap: fc.integer({ min: 0, max: 400 }),
            kind: fc.constantFrom("read" as const, "write" as const),
          }),
          { maxLength: 25 },
        ),
        async (requests, arrivals) => {
          vi.setSystemTime(1_000_000);
          const limiter = createLimiter({ all: { requests, windowMs: 1000 }, concurrency: 2 }, { maxWaitMs: 60_000 });
          const starts: number[] = [];
          let running = 0;
          const runs: Promise<void>[] = [];
          for (const { gap, kind } of arrivals) {
            await vi.advanceTimersByTimeAsync(gap);
            const work = async () => {
              starts.push(Date.now());
              running += 1;
              expect(running).toBeLessThanOrEqual(2);
              await new Promise((resolve) => setTimeout(resolve, 30));
              running -= 1;
            };
            runs.push(limiter.run(kind, work));
          }
          await vi.advanceTimersByTimeAsync(60_000);
          await Promise.all(runs);
          expect(starts).toHaveLength(arrivals.length);
          for (const [index, at] of starts.entries())
            expect((starts[index + requests] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(1000);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("runs so many at a time", async () => {
    const { starts, all } = start(createLimiter({ concurrency: 2 }), "read", 5, 100);
    await vi.advanceTimersByTimeAsync(1000);
    await all;
    expect(starts).toEqual([0, 0, 100, 100, 200]);
  });

  it("keeps the budget of writes apart: reads go on when it is used up (VEN-26)", async () => {
    const limiter = createLimiter({ reads: { requests: 10, windowMs: 1000 }, writes: { requests: 1, windowMs: 1000 } });
    const writes = start(limiter, "write", 2);
    const reads = start(limiter, "read", 3);
    await vi.advanceTimersByTimeAsync(1500);
    await Promise.all([writes.all, reads.all]);
    expect(writes.starts).toEqual([0, 1000]);
    expect(reads.starts).toEqual([0, 0, 0]);
  });

  it("refuses at once what would wait too long, and says for how long (VEN-25)", async () => {
    const limiter = createLimiter({ reads: { requests: 1, windowMs: 60_000 } });
    await limiter.run("read", async () => {});
    await expect(limiter.run("read", async () => {})).rejects.toMatchObject({
      code: "VENDOR_RATE_LIMITED",
      retryAfterSeconds: 60,
    });
  });

  it("gives up when those before take longer than thought", async () => {
    const limiter = createLimiter({ concurrency: 1 }, { maxWaitMs: 500 });
    const slow = start(limiter, "read", 1, 2000);
    const late = limiter.run("read", async () => "late").catch((error) => error.code);
    await vi.advanceTimersByTimeAsync(600);
    expect(await late).toBe("VENDOR_RATE_LIMITED");
    await vi.advanceTimersByTimeAsync(2000);
    await slow.all;
    expect(await limiter.run("read", async () => "free")).toBe("free");
  });

  it("lets go of who is cancelled while waiting (FAC-13)", async () => {
    const limiter = createLimiter({ concurrency: 1 });
    const slow = start(limiter, "read", 1, 100);
    const abort = new AbortController();
    const work = vi.fn(async () => {});
    const waiting = limiter.run("read", work, abort.signal).catch((reason) => reason);
    abort.abort("no longer");
    expect(await waiting).toBe("no longer");
    await vi.advanceTimersByTimeAsync(200);
    await slow.all;
    expect(work).not.toHaveBeenCalled();
    await expect(limiter.run("read", work, abort.signal)).rejects.toBe("no longer");
  });

  it("pauses longer each time the vendor asks for it, until something works (VEN-26)", async () => {
    const pauses = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
    const started: number[] = [];
    const limiter = createLimiter({}, { maxWaitMs: 120_000 });
    for (const pause of pauses) {
      limiter.pause();
      const began = Date.now();
      const next = limiter.run("read", async () => {
        started.push(Date.now() - began);
        throw new Error("429");
      });
      next.catch(() => {});
      await vi.advanceTimersByTimeAsync(pause);
    }
    expect(started).toEqual(pauses);
    await limiter.run("read", async () => {});
    limiter.pause();
    const began = Date.now();
    const next = limiter.run("read", async () => Date.now() - began);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await next).toBe(1000);
  });

  it("frees the place of work that fails", async () => {
    const limiter = createLimiter({ concurrency: 1 });
    await expect(limiter.run("read", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await limiter.run("read", async () => 1)).toBe(1);
  });
});
