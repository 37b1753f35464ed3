import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLanes } from "../../../gateway/connections/lanes.ts";
import type { Limiter } from "../../../runtime/index.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const connection = (org: string, id: string, vendor = "acme") => ({ org_id: org, id, vendor, version: 1 });

function flood(limiter: Limiter, many: number) {
  let started = 0;
  const note = async () => void started++;
  const all = Promise.allSettled(Array.from({ length: many }, () => limiter.run("read", note)));
  return { started: () => started, all };
}

it("shares a budget of our address between organisations: one cannot spend the other's part (VEN-15, VEN-26)", async () => {
  const lanes = createLanes({ now: Date.now });
  const limits = { all: { requests: 180, windowMs: 60_000 }, by: "address" } as const;
  const greedy = [1, 2, 3].map((n) => flood(lanes.of(connection("org-a", `con-${n}`), limits).limiter, 200));
  await vi.advanceTimersByTimeAsync(0);
  expect(greedy.reduce((sum, { started }) => sum + started(), 0)).toBe(144);

  const modest = flood(lanes.of(connection("org-b", "con-9"), limits).limiter, 20);
  await vi.advanceTimersByTimeAsync(0);
  expect(modest.started()).toBe(20);
  const test = lanes.visit(connection("org-a", "none"), limits).limiter.run("read", async () => {});
  await expect(test).rejects.toMatchObject({ code: "VENDOR_RATE_LIMITED" });
  const elsewhere = flood(lanes.of(connection("org-a", "con-8", "other"), limits).limiter, 100);
  await vi.advanceTimersByTimeAsync(0);
  expect(elsewhere.started()).toBe(100);
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all([...greedy, modest, elsewhere].map(({ all }) => all));
});

it("counts together only what leads to the same database of the same vendor (VEN-13, VEN-26)", async () => {
  const lanes = createLanes({ now: Date.now });
  const limits = { all: { requests: 10, windowMs: 60_000 }, by: "database" } as const;
  const of = (org: string, id: string, vendor?: string) => lanes.of(connection(org, id, vendor), limits);
  const first = flood(of("org-a", "con-1").limiterOf("1234"), 8);
  const same = flood(of("org-a", "con-2").limiterOf("1234"), 8);
  const other = flood(of("org-a", "con-3").limiterOf("5678"), 8);
  const namesake = flood(of("org-a", "con-4", "other").limiterOf("1234"), 8);
  await vi.advanceTimersByTimeAsync(0);
  expect([first, same, other, namesake].map(({ started }) => started())).toEqual([8, 0, 8, 8]);
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all([first, same, other, namesake].map(({ all }) => all));
});

it("lets each connection have so many at a time, whoever else shares the budget", async () => {
  const lanes = createLanes({ now: Date.now });
  const limits = { all: { requests: 100, windowMs: 60_000 }, by: "address", concurrency: 1 } as const;
  const busy = lanes.of(connection("org-a", "con-1"), limits).limiter.run("read", () => new Promise(() => {}));
  busy.catch(() => {});
  expect(await lanes.of(connection("org-a", "con-2"), limits).limiter.run("read", async () => "free")).toBe("free");
});

it("pauses everybody at the vendor's word, where the budget is our address's", async () => {
  const lanes = createLanes({ now: Date.now });
  const limits = { all: { requests: 100, windowMs: 60_000 }, by: "address" } as const;
  lanes.of(connection("org-a", "con-1"), limits).limiter.pause(5000);
  const other = flood(lanes.of(connection("org-b", "con-2"), limits).limiter, 1);
  await vi.advanceTimersByTimeAsync(4999);
  expect(other.started()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(other.started()).toBe(1);
  await other.all;
});

it("never shares what an account calls its ids: neither between connections nor beyond the keys they were read with", async () => {
  const lanes = createLanes({ now: Date.now });
  const { labels } = lanes.of(connection("org-a", "con-1"), {});
  await labels.read("status", async () => [["5", "Done"]]);
  const others = [connection("org-b", "con-2"), { ...connection("org-a", "con-1"), version: 2 }];
  for (const other of others)
    expect(await lanes.of(other, {}).labels.read("status", async () => [["5", "Waiting"]])).toEqual([["5", "Waiting"]]);
});

it("forgets a connection that nobody used for hours, and no other", async () => {
  const lanes = createLanes({ now: Date.now });
  const [gone, here] = [connection("org-a", "con-1"), connection("org-a", "con-2")];
  const kept = [lanes.of(gone, {}), lanes.of(here, {})];
  vi.advanceTimersByTime(3_600_000);
  lanes.of(here, {});
  vi.advanceTimersByTime(2 * 3_600_000 - 1);
  lanes.dropIdle();
  expect(lanes.of(here, {})).toBe(kept[1]);
  expect(lanes.of(gone, {})).not.toBe(kept[0]);
});
