import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuditEvent, createAudit } from "../../../gateway/audit/audit.ts";
import { fileSink, jsonLine } from "../../../gateway/audit/sinks.ts";
import { verifyAll, verifyChain } from "../../../gateway/audit/verify.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { scratch, type TestApp, testApp } from "../support.ts";

const event = (change: Partial<AuditEvent> = {}): AuditEvent => ({
  org: "org_1",
  type: "tool.call",
  actor: { id: "usr_1", type: "user" },
  status: "success",
  ...change,
});

async function chain(app: TestApp, length: number, org = "org_1") {
  for (let n = 0; n < length; n++) await app.audit.record(event({ org, callId: `call_${n}` }));
}

const verify = (app: TestApp, org = "org_1") => verifyChain(app.db, org, app.keys.audit);

describe("events that arrive together", () => {
  it("of several organisations share three statements", async () => {
    const app = await testApp();
    const orgs = ["org_1", "org_2", "org_3"];
    await Promise.all(orgs.map((org) => app.audit.record(event({ org }))));
    let statements = 0;
    const db = app.db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        statements++;
        return result;
      },
    });
    const audit = createAudit({ db, keys: app.keys.audit, clock: app.clock, sinks: [] });
    await Promise.all(["org_3", "org_1", "org_2", "org_1"].map((org) => audit.record(event({ org }))));
    expect(statements).toBe(3);
    for (const org of orgs) expect(await verify(app, org)).toMatchObject({ ok: true });
  });
});

describe("an event", () => {
  it("holds what happened to whom, when, and by which rule (AUD-01)", async () => {
    const app = await testApp({ now: () => 1_767_600_000_000 });
    const argsHash = app.audit.hash("org_1", { id: 1 });
    await app.audit.record(
      event({
        client: "https://client.example/id",
        grant: "grt_1",
        connection: "con_1",
        vendor: "acme",
        tool: "acme_list",
        tier: "read",
        rule: "allowed",
        parameters: ["id"],
        argsHash,
        resultHash: "h",
        durationMs: 12,
        requestId: "r1",
        callId: "call_1",
        detail: { bytes: 20 },
      }),
    );
    const [row] = await listEvents(app.db, { org: "org_1", limit: 1 });
    expect(JSON.parse(jsonLine(row!))).toEqual({
      timestamp: "2026-01-05T08:00:00.000Z",
      level: "info",
      logger: "audit",
      tenant: "org_1",
      seq: 1,
      event_type: "tool.call",
      user: "usr_1",
      user_type: "user",
      client: "https://client.example/id",
      grant: "grt_1",
      connection: "con_1",
      action: "invoke_tool",
      mcp_server: "acme",
      tool_name: "acme_list",
      tier: "read",
      status: "success",
      response_status: "OK",
      rule: "allowed",
      duration_ms: 12,
      parameters: ["id"],
      args_hash: argsHash,
      result_hash: "h",
      request_id: "r1",
      call_id: "call_1",
      detail: { bytes: 20 },
      mac: row!.mac,
    });
  });

  it("is found by its status, denials like successes (AUD-02, AUD-05)", async () => {
    const app = await testApp();
    const statuses = ["success", "error", "timeout", "denied", "pending_approval"] as const;
    for (const status of statuses) await app.audit.record(event({ status }));
    for (const status of statuses)
      expect((await listEvents(app.db, { org: "org_1", status, limit: 9 })).map((row) => row.status)).toEqual([status]);
    expect(await listEvents(app.db, { org: "org_2", limit: 9 })).toEqual([]);
  });

  it("that cannot be written is an error for whoever records it", async () => {
    const app = await testApp();
    await app.db.schema.dropTable("audit_events").execute();
    const outcomes = await Promise.allSettled([app.audit.record(event()), app.audit.record(event({ org: "org_2" }))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("stays with the change it tells of, or goes with it", async () => {
    const app = await testApp();
    const attempt = app.audit.atomically(async (_trx, record) => {
      await record(event());
      throw new Error("no");
    });
    await expect(attempt).rejects.toThrow("no");
    await app.audit.record(event());
    expect(await verify(app)).toEqual({ ok: true, org: "org_1", events: 1 });
  });
});

describe("hashes of arguments", () => {
  it("are equal for equal values in any order, and differ by organisation and key (AUD-03)", async () => {
    const [app, other] = [await testApp(), await testApp()];
    const { hash } = app.audit;
    expect(hash("org_1", { a: 1, b: [2, { d: 3, c: 4 }] })).toBe(hash("org_1", { b: [2, { c: 4, d: 3 }], a: 1 }));
    expect(hash("org_1", "x")).not.toBe(hash("org_2", "x"));
    expect(hash("org_1", "x")).not.toBe(other.audit.hash("org_1", "x"));
    expect(hash("org_1", "x")).toMatch(/^hmac-sha256-[\w-]{43}$/);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
        expect(hash("org_1", one) === hash("org_1", two)).toBe(same);
      }),
    );
  });
});

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === "object"
      ? Object.entries(value)
          .map(([key, entry]) => [key, sorted(entry)])
          .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))
          .concat([["{}"]])
      : value;

describe("the chain", () => {
  it("is whole, per organisation, after writing side by side (AUD-10)", async () => {
    const app = await testApp();
    await Promise.all(Array.from({ length: 60 }, (_, n) => app.audit.record(event({ org: `org_${n % 3}` }))));
    await app.audit.atomically(async (_trx, record) => record(event({ org: "org_0" })));
    expect(await verifyAll(app.db, app.keys.audit)).toEqual([
      { ok: true, org: "org_0", events: 21 },
      { ok: true, org: "org_1", events: 20 },
      { ok: true, org: "org_2", events: 20 },
    ]);
  });

  it("shows any edit of any event (AUD-10)", async () => {
    const app = await testApp();
    await chain(app, 6);
    const rows = await app.db.selectFrom("audit_events").selectAll().execute();
    const edits = {
      at: 1,
      type: "x",
      status: "error",
      actor_id: "usr_2",
      actor_type: "system",
      vendor: "x",
      tool: "x",
      request_id: "x",
      call_id: "x",
      detail: "{}x",
      prev_mac: "x",
      mac: "x",
      client: "x",
      customer: "x",
      rule: "x",
      tier: "x",
    } as const;
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.constantFrom(...Object.keys(edits)), async (index, column) => {
        const row = rows[index]!;
        const edit = { [column]: edits[column as keyof typeof edits] };
        await app.db.updateTable("audit_events").set(edit).where("seq", "=", row.seq).execute();
        expect(await verify(app)).toEqual({ ok: false, org: "org_1", seq: row.seq, reason: "changed" });
        await app.db.updateTable("audit_events").set(row).where("seq", "=", row.seq).execute();
      }),
      { numRuns: 60 },
    );
    expect(await verify(app)).toMatchObject({ ok: true });
  });

  it("shows a deleted, a swapped and a cut event, and one of another organisation (AUD-10)", async () => {
    const app = await testApp();
    const events = () => app.db.updateTable("audit_events");
    const drop = (seq: number) =>
      app.db.deleteFrom("audit_events").where("org_id", "=", "org_1").where("seq", "=", seq).execute();
    await chain(app, 5);
    await chain(app, 5, "org_2");
    await app.db.transaction().execute(async (trx) => {
      for (const [from, to] of [
        [2, 99],
        [3, 2],
        [99, 3],
      ])
        await trx
          .updateTable("audit_events")
          .set({ seq: to })
          .where("org_id", "=", "org_1")
          .where("seq", "=", from!)
          .execute();
    });
    expect(await verify(app)).toMatchObject({ ok: false, seq: 2, reason: "changed" });
    await drop(2);
    expect(await verify(app)).toMatchObject({ ok: false, seq: 2, reason: "missing" });

    await app.db.deleteFrom("audit_events").where("org_id", "=", "org_2").where("seq", "=", 5).execute();
    expect(await verify(app, "org_2")).toMatchObject({ ok: false, seq: 5, reason: "cut" });
    await events().set({ org_id: "org_2", seq: 5 }).where("org_id", "=", "org_1").where("seq", "=", 5).execute();
    expect(await verify(app, "org_2")).toMatchObject({ ok: false, seq: 5, reason: "changed" });
  });

  it("cannot be made anew without the key (AUD-10)", async () => {
    const app = await testApp();
    await chain(app, 2);
    expect(await verifyChain(app.db, "org_1", [Buffer.alloc(32, 1)])).toMatchObject({
      ok: false,
      seq: 1,
      reason: "key missing",
    });
    const key_id = (await app.db.selectFrom("audit_events").select("key_id").executeTakeFirstOrThrow()).key_id;
    const forger = createAudit({ db: app.db, keys: [Buffer.alloc(32, 1)], clock: app.clock, sinks: [] });
    await forger.record(event());
    await app.db.updateTable("audit_events").set({ key_id }).execute();
    expect(await verify(app)).toMatchObject({ ok: false, seq: 3, reason: "changed" });
  });

  it("is verified by a command (AUD-10)", async () => {
    const DATA_DIR = scratch();
    const app = await testApp({ env: { DATA_DIR } });
    await chain(app, 3);
    const run = () => {
      const { stdout, status } = spawnSync(process.execPath, ["scripts/audit.ts", "verify"], {
        env: { PATH: process.env["PATH"], DATA_DIR },
        encoding: "utf8",
      });
      return [status, stdout.trim()];
    };
    expect(run()).toEqual([0, "org_1: intact, 3 events"]);
    await app.db.updateTable("audit_events").set({ actor_id: "usr_2" }).where("seq", "=", 2).execute();
    expect(run()).toEqual([1, expect.stringMatching(/^org_1: changed at event 2\. Keep the database as it is/)]);
  });
});

describe("sinks", () => {
  it("are a file of JSON lines that only its owner may read, in the order of the chain (AUD-04)", async () => {
    const DATA_DIR = scratch();
    const app = await testApp({ env: { DATA_DIR, AUDIT_LOG_FILE: "" } });
    await Promise.all(Array.from({ length: 20 }, () => app.audit.record(event())));
    await app.audit.atomically(async (_trx, record) => record(event({ status: "denied" })));
    await app.close();
    const file = `${DATA_DIR}/audit.json`;
    const lines = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one thought
    expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
    expect(lines.at(-1)).toMatchObject({ level: "warn", status: "denied" });
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("go on in the same file after a restart, and may be switched off (AUD-04)", async () => {
    const DATA_DIR = scratch();
    appendFileSync(`${DATA_DIR}/mine.log`, "{}\n");
    chmodSync(`${DATA_DIR}/mine.log`, 0o600);
    const app = await testApp({ env: { DATA_DIR, AUDIT_LOG_FILE: "mine.log" } });
    await app.audit.record(event());
    await app.close();
    expect(readFileSync(`${DATA_DIR}/mine.log`, "utf8").trim().split("\n")).toHaveLength(2);
    const silent = await testApp({ env: { DATA_DIR, AUDIT_LOG_FILE: "off" } });
    await silent.audit.record(event());
    expect(existsSync(`${DATA_DIR}/audit.json`)).toBe(false);
  });

  it("print to standard output when asked (AUD-04)", async () => {
    const script = `
      import { buildApp } from "./gateway/app.ts";
      import { readConfig } from "./gateway/config.ts";
      const app = await buildApp({ config: readConfig(), vendors: [], lock: {} });
      await app.audit.record({ org: "org_1", type: "t", actor: { id: "u", type: "user" }, status: "success" });
      await app.close();
    `;
    const env = { PATH: process.env["PATH"], DATA_DIR: scratch(), AUDIT_TO_STDOUT: "true", LOG_LEVEL: "silent" };
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      env,
      encoding: "utf8",
    });
    expect(JSON.parse(stdout)).toMatchObject({ logger: "audit", event_type: "t", tenant: "org_1" });
  });

  it("that fail are reported and do not stop the gateway: the database has the event", async () => {
    const app = await testApp();
    const errors: Error[] = [];
    const sink = fileSink(`${scratch()}/none/audit.json`, (error) => errors.push(error));
    const audit = createAudit({ db: app.db, keys: app.keys.audit, clock: app.clock, sinks: [sink] });
    await audit.record(event());
    await audit.record(event());
    await audit.close();
    expect(errors).toHaveLength(1);
    expect(await verify(app)).toMatchObject({ ok: true, events: 2 });
  });
});
