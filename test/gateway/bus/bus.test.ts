import pg from "pg";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Body, createBus, type Ear, type Transport } from "../../../gateway/bus/bus.ts";
import { openRedis, redisTransport } from "../../../gateway/bus/redis.ts";
import { notifications } from "../../../gateway/database/notifications.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { startRedis } from "../../setup/redis.ts";

const postgres = await startPostgres();
const redis = await startRedis();
afterAll(async () => {
  if (!("missing" in postgres)) await postgres.stop();
  if (!("missing" in redis)) await redis.stop();
});

type Connect = (ear: Ear) => Transport;

/** A replica's end of the bus, and all it was told about `topic`. */
function replica(connect?: Connect) {
  const heard: Body[] = [];
  const gaps: boolean[] = [];
  const bus = createBus({ connect, onTrouble: () => {} });
  bus.subscribe("topic", (body) => heard.push(body), () => gaps.push(bus.hears())); // biome-ignore format: one thought
  onTestFinished(() => bus.close());
  return { bus, heard, gaps };
}

const patient = { timeout: 15_000, interval: 10 };
const untilHears = (...all: ReturnType<typeof replica>[]) =>
  vi.waitFor(() => expect(all.every(({ bus }) => bus.hears())).toBe(true), patient);

async function tellsEachOther(connect: Connect) {
  const [a, b] = [replica(connect), replica(connect)];
  await untilHears(a, b);
  await a.bus.publish("topic", { org: "org_1", n: 1 });
  expect(a.heard).toEqual([{ org: "org_1", n: 1 }]);
  await vi.waitFor(() => expect(b.heard).toEqual([{ org: "org_1", n: 1 }]), patient);
  await b.bus.publish("other topic", 2);
  await b.bus.publish("topic", 3);
  await vi.waitFor(() => expect(a.heard).toEqual([{ org: "org_1", n: 1 }, 3]), patient);
  expect(b.heard).toEqual([{ org: "org_1", n: 1 }, 3]); // its own once, not again from outside
}

describe("a process alone", () => {
  it("tells its own listeners at once, and one that fails keeps the others from nothing (OPS-05)", async () => {
    const { bus, heard } = replica();
    bus.subscribe("topic", () => {
      throw new Error("a listener's own trouble");
    });
    const end = bus.subscribe("topic", (body) => heard.push(`again ${body}`));
    await bus.publish("topic", "one");
    end();
    await bus.publish("topic", "two");
    expect(heard).toEqual(["one", "again one", "two"]);
    expect(bus.hears()).toBe(true);
  });

  it("refuses a message that no way between processes would carry", async () => {
    await expect(replica().bus.publish("topic", "x".repeat(7000))).rejects.toThrow("too long");
  });
});

if (!("missing" in postgres))
  describe("replicas on PostgreSQL", async () => {
    const url = await postgres.newDatabase();
    const connect: Connect = (ear) => notifications(url, ear);

    it("tell each other with NOTIFY (OPS-05)", () => tellsEachOther(connect));

    it("are told of a gap when their connection was cut, and hear again (OPS-05)", async () => {
      const [a, b] = [replica(connect), replica(connect)];
      await untilHears(a, b);
      a.gaps.length = 0;
      const admin = new pg.Client(url);
      await admin.connect();
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      await admin.end();
      await vi.waitFor(() => expect(a.gaps).toEqual([false, true]), patient);
      await untilHears(a, b);
      await b.bus.publish("topic", "after");
      await vi.waitFor(() => expect(a.heard).toEqual(["after"]), patient);
    });

    it("do without while the server is not there (OPS-05)", async () => {
      const { bus, heard } = replica((ear) => notifications("postgres://nobody@127.0.0.1:1/none", ear));
      await bus.publish("topic", "one");
      expect(heard).toEqual(["one"]);
      expect(bus.hears()).toBe(false);
    });
  });
else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(postgres.missing));
else console.warn(`not tested: messages through PostgreSQL (${postgres.missing})`);

if (!("missing" in redis))
  describe("replicas on Redis", () => {
    const open = async (installation = "https://mcp.example.com") => {
      const shared = await openRedis({ url: redis.url, installation, onLost: () => {}, onBack: () => {} });
      onTestFinished(() => shared.close());
      return shared;
    };

    it("tell each other through it, and other installations nothing (OPS-05)", async () => {
      const shared = await open();
      const stranger = await open("https://other.example.com");
      const other = replica((ear) => redisTransport(stranger, ear));
      await untilHears(other);
      await tellsEachOther((ear) => redisTransport(shared, ear));
      expect(other.heard).toEqual([]);
    });

    it("are told of a gap when it is killed, and hear again when it is back (OPS-05)", async () => {
      const shared = await open();
      const [a, b] = [replica((ear) => redisTransport(shared, ear)), replica((ear) => redisTransport(shared, ear))];
      await untilHears(a, b);
      a.gaps.length = 0;
      await redis.kill();
      await vi.waitFor(() => expect(a.gaps).toEqual([false]), patient);
      await a.bus.publish("topic", "alone");
      expect(a.heard).toEqual(["alone"]);
      await redis.restart();
      await vi.waitFor(() => expect(a.gaps).toEqual([false, true]), patient);
      await untilHears(a, b);
      await vi.waitFor(() => expect(shared.isUp()).toBe(true), patient);
      await b.bus.publish("topic", "after");
      await vi.waitFor(() => expect(a.heard).toEqual(["alone", "after"]), patient);
    });

    it("notice a server that went silent without closing (OPS-05)", async () => {
      const shared = await open();
      const a = replica((ear) => redisTransport(shared, ear));
      await untilHears(a);
      redis.pause();
      await vi.waitFor(() => expect(a.bus.hears()).toBe(false), patient);
      await vi.waitFor(() => expect(shared.isUp()).toBe(false), patient);
      redis.resume();
      await untilHears(a);
    });
  });
else if (process.env["REQUIRE_SERVICES"]) it("has Redis (OPS-05)", () => expect.fail(redis.missing));
else console.warn(`not tested: messages through Redis (${redis.missing})`);
