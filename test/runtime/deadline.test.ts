import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deadlineAfter } from "../../runtime/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a deadline", () => {
  it("fires when its time is over, and says that it was that", () => {
    const deadline = deadlineAfter(1000);
    vi.advanceTimersByTime(999);
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.passed]).toEqual([true, true]);
  });

  it("fires with the outer signal, for its reason, and says that it was not the time (FAC-13)", () => {
    const outer = new AbortController();
    const deadline = deadlineAfter(1000, outer.signal);
    outer.abort("gone");
    expect([deadline.signal.reason, deadline.passed]).toEqual(["gone", false]);
    expect(deadlineAfter(1000, outer.signal).signal.aborted).toBe(true);
  });

  it("leaves nothing behind when the work is done", () => {
    const outer = new AbortController();
    const forgotten = vi.spyOn(outer.signal, "removeEventListener");
    deadlineAfter(1000, outer.signal).end();
    expect(vi.getTimerCount()).toBe(0);
    expect(forgotten).toHaveBeenCalledWith("abort", expect.any(Function));
  });
});
