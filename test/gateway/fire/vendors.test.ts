import { describe, expect, it } from "vitest";
import { listAlerts } from "../../../gateway/database/alerts.ts";
import { flaky } from "../flaky.ts";
import { serveFlaky } from "../flaky-server.ts";
import { connectClient, gate } from "../mcp/gate.ts";

/** Ann, with two vendors that can fall ill, each on a server of its own. */
async function ward({ timeoutMs = 250, ...options }: { timeoutMs?: number; now?: () => number } = {}) {
  const ill = await serveFlaky();
  const well = await serveFlaky();
  const origins = { ill: ill.origin, well: well.origin };
  const house = await gate({
    vendors: [flaky("ill", timeoutMs), flaky("well", timeoutMs)],
    env: { DEV_VENDOR_ORIGINS: JSON.stringify(origins), CALLS_PER_MINUTE: "10000", ORG_CALLS_PER_MINUTE: "10000" },
    ...options,
  });
  const ann = await house.someone();
  await ann.writes(true);
  const clientOf = async (vendor: string) => {
    const { id } = await ann.connect(vendor);
    const token = await ann.token([`${vendor}:read`, `${vendor}:write`], { vendor, connection: id });
    const client = await connectClient(`${house.origin}/v1/${vendor}`, token, "modern");
    const read = async (args: Record<string, unknown> = {}) => {
      const answer = await client.callTool({ name: `${vendor}_get_state`, arguments: args });
      const text = (answer.content as { text: string }[])[0]!.text;
      return { text, isError: answer.isError === true };
    };
    return { client, id, read };
  };
  return { ...house, ann, ill, well, onIll: await clientOf("ill"), onWell: await clientOf("well") };
}

const OPEN =
  /^VENDOR_UNAVAILABLE: ill did not answer, or answered with failures, several times in a row\. Nothing was sent to it now\. Retry after \d+ s\. Tell the person/;

describe("a vendor that fails (OPS-15)", () => {
  for (const manner of ["fails", "hangs", "resets", "drips"] as const)
    it(`and ${manner} is left alone after some requests: calls answer at once, its tools stay listed`, async () => {
      const { ill, onIll, onWell } = await ward();
      ill.manner = manner;
      for (let n = 0; n < 5; n++) expect((await onIll.read()).isError).toBe(true);
      const sent = ill.reads;
      const refused = await onIll.read();
      expect(refused.text).toMatch(OPEN);
      expect(ill.reads).toBe(sent);
      expect((await onIll.client.listTools()).tools.map(({ name }) => name)).toContain("ill_get_state");
      expect((await onWell.read()).text).toBe('{"name":"fine"}');
    });

  it("is asked by one call when the pause is over, and by all when that one is answered", async () => {
    let ahead = 0;
    const { ill, onIll, app, ann } = await ward({ timeoutMs: 20_000, now: () => Date.now() + ahead });
    ill.manner = "fails";
    for (let n = 0; n < 6; n++) await onIll.read();
    ahead += 5_000;
    ill.manner = { lateMs: 2_000 };
    const sent = ill.reads;
    const answers = await Promise.all(Array.from({ length: 10 }, () => onIll.read()));
    expect(ill.reads - sent).toBe(1);
    expect(answers.filter(({ isError }) => !isError)).toHaveLength(1);
    expect((await onIll.read()).isError).toBe(false);
    await app.auditTrail.run();
    const told = await listAlerts(app.db, ann.org, { states: ["open", "closed"], limit: 9 });
    expect(told.filter(({ kind }) => kind === "held-back")).toMatchObject([
      { subject: "ill", state: "closed", decided_by: "alerts", count: 1 },
    ]);
    const rows = await app.db.selectFrom("audit_events").selectAll().where("org_id", "=", ann.org).execute();
    const turns = rows.filter(({ type }) => /paused|resumed/.test(type));
    expect(turns.map(({ type, status, vendor }) => [type, status, vendor])).toEqual([
      ["connection.paused", "error", "ill"],
      ["connection.resumed", "success", "ill"],
    ]);
    const text = await app.metrics.text();
    expect(text).toMatch(/breaker_changes_total\{vendor="ill",to="open"\} 1/);
    expect(text).toMatch(/breakers_open\{vendor="ill"\} 0/);
  });

  it("is not taken for failing when it refuses, or asks for a pause", async () => {
    const { ill, onIll } = await ward();
    for (const manner of ["refuses", "busy"] as const) {
      ill.manner = manner;
      for (let n = 0; n < 8; n++) expect((await onIll.read()).text).not.toMatch(OPEN);
    }
  }, 60_000);
});

describe("a vendor that hangs (OPS-15)", () => {
  it("holds so many requests and no more, costs its own calls their time, and others nothing", async () => {
    const { ill, well, onIll, onWell } = await ward({ timeoutMs: 700 });
    ill.manner = "hangs";
    const waiting = Array.from({ length: 200 }, () => onIll.read());
    const others = await Promise.all(Array.from({ length: 40 }, () => onWell.read()));
    expect(others.every(({ isError }) => !isError)).toBe(true);
    expect(well.reads).toBe(40);
    const texts = (await Promise.all(waiting)).map(({ text }) => text);
    expect(ill.most).toBeLessThanOrEqual(24); // the server sees the end of one a little after the next began
    // Sixteen hang at a time, two hundred wait until the vendor is given up, the others are told at once.
    const count = (pattern: RegExp) => texts.filter((text) => pattern.test(text)).length;
    expect(count(/^TIMEOUT/)).toBeLessThanOrEqual(32);
    const busy = count(
      /^RATE_LIMITED: Too many requests to ill are under way for this connection\. Nothing was sent\./,
    );
    expect(count(/^TIMEOUT/) + busy + count(OPEN)).toBe(200);
    expect(count(OPEN)).toBeGreaterThan(50);
  }, 60_000);
});
