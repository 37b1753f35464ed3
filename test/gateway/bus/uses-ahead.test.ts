import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HELD_MS, type UseCounters, usesAhead } from "../../../gateway/bus/uses-ahead.ts";
import type { Rate } from "../../../gateway/database/rate-counters.ts";

const RATE = { max: 240, windowMs: 60_000 };

/** One place in which replicas count, and a clock that stands still. */
function place() {
  const clock = { now: 1_000_000 };
  const counter = { count: 0, expiresAt: 0 };
  let questions = 0;
  const counters: UseCounters = {
    async take(_key, uses, { windowMs }: Rate, now) {
      questions++;
      if (counter.expiresAt <= now) Object.assign(counter, { count: 0, expiresAt: now + windowMs });
      counter.count += uses;
      return { ...counter };
    },
    async giveBack(_key, uses, { max, expiresAt }) {
      questions++;
      if (counter.expiresAt === expiresAt) counter.count = Math.min(counter.count, max) - uses;
    },
  };
  const replica = () => {
    const ahead = usesAhead(counters);
    return {
      use: async (rate: Rate = RATE) => await ahead.use("calls:org", rate, () => clock.now),
      settle: () => ahead.settle(clock.now),
      async uses(many: number) {
        let allowed = 0;
        for (let n = 0; n < many; n++) if ((await this.use()).allowed) allowed++;
        return allowed;
      },
    };
  };
  return { clock, counter, replica, questions: () => questions };
}

describe("uses of a limit that replicas count together", () => {
  it("cost a busy key one question for several, and a quiet one a question each (OPS-05)", async () => {
    const { clock, replica, questions } = place();
    const one = replica();
    for (let n = 0; n < 5; n++, clock.now += HELD_MS) await one.use();
    expect(questions()).toBe(5);
    expect(await one.uses(100)).toBe(100);
    expect(questions()).toBeLessThan(25);
  });

  it("are exactly as many as the limit for one replica, and the first refusal is told once a window (OAU-24)", async () => {
    const { clock, replica } = place();
    const one = replica();
    expect(await one.uses(300)).toBe(240);
    expect(await one.use()).toEqual({ allowed: false, retryAfterSeconds: 60, firstRefusal: false });
    clock.now += RATE.windowMs;
    const first = await Promise.all(Array.from({ length: 300 }, () => one.use()));
    expect(first.filter(({ allowed }) => allowed)).toHaveLength(240);
    expect(first.filter(({ firstRefusal }) => firstRefusal)).toHaveLength(1);
  });

  it("are never more than the limit, whoever uses them when (OPS-05, OAU-24)", async () => {
    const step = fc.record({
      replica: fc.nat(2),
      uses: fc.integer({ min: 1, max: 40 }),
      together: fc.boolean(),
      pauseMs: fc.constantFrom(0, 0, 10, 500, HELD_MS, 3000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, replica } = place();
        const replicas = [replica(), replica(), replica()];
        let allowed = 0;
        for (const { replica, uses, together, pauseMs } of steps) {
          const here = replicas[replica]!;
          if (together) {
            const answers = await Promise.all(Array.from({ length: uses }, () => here.use()));
            allowed += answers.filter(({ allowed }) => allowed).length;
          } else allowed += await here.uses(uses);
          clock.now += pauseMs;
          if (pauseMs > 0) for (const each of replicas) await each.settle();
          if (clock.now >= 1_000_000 + RATE.windowMs) break;
          expect(allowed).toBeLessThanOrEqual(RATE.max);
        }
      }),
    );
  });

  it("are refused too early by a twentieth of the limit at most, and for a second at most (OPS-05)", async () => {
    const { clock, replica, counter } = place();
    const [busy, other] = [replica(), replica()];
    expect(await busy.uses(30)).toBe(30);
    const held = counter.count - 30;
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(RATE.max / 20);
    expect(await other.uses(300)).toBe(240 - 30 - held);
    clock.now += HELD_MS;
    await busy.settle();
    expect(await other.uses(300)).toBe(held);
    expect(await busy.uses(10)).toBe(0);
  });

  it("of a limit below forty are counted one by one (OPS-05)", async () => {
    const { replica, counter } = place();
    const one = replica();
    for (let n = 0; n < 20; n++) await one.use({ max: 30, windowMs: 60_000 });
    expect(counter.count).toBe(20);
  });
});
