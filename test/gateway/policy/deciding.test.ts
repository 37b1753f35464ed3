import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallerFacts, decide, type ToolFacts } from "../../../gateway/policy/decide.ts";
import { decidingFacts, type KnownCaller, type KnownCircumstances } from "../../../gateway/policy/deciding.ts";
import type { Permission, PolicyDocument } from "../../../gateway/policy/document.ts";
import { ROLES } from "../../../gateway/policy/roles.ts";
import { policyWith, SWITCHED_ON } from "../policies.ts";

const HOUR = 3_600_000;
const LOCK = new Set(["known"]);
const some = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);

const caller = {
  orgId: some("org_1", "org_2"),
  role: some(...ROLES),
  clientId: some("client_1", "client_2", "client_3"),
  agentType: some("claude.ai", "registered"),
  reach: fc.subarray(["acme", "other"]).map((vendors) => new Map(vendors.map((vendor) => [vendor, "con_1"]))),
  scopes: fc.subarray(["acme:read", "acme:write", "other:read"]).map((scopes) => new Set(scopes)),
  limited: fc.boolean(),
};
const callers: fc.Arbitrary<KnownCaller> = fc.record(caller);
/** A second one who differs in a little. */
const changes = fc.oneof(
  ...Object.entries(caller).map(([name, value]) => fc.record({ [name]: value as fc.Arbitrary<unknown> })),
);
const circumstances: fc.Arbitrary<KnownCircumstances> = fc.record({
  now: fc.integer({ min: 0, max: 47 }).map((hour) => Date.UTC(2026, 10, 25) + hour * HOUR),
  toolsOff: fc.subarray(["acme_write_thing", "acme_read_thing"]).map((names) => new Set(names)),
});
const permissions: fc.Arbitrary<Permission> = fc.record({
  id: fc.constant("per_1"),
  what: some("tool" as const, "vendor" as const, "access" as const),
  name: some("acme_read_thing", "acme", "write"),
  agentType: some("*", "claude.ai"),
  allowed: fc.boolean(),
});
const documents: fc.Arbitrary<Partial<PolicyDocument>> = fc.record(
  {
    clients: fc.record({ blocked: fc.subarray(["client_1"]), only: fc.subarray(["client_2"]) }),
    windows: fc.constant([{ days: [3], from: "08:00", to: "17:00" }]),
    permissions: fc.array(permissions, { maxLength: 2 }),
    unlisted: some("allow" as const, "block" as const),
  },
  { requiredKeys: [] },
);
const TOOLS: readonly ToolFacts[] = (["acme", "other"] as const).flatMap((vendor) =>
  (["read", "write"] as const).map((access) => ({
    name: `${vendor}_${access}_thing`,
    parts: [{ vendor, access }],
    access,
    tags: [],
    unbounded: access === "write",
    hash: "known",
  })),
);

describe("what decides", () => {
  it("is all in one text: whoever has the same is told the same about every tool", () => {
    let same = 0;
    fc.assert(
      fc.property(documents, callers, changes, circumstances, circumstances, (document, one, change, before, after) => {
        const policy = policyWith({ switches: SWITCHED_ON, ...document });
        const other = { ...one, ...change };
        if (decidingFacts(one, policy, before) !== decidingFacts(other, policy, after)) return;
        same++;
        for (const tool of TOOLS)
          expect(decide(tool, other, policy, { ...after, lock: LOCK })).toEqual(
            decide(tool, one, policy, { ...before, lock: LOCK }),
          );
      }),
      { numRuns: 3000 },
    );
    expect(same).toBeGreaterThan(100);
  });

  const ann: KnownCaller = {
    orgId: "org_1",
    role: "member",
    clientId: "client_1",
    agentType: "claude.ai",
    reach: new Map([["acme", "con_1"]]),
    scopes: new Set(["acme:read"]),
    limited: false,
  };
  const around = { now: Date.UTC(2026, 10, 25, 12), toolsOff: new Set<string>() };

  it.each<[string, Partial<KnownCaller & KnownCircumstances>]>([
    ["the organisation", { orgId: "org_2" }],
    ["the role", { role: "admin" }],
    ["the client", { clientId: "client_2" }],
    ["the kind of client", { agentType: "registered" }],
    ["what the token reaches", { reach: new Map([["other", "con_1"]]) }],
    ["the scopes", { scopes: new Set(["acme:read", "acme:write"]) }],
    ["a limit to some customers", { limited: true }],
    ["the time, where changes have one", { now: Date.UTC(2026, 10, 25, 20) }],
    ["what is off for everybody", { toolsOff: new Set(["acme_read_thing"]) }],
  ])("differs with %s", (_what, { now = around.now, toolsOff = around.toolsOff, ...change }) => {
    const windows = [{ days: [3], from: "08:00", to: "17:00" }];
    const policy = policyWith({ clients: { blocked: ["client_9"], only: [] }, windows });
    const other: KnownCaller = { ...ann, ...(change as Partial<CallerFacts>) } as KnownCaller;
    expect(decidingFacts(other, policy, { now, toolsOff })).not.toBe(decidingFacts(ann, policy, around));
  });

  it("is the same for two people with equal rights, and from one minute to the next", () => {
    const bob: KnownCaller = { ...ann, clientId: "client_2", reach: new Map([["acme", "con_2"]]) };
    const later = { ...around, now: around.now + 60_000 };
    expect(decidingFacts(bob, policyWith(), later)).toBe(decidingFacts(ann, policyWith(), around));
  });
});
