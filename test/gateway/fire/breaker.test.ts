import { describe, expect, it } from "vitest";
import { breakerOfConnection, type Turn } from "../../../gateway/connections/guards/breaker.ts";
import { breakerOfHost, type HostTurn } from "../../../gateway/connections/guards/host-breaker.ts";
import type { End } from "../../../runtime/index.ts";
import { fakeClock } from "../support.ts";

function connection() {
  const clock = fakeClock();
  const turns: Turn[] = [];
  const breaker = breakerOfConnection({ now: clock.now, onTurn: (turn) => turns.push(turn) });
  const ask = (...ends: End[]) => {
    for (const end of ends) breaker.begin()(end);
  };
  return { clock, turns, breaker, ask };
}

const times = (count: number, end: End) => Array<End>(count).fill(end);

describe("the breaker of a connection (OPS-15)", () => {
  it("opens when more than half of the last requests, and five at least, were outages", () => {
    const { breaker, ask, turns } = connection();
    ask(...times(4, "outage"));
    expect(breaker.waitMs()).toBe(0);
    ask("outage");
    expect(breaker.waitMs()).toBeGreaterThanOrEqual(2_500);
    expect(breaker.waitMs()).toBeLessThanOrEqual(5_000);
    expect(turns).toMatchObject([{ open: true, again: false }]);
  });

  it("does not open for refusals, nor for requests that were stopped", () => {
    const { breaker, ask } = connection();
    ask(...times(30, "answered"), ...times(10, "outage"), ...times(100, "nothing"));
    expect(breaker.waitMs()).toBe(0);
  });

  it("lets one request try, and closes when that is answered", () => {
    const { breaker, ask, clock, turns } = connection();
    ask(...times(5, "outage"));
    clock.pass(5_000);
    expect(breaker.waitMs()).toBe(0);
    const end = breaker.begin();
    expect(breaker.waitMs()).toBeGreaterThan(0);
    end("answered");
    expect(breaker.waitMs()).toBe(0);
    expect(turns.at(-1)).toEqual({ open: false });
    ask(...times(4, "outage")); // what was counted before is forgotten
    expect(breaker.waitMs()).toBe(0);
  });

  it("stays open for longer each time, up to two minutes", () => {
    const { breaker, ask, clock } = connection();
    ask(...times(5, "outage"));
    const pauses = Array.from({ length: 8 }, () => {
      const ms = breaker.waitMs();
      clock.pass(ms);
      ask("outage");
      return ms;
    });
    const longest = [5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000];
    pauses.forEach((ms, index) => {
      expect(ms).toBeLessThanOrEqual(longest[index]!);
      expect(ms).toBeGreaterThanOrEqual(longest[index]! / 2 - 1);
    });
  });

  it("gives the try to the next one when it was stopped, and hears nothing from requests of before", () => {
    const { breaker, ask, clock } = connection();
    const straggler = breaker.begin();
    ask(...times(5, "outage"));
    clock.pass(5_000);
    breaker.begin()("nothing");
    expect(breaker.waitMs()).toBe(0);
    const trying = breaker.begin();
    straggler("answered");
    expect(breaker.waitMs()).toBeGreaterThan(0);
    trying("outage");
    expect(breaker.waitMs()).toBeGreaterThan(5_000 - 1);
  });
});

describe("the breaker of a vendor's address (OPS-15)", () => {
  function host() {
    const clock = fakeClock();
    const turns: HostTurn[] = [];
    const breaker = breakerOfHost({ now: clock.now, onTurn: (turn) => turns.push(turn) });
    const ask = (org: string, id: string, ...ends: End[]) => {
      for (const end of ends) if (breaker.waitMs() === 0) breaker.begin({ org, id })(end);
    };
    return { breaker, clock, ask, turns };
  }

  it("says whose requests it holds back, and the same when it closes", () => {
    const { ask, turns, clock } = host();
    ask("org-c", "con-3", "answered");
    ask("org-a", "con-1", ...times(3, "outage"));
    ask("org-b", "con-2", ...times(3, "outage"));
    clock.pass(5_000);
    ask("org-d", "con-4", "answered");
    expect(turns).toMatchObject([
      { open: true, again: false, orgs: ["org-c", "org-a", "org-b"] },
      { open: false, orgs: ["org-c", "org-a", "org-b"] },
    ]);
  });

  it("opens for everybody when most of those who ask get no answer", () => {
    const { breaker, ask } = host();
    ask("org-a", "con-1", ...times(3, "outage"));
    expect(breaker.waitMs()).toBe(0);
    ask("org-b", "con-2", ...times(3, "outage"));
    expect(breaker.waitMs()).toBeGreaterThan(0);
  });

  it("is not opened by one organisation while others are answered, however many connections it makes fail", () => {
    const { breaker, ask } = host();
    ask("org-b", "con-0", "answered");
    for (let id = 1; id < 20; id++) ask("org-a", `con-${id}`, ...times(10, "outage"));
    expect(breaker.waitMs()).toBe(0);
    ask("org-b", "con-0", "outage", "outage");
    expect(breaker.waitMs()).toBe(0);
  });

  it("does not open while half of them are answered", () => {
    const { breaker, ask } = host();
    for (const one of ["a", "b", "c"]) ask(one, one, "answered");
    for (const one of ["d", "e", "f"]) ask(one, one, ...times(5, "outage"));
    expect(breaker.waitMs()).toBe(0);
  });
});
