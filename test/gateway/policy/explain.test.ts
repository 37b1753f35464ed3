import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallerFacts, decide, type ToolFacts } from "../../../gateway/policy/decide.ts";
import { explain } from "../../../gateway/policy/explain.ts";
import { ROLES } from "../../../gateway/policy/roles.ts";
import { policyWith, SWITCHED_ON } from "../policies.ts";

const NAMED = { tool: "acme_thing", organisation: "Contoso", role: "owner", client: "Claude" };
const NOON = Date.UTC(2026, 10, 25, 12, 0);
const ACCESSES = ["read", "write", "destroy", "reveal"] as const;

const thing = (changes: Partial<ToolFacts> = {}): ToolFacts => ({
  name: "acme_thing",
  parts: [{ vendor: "acme", access: changes.access ?? "read" }],
  access: "read",
  tags: ["things"],
  hash: "known",
  ...changes,
});
const ann: CallerFacts = {
  orgId: "org_1",
  role: "owner",
  clientId: "client_1",
  agentType: "claude.ai",
  reach: new Set(["acme"]),
  scopes: new Set(["acme:read", "acme:write", "acme:reveal"]),
  limited: false,
};
const around = { now: NOON, lock: new Set(["known"]), toolsOff: new Set<string>() };

describe("explain", () => {
  it("ends as the rule does, whatever is asked, and every step before the end passed (TEN-06, UI-07)", () => {
    const anyCase = fc.record({
      access: fc.constantFrom(...ACCESSES, undefined),
      tool: fc.record({
        asks: fc.boolean(),
        extended: fc.boolean(),
        unbounded: fc.boolean(),
        class: fc.constantFrom(undefined, "personal" as const, "health" as const),
        hash: fc.constantFrom("known", "known", "known", "new"),
      }),
      caller: fc.record({
        orgId: fc.constantFrom("org_1", "org_1", "org_2"),
        role: fc.constantFrom(...ROLES),
        clientId: fc.constantFrom("client_1", "client_2"),
        reach: fc.constantFrom(new Set(["acme"]), new Set(["other"])),
        scopes: fc.constantFrom(new Set(["acme:read"]), ann.scopes),
        limited: fc.boolean(),
      }),
      document: fc.record({
        switches: fc.record({ write: fc.boolean(), destroy: fc.boolean(), reveal: fc.boolean() }),
        extended: fc.constantFrom([], ["acme"]),
        toolsOff: fc.constantFrom([], ["acme_thing"]),
        unlisted: fc.constantFrom("allow" as const, "block" as const),
        permissions: fc.constantFrom(
          [],
          [{ id: "p", what: "tag" as const, name: "things", agentType: "*", allowed: true }],
          [{ id: "p", what: "vendor" as const, name: "acme", agentType: "claude.ai", allowed: false }],
        ),
        clients: fc.constantFrom({ blocked: [], only: [] }, { blocked: ["client_2"], only: [] }),
        hiddenClasses: fc.constantFrom([], ["personal" as const]),
        windows: fc.constantFrom([], [{ days: [6], from: "08:00", to: "18:00" }]),
      }),
      off: fc.boolean(),
    });
    fc.assert(
      fc.property(anyCase, ({ access, tool, caller, document, off }) => {
        const facts = { ...thing(tool), access, parts: [{ vendor: "acme", access: access ?? "read" }] };
        const who = { ...ann, ...caller };
        const policy = policyWith(document);
        const now = { ...around, toolsOff: new Set(off ? ["acme_thing"] : []) };
        const { decision, sentence, steps } = explain(facts, who, policy, now, { ...NAMED, role: who.role });
        expect(decision).toEqual(decide(facts, who, policy, now));
        const end = steps.findIndex(({ said }) => said === "decided");
        expect(end < 0).toBe(decision.verdict === "allow");
        expect(steps.slice(0, Math.max(end, 0)).every(({ said }) => said === "passed")).toBe(true);
        if (end >= 0) expect(steps[end]!.answer).toBe(sentence);
        for (const { question, answer } of steps) {
          expect(question).toMatch(/\?$/);
          expect(answer).toMatch(/^[\w"].*\.$/);
          expect(answer).not.toContain("undefined");
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("goes on after the decision, so that the next obstacle is seen too", () => {
    const { decision, steps } = explain(
      thing({ access: "write" }),
      { ...ann, role: "auditor" },
      policyWith(),
      around,
      NAMED,
    );
    expect(decision.rule).toBe("role");
    const stopping = steps.filter(({ said }) => said !== "passed");
    expect(stopping.map(({ said }) => said)).toEqual(["decided", "would-stop", "would-stop"]);
    expect(stopping[1]!.answer).toContain("Contoso is read-only");
  });

  it("says to whoever looks after the policy what callers are not told", () => {
    const out = explain(thing(), { ...ann, reach: new Set() }, policyWith(), around, NAMED);
    expect(out.sentence).toBe(
      "Claude does not reach the vendor of acme_thing: the person has not connected it, or not allowed Claude to use it.",
    );
    const reveal = explain(thing({ access: "reveal" }), ann, policyWith({ switches: SWITCHED_ON }), around, NAMED);
    expect(reveal.sentence).toBe("Every call of acme_thing needs the yes of another person in Contoso.");
  });
});
