import { beforeEach, describe, expect, it } from "vitest";
import type { SharedRedis } from "../../../gateway/bus/redis.ts";
import { sharedBudgets } from "../../../gateway/connections/budgets.ts";
import { type Db, openDatabase } from "../../../gateway/database/index.ts";
import { inSystemScope } from "../../../gateway/database/scope.ts";

import { fakeClock } from "../support.ts";

const REQUESTS = 60;
const SLOT_MS = 2000;
const SLOTS = 30;

let db: Db;
let clock: ReturnType<typeof fakeClock>;
let server: Map<string, Map<string, number>>;

beforeEach(async () => {
  db = await openDatabase({ file: ":memory:" });
  clock = fakeClock();
  server = new Map();
});

/** As much of a Redis as is used, with everything in one map for all replicas. */
function multi() {
  const answers: [null, unknown][] = [];
  const chain = {
    hincrby(place: string, slot: string, spent: number) {
      const slots = server.get(place) ?? new Map<string, number>();
      server.set(place, slots.set(slot, (slots.get(slot) ?? 0) + spent));
      answers.push([null, "OK"]);
      return chain;
    },
    pexpire: () => chain,
    hgetall(place: string) {
      answers.push([null, Object.fromEntries(server.get(place) ?? [])]);
      return chain;
    },
    exec: async () => answers,
  };
  return chain;
}

function replica() {
  const state = { up: true, connected: 1 };
  const redis = {
    client: { multi, hdel: async () => 0 },
    prefix: "",
    isUp: () => state.up,
    connected: () => state.connected,
  } as unknown as SharedRedis;
  const budgets = sharedBudgets({ db, redis, clock });
  return {
    lose: () => Object.assign(state, { up: false }),
    regain: () => Object.assign(state, { up: true, connected: state.connected + 1 }),
    async spend(wanted: number) {
      const slot = Math.floor(clock.now() / SLOT_MS);
      const part = { key: "acme", requests: REQUESTS, slotMs: SLOT_MS, slot, oldest: slot - SLOTS };
      return (await inSystemScope(() => budgets.spend([part], wanted))).granted;
    },
  };
}

describe("a budget that replicas spend together", () => {
  it("leaves others what they had when Redis goes away, before they have told it (OPS-10)", async () => {
    const [one, other] = [replica(), replica()];
    expect([await other.spend(40), await one.spend(10)]).toEqual([40, 10]);
    for (const each of [one, other]) each.lose();
    expect([await one.spend(50), await other.spend(50)]).toEqual([10, 0]);
  });

  it("is spent by nobody in Redis while some may not know that it is back (OPS-10)", async () => {
    const [one, other] = [replica(), replica()];
    for (const each of [one, other]) each.lose();
    expect(await one.spend(20)).toBe(20);
    server.clear();
    one.regain();
    expect([await one.spend(40), await other.spend(40)]).toEqual([0, 40]);
    other.regain();
    expect(await other.spend(1)).toBe(0);
    clock.pass(SLOT_MS);
    expect(await one.spend(1)).toBe(0);
    clock.pass(SLOT_MS * SLOTS * 2);
    expect([await one.spend(40), await other.spend(40)]).toEqual([40, 20]);
  });

  it("is told again what a database that failed was not told (OPS-10)", async () => {
    const one = replica();
    await one.spend(30);
    one.lose();
    await db.schema.alterTable("budget_slots").renameTo("away").execute();
    await expect(one.spend(1)).rejects.toThrow();
    await db.schema.alterTable("away").renameTo("budget_slots").execute();
    const fresh = replica();
    fresh.lose();
    await one.spend(1);
    expect(await fresh.spend(60)).toBeLessThanOrEqual(29);
  });
});
