import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ToolError } from "../../runtime/index.ts";
import { retryAfter, retryRead } from "../../runtime/retry.ts";

const limited = (retryAfterSeconds?: number) =>
  new ToolError("VENDOR_RATE_LIMITED", "429", { status: 429, retryAfterSeconds });

/** A clock that only waiting moves. */
function clock() {
  let time = 0;
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    time += ms;
  };
  return { waits, sleep, now: () => time, random: () => 0.5 };
}

describe("a read", () => {
  it("is tried three times at most, with growing pauses (FAC-13)", async () => {
    const attempt = vi.fn(() => Promise.reject(limited()));
    const time = clock();
    await expect(retryRead(attempt, time)).rejects.toMatchObject({ code: "VENDOR_RATE_LIMITED" });
    expect(attempt).toHaveBeenCalledTimes(3);
    expect(time.waits).toEqual([500, 1000]);
  });

  it("waits as long as the vendor asks, a little more, and not beyond its time", async () => {
    const time = clock();
    await expect(retryRead(() => Promise.reject(limited(9)), time)).rejects.toThrow();
    expect(time.waits).toEqual([9125, 9125]);
    const impatient = clock();
    await expect(retryRead(() => Promise.reject(limited(30)), impatient)).rejects.toMatchObject({
      retryAfterSeconds: 30,
    });
    expect(impatient.waits).toEqual([]);
  });

  it("is tried again after a broken connection, not after other failures", async () => {
    const reset = new ToolError("VENDOR_UNAVAILABLE", "reset", {
      cause: new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "UND_ERR_SOCKET" }) }),
    });
    const attempt = vi.fn(() => Promise.resolve("fine")).mockRejectedValueOnce(reset);
    expect(await retryRead(attempt, clock())).toBe("fine");
    for (const error of [
      new ToolError("VENDOR_UNAVAILABLE", "500", { status: 500 }),
      new ToolError("TIMEOUT", "t"),
      new Error("bug"),
    ]) {
      const once = vi.fn(() => Promise.reject(error));
      await expect(retryRead(once, clock())).rejects.toBe(error);
      expect(once).toHaveBeenCalledTimes(1);
    }
  });

  it("stops when cancelled while waiting", async () => {
    const abort = new AbortController();
    const waiting = retryRead(() => Promise.reject(limited(5)), { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-20T08:00:00Z");
  it.each([
    ["5", 5],
    [" 0 ", 0],
    ["999999", 3600],
    ["Fri, 20 Nov 2026 08:00:30 GMT", 30],
    ["Fri, 20 Nov 2026 07:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j is %j seconds", (value, seconds) => {
    expect(retryAfter(value, now)).toBe(seconds);
  });

  it("is never negative, endless or no number, whatever the vendor writes", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const seconds = retryAfter(value, now) ?? 0;
        expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 3600).toBe(true);
      }),
    );
  });
});
