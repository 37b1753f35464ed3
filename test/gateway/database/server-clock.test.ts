import Fastify from "fastify";
import { expect, it } from "vitest";
import { clockWords, createClock } from "../../../gateway/clock.ts";
import { readConfig } from "../../../gateway/config.ts";
import metrics from "../../../gateway/metrics/plugin.ts";
import database from "../../../gateway/plugins/database.ts";
import sharedClock from "../../../gateway/plugins/shared-clock.ts";
import { startPostgres } from "../../setup/postgres.ts";

const server = await startPostgres();

it("says who is behind, by how much, and what to do; nothing while the clocks agree", () => {
  expect(clockWords(0)).toBeUndefined();
  expect(clockWords(30_400)).toMatch(
    /clock is 30 s behind the database's, which is used instead. Set it right \(NTP\)/,
  );
  expect(clockWords(-90_000)).toMatch(/clock is 90 s ahead of the database's/);
});

it("goes on as it was when the machine's clock is set right, and by that from the next look on (OPS-05)", () => {
  let [machine, elapsed] = [1_000_000, 50.25];
  const clock = createClock(
    () => machine,
    () => elapsed,
  );
  clock.follow(3_600_000);
  expect(clock.now()).toBe(4_600_000);
  machine += 3_600_000;
  elapsed += 1000;
  expect([clock.now(), clock.machine()]).toEqual([4_601_000, 4_600_000]);
  clock.follow(0);
  expect(clock.now()).toBe(4_600_000);
});

if (!("missing" in server)) {
  const appWhoseClockIs = async (behindMs: number) => {
    const lines: string[] = [];
    const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
    app.decorate("config", readConfig({ NODE_ENV: "test", DATABASE_URL: await server.newDatabase() }));
    app.decorate(
      "clock",
      createClock(() => Date.now() - behindMs),
    );
    for (const plugin of [metrics, database, sharedClock]) await app.register(plugin);
    await app.ready();
    return { app, lines };
  };

  it("a replica whose clock differs goes by the database's, and says so (OPS-05)", async () => {
    const { app, lines } = await appWhoseClockIs(300_000);
    expect(Math.abs(app.clock.now() - Date.now())).toBeLessThan(2000);
    expect(lines.join("")).toContain("clock is 300 s behind the database's");
    expect(await app.metrics.text()).toMatch(/vendorsmith_clock_ahead_seconds (299|300)/);
    await app.close();
  });

  it("one whose clock agrees keeps its own", async () => {
    const { app, lines } = await appWhoseClockIs(300);
    expect(app.clock.aheadMs).toBe(0);
    expect(lines.join("")).not.toContain("clock is");
    await app.close();
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL", () => expect.fail(server.missing));
