import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../gateway/audit/usage.ts";
import { createSession } from "../../../../gateway/identity/sessions.ts";
import { fakeClock, type TestApp, testApp } from "../../support.ts";
import { monitor, papers } from "../sample-vendors.ts";
import { visitor } from "../visitor.ts";
import { visitorAs } from "./admin.ts";

const HERE = "/admin/usage";

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
let ann: Awaited<ReturnType<typeof visitorAs>>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [monitor, papers], lock: {}, now: clock.now });
  ann = await visitorAs(app, "owner");
  const call = (tool: string, status: "success" | "error" | "timeout" | "denied", durationMs: number, org = ann.org) =>
    app.audit.record({ org, type: "tool.call", actor: { id: ann.user.id, type: "user" }, vendor: tool.split("_")[0], tool, client: "=cmd", status, durationMs }); // biome-ignore format: one thought
  await call("papers_list", "success", 100);
  clock.pass(20 * DAY_MS);
  const { token } = await createSession(app.db, { userId: ann.user.id, now: clock.now() });
  ann = { ...ann, ...visitor(app, token) };
  for (let times = 0; times < 3; times++) await call("monitor_list", "success", 200);
  await call("monitor_list", "error", 4000);
  await call("monitor_list", "denied", 0);
  await call("monitor_list", "timeout", 30_000);
  await call("monitor_list", "success", 1, "org_other");
});

describe("the usage page (PAC-05, UI-07)", () => {
  it("tells calls, failures, refusals and times, by tool and by day, with a chart that has words", async () => {
    const { body } = await ann.get(`${HERE}?days=30&by=tool`);
    expect(body).toMatch(/<dt>Calls<\/dt><dd>7<\/dd>/);
    expect(body).toMatch(/<dt>Refused by rule<\/dt><dd>1<\/dd><dd class="more">14.3 %/);
    expect(body).toMatch(/<svg[^>]+role="img" aria-labelledby="calls-title calls-about">/);
    expect(body).toContain("7 calls in 30 days, of which 3 failed or were refused.");
    expect(body.match(/<rect class="bar/g)!.length).toBeGreaterThan(2);
    expect(body).toMatch(/monitor_list[\s\S]*data-label="Median">20\d ms/);
    expect(body).not.toMatch(/style=/);
    const week = (await ann.get(`${HERE}?days=7&by=vendor`)).body;
    expect(week).toMatch(/<dt>Calls<\/dt><dd>6<\/dd>/);
    expect(week).toContain(">Acme Monitor");
    expect(week).not.toMatch(/scope="row">Paper Shelf/);
    const only = (await ann.get(`${HERE}?days=30&vendor=papers`)).body;
    expect(only).toMatch(/<dt>Calls<\/dt><dd>1<\/dd>/);
  });

  it("names people, and takes any question for one of ours", async () => {
    expect((await ann.get(`${HERE}?by=person`)).body).toContain('scope="row">owner');
    expect((await ann.get(`${HERE}?days=1e9&by=drop&vendor=%00`)).statusCode).toBe(200);
    expect((await ann.get(`${HERE}?by=customer`)).body).toContain("No customer");
  });

  it("comes as a table that a spreadsheet opens and never runs", async () => {
    const { body, headers } = await ann.get(`${HERE}.csv?days=30&by=client`);
    expect(headers["content-type"]).toContain("text/csv");
    expect(headers["content-disposition"]).toContain("usage-client-30-days.csv");
    expect(body.split("\r\n")).toEqual([
      "id,name,calls,success,error,timeout,denied,cached,median_ms,p95_ms",
      "'=cmd,'=cmd,7,4,1,1,1,0,,",
      "",
    ]);
  });

  it("is for those with the right (TEN-02)", async () => {
    expect((await (await visitorAs(app, "auditor")).get(HERE)).statusCode).toBe(200);
    for (const role of ["member", "approver"] as const)
      expect((await (await visitorAs(app, role)).get(`${HERE}.csv`)).statusCode).toBe(403);
  });

  it("leads to the measures of a pilot, which say what the record does not know (MET-05)", async () => {
    const org = ann.org;
    const event = { org, actor: { id: ann.user.id, type: "user" as const }, status: "success" as const };
    await app.audit.record({ ...event, type: "approval.approve" });
    await app.audit.record({ ...event, type: "approval.deny" });
    await app.audit.record({ ...event, type: "approval.approve", org: "org_other" });
    const read = { ...event, type: "tool.call", tool: "monitor_list", tier: "read", durationMs: 3000 };
    for (let times = 0; times < 3; times++) await app.audit.record(read);
    expect((await ann.get(HERE)).body).toContain('href="/admin/usage/pilot"');
    const { body } = await ann.get("/admin/usage/pilot?days=30");
    expect(body).toMatch(/<dt>Escalation accuracy<\/dt><dd>50 %<\/dd><dd class="more">1 of 2 decisions; 0 expired/);
    expect(body).toMatch(/<dt>Time to triage<\/dt><dd>–<\/dd>/);
    expect(body).toMatch(/<dt>Report turnaround<\/dt><dd>3 s<\/dd><dd class="more">median of 1 report/);
    expect(body.match(/stands in the (RMM or )?PSA/g)).toHaveLength(2);
    const member = await visitorAs(app, "member", "member@example.com");
    expect((await member.get("/admin/usage/pilot")).statusCode).toBe(403);
  });
});
