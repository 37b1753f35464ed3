import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoundCall, callHash } from "../../../gateway/approvals/bind.ts";
import { previewOf } from "../../../gateway/approvals/preview.ts";
import { type ApprovalHouse, type AskedCall, admission } from "../../../gateway/approvals/request.ts";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { type Db, openDatabase } from "../../../gateway/database/index.ts";

const KEYS = [Buffer.from("6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=", "base64")];
const NOW = Date.UTC(2026, 10, 20, 12);
let db: Db;
let house: ApprovalHouse;

beforeAll(async () => {
  db = await openDatabase({ file: ":memory:" });
  const audit = createAudit({ db, keys: KEYS, clock: { now: () => NOW }, sinks: [] });
  const box = { seal: async (text: string) => text, open: async (text: string) => text };
  house = { db, audit, clock: { now: () => NOW }, box };
});
afterAll(() => db.destroy());

const CALL: BoundCall = {
  org: "org_1",
  user: "usr_1",
  client: "client_1",
  tool: "acme_rename_thing",
  toolHash: "sha256-1",
  policyVersion: 3,
  connections: [{ id: "con_1", version: 2, vendor: "acme", label: "Acme" }],
  input: { id: "t1", name: "New", tags: ["a", "b"], more: { deep: 1, other: null } },
};

const asked = (call: BoundCall, callId: string): AskedCall => ({
  ...call,
  callId,
  clientName: "A test",
  vendor: "acme",
  access: "write",
  needs: "self",
  fresh: false,
  waitMs: 600_000,
  runMs: 300_000,
  requestId: "req_1",
  standing: false,
  started: { org: call.org, type: "tool.call", actor: { id: call.user, type: "user" }, status: "started" },
  preview: async () =>
    previewOf({
      tool: { name: call.tool, title: "Rename", access: "write" },
      vendor: "Acme",
      inputSchema: {},
      input: call.input,
      connections: call.connections,
      customers: [],
    }),
});

const text = fc.string({ minLength: 1, maxLength: 12 });

/** One thing about the call that is another than before. */
const mutation: fc.Arbitrary<Partial<BoundCall>> = fc.oneof(
  text.map((org) => ({ org: `org_2${org}` })),
  text.map((user) => ({ user: `usr_2${user}` })),
  text.map((client) => ({ client: `other_${client}` })),
  text.map((tool) => ({ tool: `acme_${tool}` })),
  text.map((hash) => ({ toolHash: `sha256-2${hash}` })),
  fc.integer({ min: 4, max: 9999 }).map((policyVersion) => ({ policyVersion })),
  fc.integer({ min: 3, max: 9999 }).map((version) => ({ connections: [{ ...CALL.connections[0]!, version }] })),
  text.map((id) => ({ connections: [{ ...CALL.connections[0]!, id: `con_2${id}` }] })),
  fc.constant({ connections: [] }),
  fc.constant({ connections: [...CALL.connections, { ...CALL.connections[0]!, id: "con_2" }] }),
  fc
    .jsonValue()
    .filter((value) => JSON.stringify(value) !== '"t1"')
    .map((id) => ({ input: { ...CALL.input, id } })),
  text.map((name) => ({ input: { ...CALL.input, [`x${name}`]: 1 } })),
  fc.constantFrom("id", "name", "tags", "more").map((name) => ({
    input: Object.fromEntries(Object.entries(CALL.input).filter(([key]) => key !== name)),
  })),
  fc.constant({ input: { ...CALL.input, tags: ["b", "a"] } }),
  fc.constant({ input: { ...CALL.input, more: { deep: 2, other: null } } }),
);

describe("what a yes is for", () => {
  it("is everything about the call: whatever differs is another (APR-02)", () => {
    const first = callHash(house.audit, CALL);
    fc.assert(
      fc.property(mutation, (change) => {
        expect(callHash(house.audit, { ...CALL, ...change })).not.toBe(first);
      }),
      { numRuns: 500 },
    );
  });

  it("does not hang on the order in which arguments or connections are given (APR-02)", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(CALL.input), { minLength: 4 }), (names) => {
        const input = Object.fromEntries(names.map((name) => [name, CALL.input[name]]));
        const more = { other: null, deep: 1 };
        expect(callHash(house.audit, { ...CALL, input: { ...input, more } })).toBe(callHash(house.audit, CALL));
      }),
    );
    const second = { ...CALL.connections[0]!, id: "con_2" };
    const both = [CALL.connections[0]!, second];
    expect(callHash(house.audit, { ...CALL, connections: both })).toBe(
      callHash(house.audit, { ...CALL, connections: both.toReversed() }),
    );
  });

  it("admits no other call: each needs a record of its own (APR-02)", async () => {
    await fc.assert(
      fc.asyncProperty(mutation, fc.uuid(), async (change, run) => {
        const call = { ...CALL, user: `usr_1${run}` };
        const waiting = await admission(house, asked(call, "call_1"));
        if (waiting.kind !== "waiting") throw new Error("nobody approved this");
        await db.updateTable("approvals").set({ status: "approved" }).where("id", "=", waiting.approval.id).execute();
        const other = await admission(house, asked({ ...call, ...change }, "call_2"));
        expect(other.kind).toBe("waiting");
        const row = await db
          .selectFrom("approvals")
          .select("status")
          .where("id", "=", waiting.approval.id)
          .executeTakeFirst();
        // Under another policy, tool or connection the old yes is taken back; it is never used.
        expect(["approved", "revoked"]).toContain(row!.status);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what a person reads before a yes (APR-02)", () => {
  const shown = (value: unknown) =>
    previewOf({
      tool: { name: "acme_run", title: "Run", access: "write" },
      vendor: "Acme",
      inputSchema: {},
      input: { script: value },
      connections: [],
      customers: [],
    }).changes[0]!.value;

  it("is told what an argument is, not which tool a model takes it from (APR-02)", () => {
    const about = (description: string) =>
      previewOf({
        tool: { name: "acme_run", title: "Run", access: "write" },
        vendor: "Acme",
        inputSchema: { properties: { id: { type: "string", description } } },
        input: { id: "7" },
        connections: [],
        customers: [],
      }).changes[0]!.about;
    expect(about("From acme_list_things.")).toBeUndefined();
    expect(about("Id of the thing. As thingId in acme_get_thing. At most 40 signs.")).toBe(
      "Id of the thing. At most 40 signs.",
    );
  });

  it("names what is sent and cannot be seen, instead of leaving it out (APR-02)", () => {
    expect(shown("ls\u200b -l")).toBe("(with hidden characters) ls⟨U+200B⟩ -l");
    expect(shown("safe\u202eexe.txt")).toBe("(with hidden characters) safe⟨U+202E⟩exe.txt");
    expect(shown({ deep: ["a\u{e0041}"] })).toContain("a⟨U+E0041⟩");
    expect(shown("Grüße 👩‍💻\r\nbis morgen")).toBe("Grüße 👩💻\nbis morgen");
  });
});
