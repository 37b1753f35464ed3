import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEvent } from "../../../../gateway/audit/audit.ts";
import { keptDays } from "../../../../gateway/database/audit-retention.ts";
import { fakeClock, type TestApp, testApp } from "../../support.ts";
import { monitor } from "../sample-vendors.ts";
import { visitorAs } from "./admin.ts";

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
let auditor: Awaited<ReturnType<typeof visitorAs>>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [monitor], lock: {}, now: clock.now });
  auditor = await visitorAs(app, "auditor");
});

const call = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  org: auditor.org,
  type: "tool.call",
  actor: { id: auditor.user.id, type: "user" },
  client: "client_1",
  grant: "grt_1",
  audience: "http://localhost:3100/v1/monitor",
  scopes: ["monitor:read"],
  policyVersion: 3,
  vendor: "monitor",
  tool: "monitor_list",
  tier: "read",
  rule: "allowed",
  status: "success",
  durationMs: 12,
  callId: "call_1",
  requestId: "req_1",
  ...more,
});
const seqs = (html: string) => [...html.matchAll(/href="\/admin\/audit\/(\d+)"/g)].map(([, seq]) => Number(seq));

describe("the audit page (UI-07)", () => {
  it("lists what happened, newest first, by name, and pages on by place (AUD-11)", async () => {
    await Promise.all(Array.from({ length: 120 }, () => app.audit.record(call())));
    await app.audit.record(call({ org: "org_other", tool: "monitor_secret" }));
    const first = (await auditor.get("/admin/audit")).body;
    expect(first).not.toContain("monitor_secret");
    expect(first).toContain(`>${auditor.user.name}</a>`);
    expect(first).toContain("Acme Monitor");
    const older = /href="([^"]+)" rel="next"/.exec(first)![1]!.replaceAll("&#x3D;", "=").replaceAll("&amp;", "&");
    const second = (await auditor.get(older)).body;
    const all = [...seqs(first), ...seqs(second)];
    expect(all).toEqual([...all].sort((a, b) => b - a));
    expect(new Set(all).size).toBe(100);
    expect(second).toContain('rel="first"');
  });

  it("finds by what the form asks, and says when a filter is no date (AUD-11, AUD-05)", async () => {
    await app.audit.record(call());
    await app.audit.record(call({ status: "denied", rule: "writes-off", tool: "monitor_change", tier: "write" }));
    const denied = (await auditor.get("/admin/audit?status=denied&from=&tier=write")).body;
    expect(denied).toContain("monitor_change");
    expect(denied).toContain("changes are off");
    expect(denied).not.toContain("monitor_list");
    expect(denied).toMatch(/<option value="denied" selected>/);
    expect(denied).toContain("<details open>");
    const wrong = (await auditor.get("/admin/audit?from=soon")).body;
    expect(wrong).toContain('role="alert">From must be a day');
    expect((await auditor.get("/admin/audit?actor=nobody")).body).toContain("No event fits these filters");
  });

  it("tells of one event who asked, with what right, and what was decided (AUD-06)", async () => {
    await app.audit.record(call({ status: "denied", rule: "writes-off", detail: { code: "POLICY_DENIED" } }));
    const last = seqs((await auditor.get("/admin/audit?call=call_1")).body)[0]!;
    const { body } = await auditor.get(`/admin/audit/${last}`);
    for (const words of [
      `${auditor.user.name} called a tool.`,
      "the app client_1, by the access grt_1",
      "The token was for http://localhost:3100/v1/monitor and holds monitor:read there.",
      "The rule “writes-off” refused it, under version 3 of the policy.",
      "It was refused and nothing happened after 12 ms, with POLICY_DENIED.",
    ])
      expect(body).toContain(words);
    expect(body).toContain("/admin/audit?call&#x3D;call_1");
    for (const [status, words] of [
      ["pending_approval", "It asks for a person&#x27;s yes: apr_1."],
      ["success", "A person had approved it: apr_1."],
    ] as const) {
      await app.audit.record(call({ status, rule: "approval-needed", detail: { approval: "apr_1" } }));
      const event = await auditor.get(`/admin/audit/${seqs((await auditor.get("/admin/audit?call=call_1")).body)[0]}`);
      expect(event.body).toContain(words);
      expect(event.body).toContain('href="/approvals/apr_1"');
    }
    await app.audit.record(call({ org: "org_other" }));
    expect((await auditor.get("/admin/audit/99999")).statusCode).toBe(404);
  });

  it("verifies at the press of a button, and shows where it is broken (AUD-10)", async () => {
    await Promise.all(Array.from({ length: 5 }, () => app.audit.record(call())));
    await auditor.submit("/admin/audit", "/admin/audit/verify");
    expect((await auditor.get("/admin/audit")).body).toMatch(/The trail was verified: intact, \d+ events/);
    await app.db
      .updateTable("audit_events")
      .set({ actor_id: "usr_innocent" })
      .where("seq", "=", 2)
      .where("org_id", "=", auditor.org)
      .execute();
    await auditor.submit("/admin/audit", "/admin/audit/verify");
    expect((await auditor.get("/admin/audit")).body).toContain("changed at event 2. Keep the database as it is");
    expect((await auditor.post("/admin/audit/verify")).statusCode).toBe(403);
  });

  it("exports what the filters find, by a form of ours alone (AUD-11)", async () => {
    await app.audit.record(call());
    await app.audit.record(call({ status: "denied" }));
    const form = { format: "jsonl", status: "denied" };
    const { body, headers } = await auditor.submit("/admin/audit?status=denied", "/admin/audit/export", form);
    expect(headers["content-disposition"]).toBe('attachment; filename="audit.jsonl"');
    expect(body.trim().split("\n").map((line) => JSON.parse(line).status)).toEqual(["denied"]); // biome-ignore format: one thought
    expect((await auditor.post("/admin/audit/export", form)).statusCode).toBe(403);
  });

  it("lets those who look after data say how long events are kept, and not less than 30 days (AUD-11)", async () => {
    expect((await auditor.get("/admin/audit")).body).not.toContain('action="/admin/audit/retention"');
    const owner = await visitorAs(app, "owner");
    const save = (days: string) => owner.submit("/admin/audit", "/admin/audit/retention", { days });
    expect((await save("7")).statusCode).toBe(400);
    await save("400");
    expect(await keptDays(app.db, owner.org)).toBe(400);
    expect((await owner.get("/admin/audit")).body).toContain("Events are kept for 400 days.");
  });

  it("is exported as often as through the API, and no oftener", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++)
      statuses.push((await auditor.submit("/admin/audit", "/admin/audit/export", { format: "csv" })).statusCode);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.slice(0, 5)).toEqual(Array(5).fill(200)); // another test may have exported once
    clock.pass(60_000);
  });

  it("is for owners, admins and auditors (TEN-02)", async () => {
    for (const role of ["operator", "approver", "member"] as const) {
      const other = await visitorAs(app, role);
      expect((await other.get("/admin/audit")).statusCode).toBe(403);
      expect((await other.get("/admin/audit/1")).statusCode).toBe(403);
    }
  });

  it("is quick on 10,000 events, on the last page as on the first (UI-07)", async () => {
    for (let n = 0; n < 10; n++) {
      clock.pass(1000);
      await Promise.all(Array.from({ length: 1000 }, () => app.audit.record(call())));
    }
    const timed = async (url: string) => {
      const start = performance.now();
      const { statusCode } = await auditor.get(url);
      expect(statusCode).toBe(200);
      return performance.now() - start;
    };
    await timed("/admin/audit");
    expect(await timed("/admin/audit")).toBeLessThan(500);
    expect(await timed(`/admin/audit?tool=monitor_list&after=${clock.now() - 9000}-60`)).toBeLessThan(500);
  });
});
