import { CompiledQuery } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditEvent, createAudit } from "../../../gateway/audit/audit.ts";
import { exportStream, type FORMATS } from "../../../gateway/audit/export.ts";
import {
  type AuditFilter,
  type AuditPlace,
  eachEvent,
  findEvent,
  searchEvents,
} from "../../../gateway/database/audit-search.ts";
import type { Db } from "../../../gateway/database/index.ts";
import { openers, type Store } from "../database/stores.ts";

const KEYS = [Buffer.from("6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=", "base64")];
const START = Date.UTC(2026, 0, 5, 9);
const ORG = "org_1";

const eventOf = (n: number): AuditEvent => ({
  org: ORG,
  type: ["tool.call", "tool.call", "sign-in", "connection.create"][n % 4]!,
  actor: { id: `usr_${n % 7}`, type: "user" },
  status: (["success", "denied", "error"] as const)[n % 3]!,
  client: `client_${n % 5}`,
  vendor: "acme",
  tool: `acme_tool_${n % 10}`,
  tier: n % 9 ? "read" : "write",
  customer: `cus_${n % 6}`,
  rule: n % 3 === 1 ? "writes-off" : "allowed",
  requestId: `req_${n}`,
  callId: `call_${n}`,
});

const COUNT = 420;

async function fill(db: Db) {
  let now = START;
  const audit = createAudit({ db, keys: KEYS, clock: { now: () => now }, sinks: [] });
  for (let n = 0; n < COUNT; n += 20) {
    now = START + n * 1000;
    await Promise.all(Array.from({ length: 20 }, (_, more) => audit.record(eventOf(n + more))));
  }
  await audit.record({ ...eventOf(0), org: "org_2" });
}

const FILTERS: Record<string, [AuditFilter, (n: number) => boolean]> = {
  everything: [{}, () => true],
  from: [{ from: START + 200_000 }, (n) => n >= 200],
  to: [{ to: START + 100_000 }, (n) => n < 100],
  type: [{ type: "sign-in" }, (n) => n % 4 === 2],
  types: [{ type: "connection." }, (n) => n % 4 === 3],
  status: [{ status: "denied" }, (n) => n % 3 === 1],
  actor: [{ actor: "usr_3" }, (n) => n % 7 === 3],
  client: [{ client: "client_2" }, (n) => n % 5 === 2],
  vendor: [{ vendor: "acme" }, () => true],
  tool: [{ tool: "acme_tool_4" }, (n) => n % 10 === 4],
  tier: [{ tier: "write" }, (n) => n % 9 === 0],
  customer: [{ customer: "cus_1" }, (n) => n % 6 === 1],
  rule: [{ rule: "writes-off" }, (n) => n % 3 === 1],
  call: [{ call: "call_17" }, (n) => n === 17],
  request: [{ request: "req_18" }, (n) => n === 18],
  several: [{ actor: "usr_3", status: "denied", from: START + 60_000 }, (n) => n % 7 === 3 && n % 3 === 1 && n >= 60],
};

describe.each(openers)("search in $name", ({ open }) => {
  let store: Store | { missing: string };

  beforeAll(async () => {
    store = await open();
    if ("db" in store) await fill(store.db);
  }, 60_000);
  afterAll(async () => void ("db" in store && (await store.close())));

  it.each(Object.entries(FILTERS))(
    "finds by %s, page by page, newest first, each once (AUD-11)",
    async (_name, [filter, fits]) => {
      if ("missing" in store) return;
      const found: number[] = [];
      for (let after: AuditPlace | undefined; ; ) {
        const rows = await searchEvents(store.db, ORG, filter, { limit: 37, after }).execute();
        found.push(...rows.map(({ seq }) => seq));
        after = rows.at(-1);
        if (!after) break;
      }
      const expected = Array.from({ length: COUNT }, (_, n) => n).filter(fits).map((n) => n + 1); // biome-ignore format: one thought
      expect(found).toEqual(expected.reverse());
    },
  );

  it("shows one organisation what is its own alone (AUD-11)", async () => {
    if ("missing" in store) return;
    expect(await searchEvents(store.db, "org_2", {}, { limit: 9 }).execute()).toHaveLength(1);
    expect(await findEvent(store.db, "org_2", 2)).toBeUndefined();
    expect((await findEvent(store.db, ORG, 18))?.call_id).toBe("call_17");
  });
});

describe("an index", () => {
  let store: Store;
  beforeAll(async () => {
    store = (await openers[0]!.open()) as Store;
    await fill(store.db);
  });
  afterAll(() => store.close());

  it.each(Object.entries(FILTERS))(
    "answers a search by %s: no scan, no sorting of what was found (AUD-11)",
    async (name, [filter]) => {
      const { sql, parameters } = searchEvents(store.db, ORG, filter, {
        limit: 50,
        after: { at: START + 1e9, seq: 9 },
      }).compile();
      const plan = await store.db.executeQuery<{ detail: string }>(
        CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
      );
      const steps = plan.rows.map(({ detail }) => detail);
      expect(steps[0]).toMatch(/^SEARCH audit_events USING INDEX audit_events_/);
      expect(steps.filter((step) => /TEMP B-TREE FOR ORDER BY/.test(step))).toEqual([]);
      const column: Record<string, string> = {
        everything: "time",
        from: "time",
        to: "time",
        client: "time",
        vendor: "time",
        tool: "time",
        type: "other",
        types: "other",
        status: "failed",
        call: "call_id",
        request: "request_id",
      };
      if (name !== "several") expect(steps[0]).toContain(`audit_events_${column[name] ?? name} `);
    },
  );
});

describe("an export", () => {
  let store: Store;
  beforeAll(async () => {
    store = (await openers[0]!.open()) as Store;
    await fill(store.db);
    const audit = createAudit({ db: store.db, keys: KEYS, clock: { now: () => START }, sinks: [] });
    await audit.record({
      ...eventOf(0),
      org: "org_odd",
      actor: { id: '=cmd|"/c calc"!A1', type: "user" },
      rule: 'a,b\n"c"',
    });
    await audit.record({
      ...eventOf(0),
      org: "org_odd",
      actor: { id: "+1", type: "service" },
      status: "pending_approval",
      tier: undefined,
      type: "connection.revoke",
    });
  });
  afterAll(() => store.close());

  const text = async (format: keyof typeof FORMATS, org = ORG, filter: AuditFilter = {}) =>
    (await exportStream(eachEvent(store.db, org, filter), format).toArray()).join("");

  it("is a stream of JSON lines, oldest first, filtered (AUD-11)", async () => {
    const lines = (await text("jsonl", ORG, { status: "denied" })).trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one thought
    expect(lines).toHaveLength(COUNT / 3);
    expect(lines[0]).toMatchObject({ tenant: ORG, seq: 2, status: "denied", rule: "writes-off" });
  });

  it("as CSV keeps its cells, and no cell is a formula (AUD-11)", async () => {
    const csv = await text("csv", "org_odd");
    const [head, first, second] = records(csv);
    const row = Object.fromEntries(head!.map((name, index) => [name, first![index]]));
    expect(row).toMatchObject({ user: `'=cmd|"/c calc"!A1`, rule: 'a,b\n"c"', seq: "1" });
    expect(second![head!.indexOf("user")]).toBe("'+1");
    for (const cell of records(await text("csv")).flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(records(await text("csv"))).toHaveLength(COUNT + 1);
  });

  it("as OCSF is API Activity with what that class demands (AUD-11)", async () => {
    const events = (await text("ocsf")).trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one thought
    for (const event of events) {
      const { class_uid, category_uid, activity_id, type_uid } = event;
      expect([class_uid, category_uid, type_uid]).toEqual([6003, 6, 600_300 + activity_id]);
      for (const name of ["time", "severity_id", "metadata", "actor", "api", "src_endpoint"])
        expect(event).toHaveProperty(name);
      expect(event.metadata).toMatchObject({
        version: "1.3.0",
        product: { vendor_name: "Vendorsmith" },
        tenant_uid: ORG,
      });
      expect(event.api.operation).toMatch(/./);
    }
    expect(events[1]).toMatchObject({
      status_id: 2,
      severity_id: 3,
      activity_id: 2,
      actor: { user: { uid: "usr_1", type_id: 1 }, app_uid: "client_1" },
    });
    const [, revoked] = (await text("ocsf", "org_odd")).trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one thought
    expect(revoked).toMatchObject({ activity_id: 4, status_id: 99 });
  });

  it("holds no more than a few pages in memory, however long it is (AUD-11)", async () => {
    let read = 0;
    async function* endless() {
      for await (const rows of eachEvent(store.db, ORG, {}))
        for (let n = 0; n < 10_000; n++) {
          read++;
          yield rows;
        }
    }
    const stream = exportStream(endless(), "jsonl");
    stream.read();
    await new Promise((later) => setTimeout(later, 50));
    expect(read).toBeLessThan(5);
    stream.destroy();
  });
});

/** A reader of CSV by RFC 4180, by itself. */
function records(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare ?? "");
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
