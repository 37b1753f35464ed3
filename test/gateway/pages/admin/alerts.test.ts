import { beforeEach, describe, expect, it } from "vitest";
import { problemWithUrl } from "../../../../gateway/alerts/webhook-settings.ts";
import { listEvents } from "../../../../gateway/database/audit-events.ts";
import { findWebhook } from "../../../../gateway/database/audit-webhooks.ts";
import { fakeClock, type TestApp, testApp } from "../../support.ts";
import { monitor } from "../sample-vendors.ts";
import { visitorAs } from "./admin.ts";

let app: TestApp;
let owner: Awaited<ReturnType<typeof visitorAs>>;
let answer: () => Response;
let posts: { url: string; body: string; signature: string | null }[];

beforeEach(async () => {
  posts = [];
  answer = () => new Response(null, { status: 204 });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    posts.push({ url: request.url, body: await request.text(), signature: request.headers.get("webhook-signature") });
    return answer();
  };
  app = await testApp({ vendors: [monitor], lock: {}, now: fakeClock().now, fetch });
  owner = await visitorAs(app, "owner");
});

async function raised() {
  await app.audit.record({
    org: owner.org,
    type: "tool.call",
    actor: { id: owner.user.id, type: "user" },
    status: "denied",
    rule: "other-tenant",
    tool: "monitor_list",
  });
  await app.auditTrail.run();
  const { body } = await owner.get("/admin/alerts");
  return { body, id: /name="alert" value="([^"]+)"/.exec(body)?.[1] ?? "" };
}

describe("the alerts page (AUD-09, UI-07)", () => {
  it("says in words what a vendor's trouble holds back", async () => {
    const paused = {
      org: owner.org,
      actor: { id: "gateway", type: "system" },
      status: "error",
      vendor: "monitor",
    } as const;
    for (const connection of ["con_1", "con_2"])
      await app.audit.record({ ...paused, type: "connection.paused", connection });
    await app.auditTrail.run();
    const { body } = await owner.get("/admin/alerts");
    expect(body).toContain("held back: 2 connections");
    expect(body).not.toContain("con_1");
  });

  it("says what happened to whom, and is acknowledged and closed by a click", async () => {
    const { body, id } = await raised();
    for (const words of [
      "Reach for another organisation",
      "high severity",
      owner.user.name,
      "1 event",
      "tool: monitor_list",
      "rule: another organisation",
    ])
      expect(body).toContain(words);
    expect(body).not.toContain(`(${owner.user.id})`);
    await owner.submit("/admin/alerts", "/admin/alerts/acknowledge", { alert: id });
    const noted = (await owner.get("/admin/alerts")).body;
    expect(noted).toContain(`acknowledged by ${owner.user.name}`);
    expect(noted).not.toContain('action="/admin/alerts/acknowledge"');
    await owner.submit("/admin/alerts", "/admin/alerts/close", { alert: id });
    expect((await owner.get("/admin/alerts")).body).toContain("Nothing deserves a look right now.");
    expect((await owner.get("/admin/alerts?show=closed")).body).toContain("Reach for another organisation");
    expect((await owner.submit("/admin/alerts?show=closed", "/admin/alerts/close", { alert: id })).statusCode).toBe(
      403,
    );
    expect((await owner.post("/admin/alerts/close", { alert: id })).statusCode).toBe(403);
  });

  it("is not shown to, nor closed by, another organisation", async () => {
    const { id } = await raised();
    const other = await visitorAs(app, "admin");
    expect((await other.get("/admin/alerts")).body).toContain("Nothing deserves a look right now.");
    await app.audit.record({
      org: other.org,
      type: "tool.call",
      actor: { id: "usr_x", type: "user" },
      status: "denied",
      rule: "other-tenant",
    });
    await app.auditTrail.run();
    expect((await other.submit("/admin/alerts", "/admin/alerts/close", { alert: id })).statusCode).toBe(404);
  });

  it("changes from how many on it speaks, for whoever looks after policy", async () => {
    const done = await owner.submit("/admin/alerts", "/admin/alerts/threshold", {
      kind: "denied",
      enabled: "false",
      count: "3",
      minutes: "20",
    });
    expect(done.headers.location).toBe("/admin/alerts#thresholds");
    const { body } = await owner.get("/admin/alerts");
    expect(body).toContain("Saved: Many refusals.");
    expect(body).toMatch(/id="count-denied"[^>]*value="3"/);
    expect(body).toMatch(/id="minutes-denied"[^>]*value="20"/);
    expect((await owner.submit("/admin/alerts", "/admin/alerts/threshold", { kind: "made-up" })).statusCode).toBe(404);
    const operator = await visitorAs(app, "operator");
    const page = (await operator.get("/admin/alerts")).body;
    expect([page.includes("What is watched"), page.includes('id="webhook"')]).toEqual([false, false]);
    expect((await visitorAs(app, "member").then((member) => member.get("/admin/alerts"))).statusCode).toBe(403);
  });

  it("sets up a webhook, shows its secret once, tries it and removes it; each is an event (AUD-07)", async () => {
    const save = (url: string, more = {}) =>
      owner.submit("/admin/alerts", "/admin/alerts/webhook", { url, alerts: "true", ...more });
    const refused = await save("http://siem.example/hook", { events: "true" });
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toMatch(/value="http:\/\/siem\.example\/hook"[^>]*aria-describedby="url-error"/);
    expect(refused.body).toMatch(/name="events" value="true" checked/);
    expect(refused.body).toContain("Only https addresses keep what is sent to them from others.");
    const shown = await save("https://siem.example/hook");
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(shown.body.replaceAll("&#x3D;", "="))?.[0];
    expect(secret).toMatch(/^whsec_.{44}$/);
    const { body } = await owner.get("/admin/alerts");
    expect([body.includes("whsec_"), body.includes("https://siem.example/hook")]).toEqual([false, true]);
    expect((await save("https://siem.example/hook", { events: "true" })).statusCode).toBe(303);
    expect(await findWebhook(app.db, owner.org)).toMatchObject({ sends_events: 1, sends_alerts: 1 });

    await owner.submit("/admin/alerts", "/admin/alerts/webhook/test");
    expect(posts.filter(({ body }) => JSON.parse(body).type === "test")).toMatchObject([
      { url: "https://siem.example/hook", signature: expect.stringMatching(/^v1,/) },
    ]);
    expect((await owner.get("/admin/alerts")).body).toContain("A test message arrived.");
    answer = () => new Response("hunter2", { status: 500 });
    await owner.submit("/admin/alerts", "/admin/alerts/webhook/test");
    expect((await owner.get("/admin/alerts")).body).toContain("did not arrive. The webhook answered 500.");
    answer = () => {
      throw Object.assign(new Error("10.0.0.1 is not a public address."), { code: "EBLOCKED" });
    };
    await owner.submit("/admin/alerts", "/admin/alerts/webhook/test");
    expect((await owner.get("/admin/alerts")).body).toContain("The address is not a public one.");

    await owner.submit("/admin/alerts", "/admin/alerts/webhook/remove");
    expect(await findWebhook(app.db, owner.org)).toBeUndefined();
    const events = (await listEvents(app.db, { org: owner.org, limit: 99 })).filter(({ type }) =>
      type.startsWith("webhook."),
    );
    expect(events.map(({ type }) => type)).toEqual(["webhook.delete", "webhook.change", "webhook.create"]);
    expect(JSON.stringify(events)).not.toMatch(/siem\.example|whsec_/);
  });

  it("refuses addresses that are none, open ones, and ones with a password", () => {
    for (const wrong of ["", "siem", "ftp://siem.example", "https://a:b@siem.example/"])
      expect(problemWithUrl(wrong)).toBeDefined();
    expect(problemWithUrl("https://siem.example/hook?x=1")).toBeUndefined();
  });
});
