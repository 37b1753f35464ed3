import { describe, expect, it, vi } from "vitest";
import { ttlOf } from "../../../gateway/calls/kept.ts";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { shareConnection } from "../../../gateway/connections/sharing.ts";
import { putMember } from "../../../gateway/database/members.ts";
import { limitMember } from "../../../gateway/identity/customers/limits.ts";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import { ToolError } from "../../../runtime/index.ts";
import { issueToken, toolCallsOf } from "../mcp/gate.ts";
import { cachingHouse } from "./house.ts";

const first = (answer: { structuredContent?: unknown }) =>
  (answer.structuredContent as { things: { name: string }[] }).things[0]!.name;

describe("the answer to a read that may be some minutes old", () => {
  it("is given again without opening keys, marked with its age, and on the record (PAC-06, PAC-04)", async () => {
    const { app, ann, world, clock, connection, list } = await cachingHouse();
    expect((await list({ limit: 2 })).cached).toBeUndefined();
    const opened = world.keysUsed.length;
    world.things[0]!.name = "Renamed at the vendor";
    clock.pass(42_000);
    const again = await list({ limit: 2 });
    expect(again.cached).toEqual({ ageSeconds: 42 });
    expect(first(again)).toBe("Thing 1");
    expect(again.content).toEqual([{ type: "text", text: JSON.stringify(again.structuredContent) }]);
    expect(world.keysUsed).toHaveLength(opened);
    const [asked, kept] = await toolCallsOf(app, ann.org);
    expect(kept).toMatchObject({
      status: "success",
      cached: true,
      ageSeconds: 42,
      connection: connection.id,
    });
    expect(kept!.resultHash).toBe(asked!.resultHash);
    expect(asked!.cached).toBeUndefined();
    const figures = await app.metrics.text();
    for (const result of ["hit", "miss"])
      expect(figures).toContain(`result_cache_total{vendor="acme",result="${result}"} 1`);
  });

  it("is asked for anew when it is older than CACHE_TTL_SECONDS, or than the operation says (PAC-06)", async () => {
    const operator = await cachingHouse({ env: { CACHE_TTL_SECONDS: "60" } });
    await operator.list();
    operator.clock.pass(61_000);
    expect((await operator.list()).cached).toBeUndefined();
    const operation = await cachingHouse({ cache: 30 });
    await operation.list();
    operation.clock.pass(31_000);
    expect((await operation.list()).cached).toBeUndefined();
  });

  it("is never kept with CACHE_TTL_SECONDS=0, nor of a tool that does not say so (PAC-06)", async () => {
    const off = await cachingHouse({ env: { CACHE_TTL_SECONDS: "0" } });
    await off.list();
    expect((await off.list()).cached).toBeUndefined();
    const { call } = await cachingHouse();
    for (const _ of [1, 2]) expect((await call("acme_fail", { how: "busy" })).cached).toBeUndefined();
  });

  it("belongs to its arguments, defaults filled in", async () => {
    const { list } = await cachingHouse();
    await list({ limit: 25 });
    expect((await list()).cached).toBeDefined();
    expect((await list({ limit: 24 })).cached).toBeUndefined();
  });

  it("belongs to its connection: a colleague's own account answers for itself (PAC-06, TEN-01)", async () => {
    const { list, someone, clientOf } = await cachingHouse();
    await list();
    const bob = await someone("bob@example.com");
    const { id } = await bob.connect();
    const callAsBob = await clientOf(await bob.token(["acme:read"], { connection: id }));
    expect((await callAsBob("acme_list_things")).cached).toBeUndefined();
  });

  it("is dropped by a change of the same vendor, and for some seconds nothing is kept (PAC-06)", async () => {
    const { world, clock, list, call } = await cachingHouse();
    await list();
    expect((await list()).cached).toBeDefined();
    expect((await call("acme_rename_thing", { id: "t1", name: "New" })).isError).not.toBe(true);
    world.things[0]!.name = "New";
    for (const _ of [1, 2]) expect((await list()).cached).toBeUndefined();
    clock.pass(5_001);
    const fresh = await list();
    expect([fresh.cached, first(fresh)]).toEqual([undefined, "New"]);
    expect((await list()).cached).toBeDefined();
  });

  it("is not kept where it is an error, which ends with what caused it (PAC-06)", async () => {
    const { world, list } = await cachingHouse();
    world.failing = new ToolError("VENDOR_UNAVAILABLE", "Acme could not be reached.", { outage: true });
    expect((await list()).isError).toBe(true);
    delete world.failing;
    const answer = await list();
    expect([answer.isError ?? false, answer.cached, first(answer)]).toEqual([false, undefined, "Thing 1"]);
  });

  it("waits out a change whose end is unclear, though another one ends well meanwhile (PAC-06)", async () => {
    const { world, clock, list, call } = await cachingHouse();
    const rename = async () => (await call("acme_rename_thing", { id: "t1", name: "New" })).isError ?? false;
    world.failing = new ToolError("TIMEOUT", "Acme did not answer within 30 s.", { outage: true });
    expect(await rename()).toBe(true);
    delete world.failing;
    expect(await rename()).toBe(false);
    clock.pass(59_000); // the first one may still be made
    for (const _ of [1, 2]) expect((await list()).cached).toBeUndefined();
    clock.pass(200_000);
    await list();
    expect((await list()).cached).toBeDefined();
  });

  it("is kept again soon after a change that the vendor refused", async () => {
    const { world, clock, list, call } = await cachingHouse();
    world.failing = new ToolError("VENDOR_REJECTED", "Acme answered 400 to POST /things.");
    expect((await call("acme_rename_thing", { id: "t1", name: "New" })).isError).toBe(true);
    delete world.failing;
    clock.pass(5_001);
    await list();
    expect((await list()).cached).toBeDefined();
  });

  it("is not used after the clock was set back, because nobody knows how old it is", async () => {
    const { clock, list } = await cachingHouse();
    await list();
    clock.pass(-400_000);
    expect((await list()).cached).toBeUndefined();
  });

  it("is for all who may use a shared connection, and for nobody who may no longer (PAC-06, VLT-10)", async () => {
    const { app, ann, someone, clientOf } = await cachingHouse();
    const bob = await someone("bob@example.com");
    const { org, user } = ann;
    await putMember(app.db, { org_id: org, user_id: bob.user, role: "member", active: 1, created_at: 1 });
    const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: "the organisation's key" });
    if (!parsed.ok) throw new Error("the test's keys do not parse");
    const keys = { org, user, vendor: "acme", credentials: parsed.value as object, shared: true };
    const shared = await saveConnection(app, keys);
    await shareConnection(app, shared, { roles: [], people: [user, bob.user], actor: user });
    const [asAnn, asBob] = await Promise.all(
      [user, bob.user].map(async (one) =>
        clientOf(await issueToken(app, { org, user: one }, ["acme:read"], { connection: shared.id })),
      ),
    );
    expect((await asAnn!("acme_list_things")).cached).toBeUndefined();
    expect((await asBob!("acme_list_things")).cached).toBeDefined();
    await shareConnection(app, shared, { roles: [], people: [user], actor: user });
    const refused = await asBob!("acme_list_things");
    expect([refused.isError, refused.cached]).toEqual([true, undefined]);
    expect(JSON.stringify(refused)).not.toContain("Thing 1");
  });

  it("is dropped with its keys (PAC-06)", async () => {
    const { app, ann, connection, list } = await cachingHouse();
    await list();
    const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: "another key" });
    if (!parsed.ok) throw new Error("the test's keys do not parse");
    const owner = { org: ann.org, user: ann.user, vendor: "acme" };
    await saveConnection(app, { ...owner, credentials: parsed.value as object, replaces: connection });
    expect((await list()).cached).toBeUndefined();
  });

  it("is dropped by a change of the policy, which may hide more (PAC-06, APR-05)", async () => {
    const { app, ann, list } = await cachingHouse();
    await list({ limit: 1 });
    const redaction = { fields: [], patterns: [{ name: "thing", pattern: "Thing*" }], detectorsOff: [] };
    const { org, user: actor } = ann;
    await changePolicy(app, { org, actor, type: "policy.redaction", change: (policy) => ({ ...policy, redaction }) });
    const hidden = await list({ limit: 1 });
    expect(hidden.cached).toBeUndefined();
    expect(JSON.stringify(hidden)).not.toContain("Thing 1");
    expect((await list({ limit: 1 })).cached, "what something was hidden in is not kept").toBeUndefined();
  });

  it("is asked once when many ask at once, and each is on the record (PAC-06)", async () => {
    const { app, ann, world, list } = await cachingHouse();
    const opened = world.keysUsed.length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => list({ limit: 3 })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.structuredContent))).size).toBe(1);
    expect(world.keysUsed.length - opened).toBeLessThan(8);
    expect(answers.filter(({ cached }) => cached)).toHaveLength(8 - (world.keysUsed.length - opened));
    expect(await toolCallsOf(app, ann.org)).toHaveLength(8);
  });

  it("is not given to somebody who may see some customers only from now on (PAC-06)", async () => {
    const { app, ann, list } = await cachingHouse();
    await list();
    expect((await list()).cached).toBeDefined();
    const { org, user } = ann;
    await limitMember(app, { org, actor: user, user, limited: true, give: [], take: [] });
    const answer = await list().catch((error: Error) => error);
    expect(JSON.stringify(answer)).not.toContain("Thing 1");
  });

  it("is not kept for people who may see some customers only (PAC-06)", async () => {
    const tool = { cache: true, access: "read" } as const;
    const call = (limited: boolean) => ({ caller: { limited }, entry: { tool, across: false } }) as never;
    expect([ttlOf(call(false), 300), ttlOf(call(true), 300)]).toEqual([300, 0]);
  });

  it("is told to every replica to drop when its organisation's people or rules change", async () => {
    const { app, ann, list } = await cachingHouse();
    await list();
    const heard: unknown[] = [];
    app.bus.subscribe("results-drop", (org) => heard.push(org));
    await changePolicy(app, {
      org: ann.org,
      actor: ann.user,
      type: "policy.classes",
      change: (policy) => ({ ...policy, hiddenClasses: ["personal"] }),
    });
    await vi.waitFor(() => expect(heard).toEqual([ann.org]));
  });
});
