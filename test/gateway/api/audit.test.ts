import { describe, expect, it } from "vitest";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { gate } from "../mcp/gate.ts";

async function desk(scopes = ["acme:read", "org:audit", "org:alerts"]) {
  const house = await gate();
  const ann = await house.someone();
  const { id } = await ann.connect();
  const { token } = await createPersonalToken(house.app, {
    org: ann.org,
    user: ann.user,
    name: "A script",
    vendor: ALL_VENDORS,
    scopes,
    connections: new Map([["acme", id]]),
    expiresAt: house.app.clock.now() + 86_400_000,
  });
  const get = (url: string) => house.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  const record = (count: number, org = ann.org) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        house.app.audit.record({
          org,
          type: "tool.call",
          actor: { id: "usr_x", type: "user" },
          status: n % 2 ? "denied" : "success",
          rule: n % 2 ? "other-tenant" : "allowed",
          tool: "acme_list",
          callId: `call_${org}_${n}`,
        }),
      ),
    );
  return { ...house, ann, get, record };
}

describe("the trail of the API", () => {
  it("is not exported again and again by a loop (AUD-05)", async () => {
    const { get } = await desk();
    const answers = [];
    for (let n = 0; n < 7; n++) answers.push(await get("/api/v1/audit/export"));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 200, 429]);
    expect(answers.at(-1)!.json()).toMatchObject({ code: "RATE_LIMITED" });
  });

  it("is searched twice at a time by one organisation, so that others have the database, too", async () => {
    const { app, ann, get } = await desk();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const slow = [1, 2].map(() => app.searching(ann.org, () => over));
    const refused = await get("/api/v1/audit");
    expect([refused.statusCode, refused.headers["retry-after"], refused.json().code]).toEqual([
      429,
      "1",
      "RATE_LIMITED",
    ]);
    expect(await app.searching("org_other", async () => "found")).toBe("found");
    end();
    await Promise.all(slow);
    expect((await get("/api/v1/audit")).statusCode).toBe(200);
  });

  it("is one's own organisation's, found by filters, page by page (AUD-11, AUD-05)", async () => {
    const { ann, get, record } = await desk();
    await record(25);
    await record(25, "org_other");
    const seen: string[] = [];
    for (let url: string | undefined = "/api/v1/audit?actor=usr_x&status=denied&limit=5"; url; ) {
      const page: { events: { call_id: string }[]; next_cursor?: string } = (await get(url)).json();
      seen.push(...page.events.map(({ call_id }) => call_id));
      url = page.next_cursor && `/api/v1/audit?actor=usr_x&status=denied&limit=5&cursor=${page.next_cursor}`;
    }
    expect(seen).toHaveLength(12);
    expect(new Set(seen).size).toBe(12);
    for (const id of seen) expect(id).toContain(ann.org);
    expect((await get("/api/v1/audit?call=call_org_other_1")).json().events).toEqual([]);
    expect((await get("/api/v1/audit?from=yesterday-ish&status=odd")).json()).toMatchObject({
      code: "INVALID_INPUT",
      fields: [{ field: "from" }, { field: "status" }],
    });
  });

  it("is exported as a stream, and that is an event (AUD-11)", async () => {
    const { app, ann, get, record } = await desk();
    await record(4);
    const csv = await get("/api/v1/audit/export?format=csv&actor=usr_x");
    expect([csv.statusCode, csv.headers["content-type"], csv.headers["content-disposition"]]).toEqual([
      200,
      "text/csv; charset=utf-8",
      'attachment; filename="audit.csv"',
    ]);
    expect(csv.body.trim().split("\r\n")).toHaveLength(5);
    const ocsf = await get("/api/v1/audit/export?format=ocsf&actor=usr_x");
    expect(JSON.parse(ocsf.body.split("\n")[0]!)).toMatchObject({ class_uid: 6003 });
    const exports = (await listEvents(app.db, { org: ann.org, limit: 99 })).filter(
      ({ type }) => type === "audit.export",
    );
    expect(exports.map(({ actor_id, detail }) => [actor_id, JSON.parse(detail)])).toEqual([
      [ann.user, { format: "ocsf", filters: ["actor"] }],
      [ann.user, { format: "csv", filters: ["actor"] }],
    ]);
  });

  it("tells of alerts too (AUD-09)", async () => {
    const { app, get, record } = await desk();
    await record(2);
    await app.auditTrail.run();
    expect((await get("/api/v1/alerts")).json().alerts).toMatchObject([
      { kind: "foreign-organisation", severity: "high", subject: "usr_x", count: 1 },
    ]);
  });

  it("is for tokens with that right alone (AUD-11)", async () => {
    const { app, get } = await desk(["acme:read"]);
    for (const path of ["audit", "audit/export", "alerts"]) {
      expect((await get(`/api/v1/${path}`)).statusCode).toBe(403);
      expect((await app.inject({ url: `/api/v1/${path}` })).statusCode).toBe(401);
    }
  });
});
