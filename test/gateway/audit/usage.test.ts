import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { countAllUsage, countUsage, DAY_MS, within } from "../../../gateway/audit/usage.ts";
import { latenciesBy, usageBy, usageByDay } from "../../../gateway/database/usage-days.ts";
import { lacking } from "../../setup/lacking.ts";
import { empty, openers, type Store } from "../database/stores.ts";
import { fakeClock } from "../support.ts";

const START = Date.UTC(2026, 0, 5, 9);
const MASTER = Buffer.alloc(32, 7);

describe.each(openers)("usage on $name", ({ open }) => {
  let store: Store;
  let missing: string | undefined;
  const clock = fakeClock(START);

  beforeEach(async (context) => {
    if (!store && !missing) {
      const opened = await open();
      if ("missing" in opened) missing = opened.missing;
      else store = opened;
    }
    if (missing) return lacking(context.skip, missing);
    await empty(store.db);
  });
  afterAll(() => store?.close());

  const anyCall = fc.record({
    org: fc.constantFrom("org_1", "org_2"),
    actor: fc.constantFrom("usr_a", "usr_b"),
    tool: fc.constantFrom("acme_list", "acme_get", "desk_list"),
    client: fc.constantFrom("claude", undefined),
    customer: fc.constantFrom("cus_1", undefined),
    status: fc.constantFrom("success", "error", "timeout", "denied", "started" as const),
    durationMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    cached: fc.boolean(),
    wait: fc.integer({ min: 0, max: DAY_MS }),
  });

  it("counts every recorded call exactly once, per day, tool, vendor, person, client and customer (PAC-04, PAC-05)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 60 }), fc.integer({ min: 0, max: 60 }), async (calls, half) => {
        await empty(store.db);
        const audit = createAudit({ db: store.db, keys: [MASTER], clock, sinks: [] });
        for (const [place, { org, actor, tool, wait, cached, ...call }] of calls.entries()) {
          clock.pass(wait);
          const vendor = tool.split("_")[0]!;
          await audit.record({ org, type: "tool.call", actor: { id: actor, type: "user" }, vendor, tool, ...call, detail: { cached } }); // biome-ignore format: one thought
          // A page looks in between, and a timer counts at the same time.
          if (place === half) await Promise.all([countUsage(store.db, org), countAllUsage(store.db)]);
        }
        await audit.record({ org: "org_1", type: "policy.writes", actor: { id: "usr_a", type: "user" }, status: "success" });
        await countAllUsage(store.db);
        await countAllUsage(store.db);
        for (const org of ["org_1", "org_2"]) {
          const raw = (await store.db.selectFrom("audit_events").selectAll().where("org_id", "=", org).where("type", "=", "tool.call").where("status", "!=", "started").orderBy("at").execute()).map((row) => ({ ...row, actor: row.actor_id, day: Math.floor(row.at / DAY_MS) })); // biome-ignore format: one thought
          const counted = (rows: typeof raw) => ({
            success: rows.filter(({ status }) => status === "success").length,
            error: rows.filter(({ status }) => status === "error").length,
            timeout: rows.filter(({ status }) => status === "timeout").length,
            denied: rows.filter(({ status }) => status === "denied").length,
            cached: rows.filter(({ detail }) => JSON.parse(detail).cached).length,
          });
          for (const by of ["tool", "vendor", "actor_id", "client", "customer"] as const) {
            const found = await usageBy(store.db, { org, from: 0 }, by, 100);
            const expected = [...Map.groupBy(raw, (row) => row[by] ?? "")].map(([name, rows]) => ({ name, ...counted(rows) }));
            expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(expected.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
          }
          const days = await usageByDay(store.db, { org, from: 0 });
          expect(days).toEqual([...Map.groupBy(raw, ({ day }) => day)].map(([day, rows]) => ({ day, ...counted(rows) })));
          const acme = await usageBy(store.db, { org, from: 0, vendor: "acme" }, "tool", 100);
          expect(acme.every(({ name }) => name.startsWith("acme"))).toBe(true);
        }
        await audit.close();
      }),
      { numRuns: store.name === "SQLite" ? 40 : 8 },
    );
  }); // biome-ignore format: one thought

  it("counts in the background what a page does not wait for", async () => {
    const audit = createAudit({ db: store.db, keys: [MASTER], clock, sinks: [] });
    const event = { org: "org_1", type: "tool.call", actor: { id: "usr_a", type: "user" as const }, tool: "t", status: "success" as const }; // biome-ignore format: one thought
    await Promise.all(Array.from({ length: 2500 }, () => audit.recordSoon(event)));
    expect(await countUsage(store.db, "org_1", { most: 2000 })).toBe(false);
    expect(await countUsage(store.db, "org_1", { most: 2000 })).toBe(true);
    expect(await usageBy(store.db, { org: "org_1", from: 0 }, "tool", 9)).toMatchObject([{ name: "t", success: 2500 }]);
    await audit.close();
  });

  it("knows how long calls took, to within a twentieth (PAC-05)", async () => {
    const audit = createAudit({ db: store.db, keys: [MASTER], clock, sinks: [] });
    const times = Array.from({ length: 400 }, (_, place) => Math.round(3 * 1.02 ** place));
    const event = { org: "org_1", type: "tool.call", actor: { id: "usr_a", type: "user" as const }, vendor: "acme", tool: "t", status: "success" as const }; // biome-ignore format: one thought
    await Promise.all(times.map((durationMs) => audit.recordSoon({ ...event, durationMs })));
    await audit.record({ ...event, status: "denied", durationMs: 1 });
    await countAllUsage(store.db);
    for (const by of ["tool", "vendor", undefined] as const) {
      const buckets = await latenciesBy(store.db, { org: "org_1", from: 0 }, by);
      for (const share of [0.5, 0.95]) {
        const exact = times[Math.ceil(share * times.length) - 1]!;
        const read = within(share, buckets)!;
        expect(Math.abs(read - exact) / exact).toBeLessThan(0.055);
      }
    }
    expect(within(0.5, [])).toBeUndefined();
    await audit.close();
  });
});
