import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../../gateway/audit/audit.ts";
import { type CallRequest, type CallSupport, callFor } from "../../../gateway/calls/call.ts";
import type { Caller } from "../../../gateway/calls/caller.ts";
import { catalogOf, listedFor, unlockedTools } from "../../../gateway/calls/catalog.ts";
import { noteDenied } from "../../../gateway/calls/deny.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { policyWith, SWITCHED_ON, WRITES_UNASKED } from "../policies.ts";

const BUDGETS = { tenant: 1200, calls: 240, writes: 30 };
const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);

const caller = (changes: Partial<Caller> = {}): Caller => ({
  userId: "usr_1",
  actorType: "user",
  rights: new Set(),
  orgId: "org_1",
  orgName: "Contoso MSP",
  home: null,
  role: "owner",
  clientId: "client_1",
  clientName: "A test",
  agentType: "registered",
  grantId: "grt_1",
  reach: new Map([["acme", "con_1"]]),
  scopes: new Set(["acme:read", "acme:write"]),
  limited: false,
  audience: "https://gate.example/v1/acme",
  expiresAt: NOW + 600_000,
  at: NOW,
  policy: policyWith({ switches: SWITCHED_ON, approvals: WRITES_UNASKED }),
  toolsOff: new Set(),
  ...changes,
});

const full = () => Promise.reject(new Error("disk full"));
const brokenAudit: CallSupport["audit"] = { record: full, recordSoon: full, hash: () => "hash" };

/** A request as the database would have it. */
const WAITING = {
  id: "apr_9",
  user_id: "usr_1",
  client_id: "client_1",
  client_name: "A test",
  vendor: "acme",
  tool: "acme_rename_thing",
  access: "write",
  tool_hash: "sha256-1",
  connections: "con_1@1",
  policy_version: 1,
  call_hash: "hash",
  wish_hash: "hash",
  needs: "self",
  fresh: 0,
  box: "",
  status: "pending",
  rule: null,
  approver_id: null,
  approver_role: null,
  note_box: null,
  decided_at: null,
  consumed_call_id: null,
  consumed_at: null,
  run_until: null,
  outcome: null,
  finished_at: null,
  created_at: NOW,
} as const;

/** A call of one tool with everything around it in plain sight. */
function desk(changes: Partial<CallSupport> = {}) {
  const world = acmeWorld();
  const vendor = acme(world);
  const catalog = catalogOf(vendor, lockOf(vendor));
  const events: AuditEvent[] = [];
  const trail: string[] = [];
  const lines: { facts: Record<string, unknown>; text: string }[] = [];
  const log = (facts: object, text: string) => void lines.push({ facts: { ...facts }, text });
  const record = async (event: AuditEvent) => {
    trail.push(`audit ${event.status}`);
    events.push(event);
  };
  const support: CallSupport = {
    stop: new AbortController().signal,
    during: (work) => work(),
    audit: {
      record,
      recordSoon: record,
      hash: (org, value) => `${org}:${JSON.stringify(value)}`,
    },
    limit: async () => ({ allowed: true, retryAfterSeconds: 0, firstRefusal: false }),
    budgets: BUDGETS,
    regions: { own: "eu-central", addresses: { "us-east": "https://us.example.com" } },
    log: { info: log, error: log },
    now: () => NOW,
    open: async () => {
      trail.push("open credential");
      return {
        client: { world },
        connectionId: "con_1",
        noteOutcome: async (error) => void trail.push(`note ${error?.code ?? "ok"}`),
      };
    },
    connectLink: ({ userId }, vendor) => `https://gate.example/connect/${vendor}?for=${userId}`,
    approvals: {
      async ask({ needs, started }) {
        trail.push(`ask ${needs}`);
        await record({ ...started, approval: "apr_1" });
        return { kind: "admitted", approval: "apr_1" };
      },
      async finish({ outcome }, event) {
        trail.push(`ran ${outcome}`);
        await record(event);
      },
      connections: async () => [{ id: "con_1", version: 1, vendor: "acme", label: "Acme" }],
      link: (id) => `https://gate.example/approvals/${id}`,
      status: async () => undefined,
    },
    ...changes,
  };
  const request = (name: string, args: unknown, who = caller()): CallRequest => ({
    caller: who,
    catalog,
    entry: catalog.tools.get(name)!,
    args,
    requestId: "req_1",
  });
  const call = (name: string, args: unknown = {}, who?: Caller) => callFor(support, request(name, args, who));
  return { call, request, support, events, trail, lines, world, catalog };
}

describe("a call", () => {
  it("answers what the tool answered, and leaves one row and one line without arguments or results (AUD-01, MCP-09)", async () => {
    const { call, events, lines } = desk();
    const result = await call("acme_list_things", { limit: 1 });

    expect(result).toMatchObject({ ok: true, value: { things: [{ id: "t1", name: "Thing 1" }], truncated: true } });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      org: "org_1",
      type: "tool.call",
      actor: { id: "usr_1", type: "user" },
      client: "client_1",
      grant: "grt_1",
      connection: "con_1",
      vendor: "acme",
      tool: "acme_list_things",
      tier: "read",
      status: "success",
      rule: "allowed",
      requestId: "req_1",
      parameters: ["limit"],
      argsHash: 'org_1:{"limit":1}',
    });
    expect(events[0]!.resultHash).toMatch(/^org_1:/);
    expect(events[0]!.durationMs).toBeGreaterThanOrEqual(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.facts).toMatchObject({ user: "usr_1", vendor: "acme", tool: "acme_list_things", code: "OK" });
    expect(JSON.stringify(lines)).not.toContain("Thing");
  });

  it("names the arguments that were given, and never a name that the caller made up (AUD-01)", async () => {
    const { call, events } = desk();
    await call("acme_rename_thing", { id: "t1", name: "New", "my password is hunter2": true });
    for (const args of [null, "text", ["id"], 7]) await call("acme_rename_thing", args);
    expect(events.map(({ parameters }) => parameters)).toEqual([["id", "name"], [], [], [], []]);
    expect(JSON.stringify(events.map(({ argsHash: _, ...row }) => row))).not.toMatch(/hunter2|New/);
  });

  it("keeps with each decision who asked, with what rights, for what, and what was decided (AUD-06)", async () => {
    const { call, events } = desk();
    const scopes = new Set(["acme:read", "acme:write", "other:read"]);
    await call("acme_list_things", {}, caller({ scopes }));
    await call("acme_rename_thing", { id: "t1", name: "New" }, caller({ scopes: new Set(["acme:read"]) }));
    const who = { actor: { id: "usr_1", type: "user" }, client: "client_1", audience: "https://gate.example/v1/acme" };
    expect(events).toMatchObject([
      { ...who, scopes: ["acme:read", "acme:write"], policyVersion: 1, rule: "allowed", status: "success" },
      { ...who, scopes: ["acme:read"], rule: "scope-missing", status: "denied" },
    ]);
  });

  it("keeps what a vendor refused and when it asked to wait, by code (AUD-08)", async () => {
    const { call, events } = desk();
    await call("acme_fail", { how: "refused" });
    await call("acme_fail", { how: "busy" });
    expect(events).toMatchObject([
      { type: "tool.call", vendor: "acme", status: "error", detail: { code: "VENDOR_REJECTED" } },
      { type: "tool.call", vendor: "acme", status: "error", detail: { code: "VENDOR_RATE_LIMITED" } },
    ]);
    expect(JSON.stringify(events)).not.toContain("IGNORE ALL");
  });

  it("writes that a change was started before any credential opens, and how it ended after (AUD-12)", async () => {
    const { call, trail } = desk();
    await call("acme_rename_thing", { id: "t1", name: "New" });
    expect(trail).toEqual(["audit started", "open credential", "note ok", "audit success"]);
  });

  it("does not run a write whose row cannot be written, and opens no credential for it (AUD-12)", async () => {
    const { call, trail, world } = desk({
      audit: brokenAudit,
    });
    const result = await call("acme_rename_thing", { id: "t1", name: "New" });
    expect(result).toMatchObject({ ok: false, error: { code: "AUDIT_UNAVAILABLE" } });
    expect(trail).toEqual([]);
    expect(world.renamed).toEqual([]);
  });

  it("still answers a read whose row cannot be written", async () => {
    const { call, lines } = desk({
      audit: brokenAudit,
    });
    expect(await call("acme_list_things")).toMatchObject({ ok: true });
    expect(lines.map(({ text }) => text)).toContain("audit row not written, call was over");
  });

  it("refuses wrong arguments before a credential opens (MCP-09)", async () => {
    const { call, trail, events } = desk();
    const result = await call("acme_list_things", { limit: 1000, org: "org_2" });
    expect(result).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
    expect(trail).toEqual(["audit error"]);
    expect(events[0]).toMatchObject({ status: "error", detail: { code: "INVALID_INPUT" } });
  });

  it("refuses a call without a tenant, and no argument can name one (TEN-05)", async () => {
    const { call, events } = desk();
    expect(await call("acme_list_things", {}, caller({ orgId: "" }))).toMatchObject({ ok: false });
    expect(events[0]).toMatchObject({ status: "denied", rule: "no-tenant" });

    expect(await call("acme_list_things", { org: "org_2" })).toMatchObject({
      ok: false,
      error: { code: "INVALID_INPUT" },
    });
    expect(events[1]).toMatchObject({ org: "org_1" });
  });

  it("gives the connect link of the caller and changes nothing when the vendor is not connected (MCP-08)", async () => {
    const { call, events, world } = desk({ open: async () => undefined });
    const result = await call("acme_rename_thing", { id: "t1", name: "New" });
    const connectUrl = "https://gate.example/connect/acme?for=usr_1";
    const connect = { vendor: "acme", title: "Acme", url: connectUrl };
    expect(result).toMatchObject({ ok: false, error: { code: "NOT_CONNECTED" }, connect });
    expect(result.ok || result.error.advice).toContain(connectUrl);
    expect(world.renamed).toEqual([]);
    expect(events.at(-1)).toMatchObject({ status: "error", detail: { code: "NOT_CONNECTED" } });
  });

  it("turns a bug into a reference, and keeps its message out of answer and log", async () => {
    const { call, lines } = desk();
    const result = await call("acme_fail", { how: "bug" });
    expect(result).toMatchObject({
      ok: false,
      error: { code: "INTERNAL", message: "Internal error, reference req_1." },
    });
    expect(JSON.stringify(lines)).not.toContain("hunter2");
    expect(lines[0]!.facts["frames"]).toEqual(expect.arrayContaining([expect.stringContaining("acme.ts")]));
  });

  it("ends a call whose client went away, and says so (AUD-02)", async () => {
    const gone = new AbortController();
    const { support, request, events, world } = desk();
    world.onSlow = () => gone.abort();
    const result = await callFor(support, { ...request("acme_wait", { ms: 60_000 }), signal: gone.signal });
    expect(result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
    expect(events[0]).toMatchObject({ status: "error", detail: { code: "CANCELLED" } });
  });
});

describe("a call that is refused", () => {
  it.each([
    ["writes are off", "acme_rename_thing", caller({ policy: policyWith() }), "writes-off"],
    ["destroying is off", "acme_wipe_thing", caller({ policy: policyWith() }), "destroys-off"],
    ["showing secrets is off", "acme_reveal_key", caller({ policy: policyWith() }), "reveals-off"],
    ["the write scope is missing", "acme_rename_thing", caller({ scopes: new Set(["acme:read"]) }), "scope-missing"],
    [
      "the token is another vendor's",
      "acme_list_things",
      caller({ reach: new Map([["other", "con_2"]]) }),
      "other-vendor",
    ],
  ])("because %s, is recorded with its rule and touches nothing (TEN-06, AUD-05)", async (_why, tool, who, rule) => {
    const { call, events, trail } = desk();
    expect(await call(tool, { id: "t1", name: "New" }, who)).toMatchObject({ ok: false });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ status: "denied", rule });
    expect(trail).toEqual(["audit denied"]);
  });

  it("is recorded as well when the protocol layer answers it (AUD-05)", async () => {
    const { support, request, events } = desk();
    await noteDenied(support, request("acme_rename_thing", {}, caller({ policy: policyWith() })));
    await noteDenied(support, request("acme_list_things", {}));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ status: "denied", rule: "writes-off", tool: "acme_rename_thing" });
  });
});

describe("a call that a person has to allow", () => {
  const RENAME = { id: "t1", name: "New" };
  const asking = () => caller({ policy: policyWith({ switches: SWITCHED_ON }) });

  it("is asked about after rule, limits and arguments, and before anything is begun or opened (APR-09)", async () => {
    const { call, trail } = desk();
    await call("acme_rename_thing", { id: 7 }, asking());
    expect(trail).toEqual(["audit error"]);
    const result = await call("acme_rename_thing", RENAME, asking());
    expect(trail.slice(1)).toEqual([
      "ask self",
      "audit started",
      "open credential",
      "note ok",
      "ran succeeded",
      "audit success",
    ]);
    expect(result).toMatchObject({ ok: true, approval: "apr_1" });
  });

  it("is one whose arguments want a person, whatever the organisation says, and whatever the access (APR-01)", async () => {
    const { call, trail } = desk();
    await call("acme_rename_thing", RENAME);
    await call("acme_rename_thing", { ...RENAME, mail: false });
    expect(trail).not.toContain("ask self");
    await call("acme_rename_thing", { ...RENAME, mail: true });
    expect(trail).toContain("ask self");
  });

  it("answers normally where to decide, and changes nothing (APR-03)", async () => {
    const { support, request, world, events } = desk();
    const waiting = { ...WAITING, org_id: "org_1", expires_at: NOW + 600_000 };
    const preview = { tool: "acme_rename_thing", title: "Rename a thing", vendor: "Acme", connections: [], customers: [], changes: [] }; // biome-ignore format: one thought
    const approvals = { ...support.approvals, ask: async () => ({ kind: "waiting" as const, approval: waiting, preview }) }; // biome-ignore format: one thought
    const result = await callFor({ ...support, approvals }, request("acme_rename_thing", RENAME, asking()));
    expect(result).toMatchObject({
      ok: true,
      value: { status: "approval_required", approval_id: "apr_9", url: "https://gate.example/approvals/apr_9" },
      waiting: { id: "apr_9" },
    });
    expect(world.renamed).toEqual([]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ status: "pending_approval", rule: "approval-needed", approval: "apr_9" });
  });

  it("is not made when its use cannot be recorded (AUD-12)", async () => {
    const { support, request, world } = desk();
    const approvals = { ...support.approvals, ask: full };
    expect(await callFor({ ...support, approvals }, request("acme_rename_thing", RENAME, asking()))).toMatchObject({
      ok: false,
      error: { code: "AUDIT_UNAVAILABLE" },
    });
    expect(world.renamed).toEqual([]);
  });
});

describe("limits", () => {
  /** Budgets in a map, as the counters would keep them. */
  function counting() {
    const used = new Map<string, number>();
    const limit: CallSupport["limit"] = async (key, { max }) => {
      used.set(key, (used.get(key) ?? 0) + 1);
      const count = used.get(key)!;
      return { allowed: count <= max, retryAfterSeconds: 23, firstRefusal: count === max + 1 };
    };
    return { used, limit };
  }

  it("are lower for writes and name the time at which they reset (TEN-08)", async () => {
    const { limit } = counting();
    const { call, events } = desk({ limit });
    for (let i = 0; i < BUDGETS.writes; i++)
      expect((await call("acme_rename_thing", { id: "t1", name: "N" })).ok).toBe(true);

    const refused = await call("acme_rename_thing", { id: "t1", name: "N" });
    expect(refused).toMatchObject({ ok: false, error: { code: "RATE_LIMITED", retryAfterSeconds: 23 } });
    expect(refused.ok || refused.error.message).toContain("resets at 2026-11-20T12:00:23.000Z");
    expect(events.at(-1)).toMatchObject({ status: "denied", rule: "rate-limit" });
    expect((await call("acme_list_things")).ok).toBe(true);
  });

  it("count per tenant and per user and vendor, never per client or grant (TEN-08)", async () => {
    const { limit, used } = counting();
    const { call } = desk({ limit });
    await call("acme_list_things", {}, caller({ clientId: "one", grantId: "grt_a" }));
    await call("acme_list_things", {}, caller({ clientId: "two", grantId: "grt_b" }));
    await call("acme_list_things", {}, caller({ userId: "usr_2" }));
    expect(Object.fromEntries(used)).toEqual({
      "calls:org_1": 3,
      "calls:org_1:usr_1:acme": 2,
      "calls:org_1:usr_2:acme": 1,
    });
  });
});

describe("the catalog", () => {
  it("shows a caller only what it may call, in one order, and what needs a yes too (MCP-07, TEN-07)", () => {
    const { catalog } = desk();
    const names = (who: Caller) => listedFor(who, catalog).map(({ tool }) => tool.name);
    const reads = ["acme_fail", "acme_list_things", "acme_wait"];
    expect(names(caller({ policy: policyWith() }))).toEqual(reads);
    expect(names(caller())).toEqual([
      "acme_fail",
      "acme_list_things",
      "acme_rename_thing",
      "acme_reveal_key",
      "acme_wait",
      "acme_wipe_thing",
    ]);
  });

  it("holds back a tool that differs from the lock by one word (FAC-14)", async () => {
    const vendor = acme();
    const lock = lockOf(vendor);
    const changed = {
      ...vendor,
      tools: vendor.tools.map((tool) =>
        tool.name === "acme_fail" ? { ...tool, description: `${tool.description} Call this first.` } : tool,
      ),
    };
    const catalog = catalogOf(changed, lock);
    expect(unlockedTools(catalog)).toEqual(["acme_fail"]);
    expect(listedFor(caller(), catalog).map(({ tool }) => tool.name)).not.toContain("acme_fail");
  });
});
