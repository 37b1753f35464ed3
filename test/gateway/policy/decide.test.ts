import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Access,
  type CallerFacts,
  type Circumstances,
  decide,
  scopesFor,
  type ToolFacts,
} from "../../../gateway/policy/decide.ts";
import type { Permission, PolicyDocument } from "../../../gateway/policy/document.ts";
import { ROLES } from "../../../gateway/policy/roles.ts";
import { inWords, mayBeTold } from "../../../gateway/policy/words.ts";
import { policyWith, SWITCHED_ON, WRITES_UNASKED } from "../policies.ts";

const KNOWN = "sha256-known";
const FULL = ["acme:read", "acme:write", "acme:reveal"];
const ACCESSES = ["read", "write", "destroy", "reveal"] as const;
/** A Wednesday. */
const NOON = Date.UTC(2026, 10, 25, 12, 0);

const tool = (access: Access | undefined, changes: Partial<ToolFacts> = {}): ToolFacts => ({
  name: `acme_${access}_thing`,
  parts: [{ vendor: "acme", access: access ?? "read" }],
  access,
  tags: ["things"],
  hash: KNOWN,
  ...changes,
});
const caller = (changes: Partial<CallerFacts> = {}): CallerFacts => ({
  orgId: "org_1",
  role: "owner",
  clientId: "client_1",
  agentType: "claude.ai",
  reach: new Set(["acme"]),
  scopes: new Set(FULL),
  limited: false,
  ...changes,
});
const around = (changes: Partial<Circumstances> = {}): Circumstances => ({
  now: NOON,
  lock: new Set([KNOWN]),
  toolsOff: new Set<string>(),
  ...changes,
});
const open = (changes: Partial<PolicyDocument> = {}) =>
  policyWith({ switches: SWITCHED_ON, approvals: WRITES_UNASKED, ...changes });
const said = (what: Permission["what"], name: string, allowed: boolean, agentType = "*"): Permission => ({
  id: `${what}-${name}-${agentType}-${allowed}`,
  what,
  name,
  agentType,
  allowed,
});

describe("decide", () => {
  it.each<[string, ToolFacts, CallerFacts, ReturnType<typeof open>, Circumstances, string, string]>([
    ["a tool nobody classified", tool(undefined), caller(), open(), around(), "hide", "unclassified"],
    ["a tool not in the lock", tool("read", { hash: "new" }), caller(), open(), around(), "hide", "not-in-lock"],
    ["another tenant", tool("read"), caller({ orgId: "org_2" }), open(), around(), "hide", "other-tenant"],
    ["another vendor", tool("read"), caller({ reach: new Set(["b"]) }), open(), around(), "hide", "other-vendor"],
    [
      "a tool off for everybody",
      tool("read"),
      caller(),
      open(),
      around({ toolsOff: new Set(["acme_read_thing"]) }),
      "hide",
      "tool-off-everywhere",
    ],
    ["a tool off", tool("read"), caller(), open({ toolsOff: ["acme_read_thing"] }), around(), "hide", "tool-off"],
    ["a version not accepted", tool("read"), caller(), open({ accepted: {} }), around(), "hide", "version-held"],
    [
      "a version accepted",
      tool("read"),
      caller(),
      open({ accepted: { acme_read_thing: KNOWN } }),
      around(),
      "allow",
      "allowed",
    ],
    [
      "a blocked client",
      tool("read"),
      caller(),
      open({ clients: { blocked: ["client_1"], only: [] } }),
      around(),
      "hide",
      "client-blocked",
    ],
    [
      "a client that is not among the only ones",
      tool("read"),
      caller(),
      open({ clients: { blocked: [], only: ["client_2"] } }),
      around(),
      "hide",
      "client-blocked",
    ],
    ["an auditor", tool("read"), caller({ role: "auditor" }), open(), around(), "hide", "role"],
    ["a member's destroy", tool("destroy"), caller({ role: "member" }), open(), around(), "hide", "role"],
    ["an extended tool", tool("read", { extended: true }), caller(), open(), around(), "hide", "extended-off"],
    [
      "an extended tool switched on",
      tool("read", { extended: true }),
      caller(),
      open({ extended: ["acme"] }),
      around(),
      "allow",
      "allowed",
    ],
    ["a write in a new organisation", tool("write"), caller(), policyWith(), around(), "hide", "writes-off"],
    ["a destroy in a new organisation", tool("destroy"), caller(), policyWith(), around(), "hide", "destroys-off"],
    ["a reveal in a new organisation", tool("reveal"), caller(), policyWith(), around(), "hide", "reveals-off"],
    [
      "a vendor that is blocked",
      tool("read"),
      caller(),
      open({ permissions: [said("vendor", "acme", false)] }),
      around(),
      "hide",
      "blocked",
    ],
    [
      "what is not listed where only that is allowed",
      tool("read"),
      caller(),
      open({ unlisted: "block" }),
      around(),
      "hide",
      "unlisted",
    ],
    [
      "what is listed where only that is allowed",
      tool("read"),
      caller(),
      open({ unlisted: "block", permissions: [said("tag", "things", true)] }),
      around(),
      "allow",
      "allowed",
    ],
    [
      "a class of data that is hidden",
      tool("read", { class: "financial" }),
      caller(),
      open({ hiddenClasses: ["financial"] }),
      around(),
      "hide",
      "data-class",
    ],
    [
      "an unbounded tool for a limited person",
      tool("read", { unbounded: true }),
      caller({ limited: true }),
      open(),
      around(),
      "hide",
      "customer-unbounded",
    ],
    [
      "a write outside the window",
      tool("write"),
      caller(),
      open({ windows: [{ days: [6], from: "08:00", to: "18:00" }] }),
      around(),
      "hide",
      "window",
    ],
    [
      "a read outside the window",
      tool("read"),
      caller(),
      open({ windows: [{ days: [6], from: "08:00", to: "18:00" }] }),
      around(),
      "allow",
      "allowed",
    ],
    [
      "a write with a read token",
      tool("write"),
      caller({ scopes: new Set(["acme:read"]) }),
      open(),
      around(),
      "step_up",
      "scope-missing",
    ],
    ["a destroy", tool("destroy"), caller(), open(), around(), "approve", "approval-needed"],
    ["a read", tool("read"), caller({ scopes: new Set(["acme:read"]) }), policyWith(), around(), "allow", "allowed"],
  ])("answers %s (TEN-06, PAC-02)", (_case, facts, who, policy, circumstances, verdict, rule) => {
    expect(decide(facts, who, policy, circumstances)).toMatchObject({ verdict, rule });
  });

  it("lets what is said of one kind of client come before what is said of all, and of equals a block (PAC-01, PAC-02)", () => {
    const verdict = (agentType: string, ...permissions: Permission[]) =>
      decide(tool("read"), caller({ agentType }), open({ permissions }), around()).verdict;
    const nobody = said("vendor", "acme", false);
    const claude = said("tool", "acme_read_thing", true, "claude.ai");
    expect(verdict("registered", nobody, claude)).toBe("hide");
    expect(verdict("claude.ai", nobody, claude)).toBe("allow");
    expect(verdict("claude.ai", claude, said("tag", "things", false, "claude.ai"))).toBe("hide");
    expect(verdict("claude.ai", said("tool", "acme_read_thing", true), said("tag", "things", false))).toBe("hide");
  });

  it("asks whom the organisation wants asked, by access and by tool, and a tool that asks of itself always (APR-01)", () => {
    const base = open().document.approvals;
    const asked = (facts: ToolFacts, changes: Partial<typeof base>) =>
      decide(facts, caller(), open({ approvals: { ...base, ...changes } }), around()).approval;
    expect(decide(tool("write"), caller(), policyWith({ switches: SWITCHED_ON }), around()).approval).toBe("self");
    expect(asked(tool("write"), { write: "none" })).toBeUndefined();
    expect(asked(tool("write"), { write: "self" })).toBe("self");
    expect(asked(tool("destroy"), {})).toBe("other");
    expect(asked(tool("write"), { write: "none", tools: { acme_write_thing: "other" } })).toBe("other");
    expect(asked(tool("write", { asks: true }), { write: "none" })).toBe("self");
    expect(asked(tool("read"), {})).toBeUndefined();
  });

  it("opens the change window by the organisation's own clock, over midnight too (TEN-10)", () => {
    const verdict = (now: number, from: string, to: string, timeZone: string) =>
      decide(tool("write"), caller(), open({ windows: [{ days: [3], from, to }], timeZone }), around({ now })).verdict;
    expect(verdict(NOON, "12:00", "13:00", "UTC")).toBe("allow");
    expect(verdict(NOON, "12:00", "13:00", "Europe/Berlin")).toBe("hide");
    expect(verdict(NOON, "13:00", "13:01", "Europe/Berlin")).toBe("allow");
    const night = Date.UTC(2026, 10, 26, 2, 0);
    expect(verdict(night, "22:00", "04:00", "UTC")).toBe("allow");
    expect(verdict(night + 2 * 3_600_000, "22:00", "04:00", "UTC")).toBe("hide");
  });

  it("says every rule in one sentence without gaps, and nothing of what is out of reach (TEN-06)", () => {
    const named = { tool: "acme_read_thing", organisation: "Contoso MSP", role: "member", client: "Claude" };
    const windows = [{ days: [1, 2], from: "08:00", to: "18:00" }];
    const policy = open({ permissions: [said("vendor", "acme", false)], windows });
    for (const rule of ["tool-off", "role", "writes-off", "blocked", "window", "unlisted", "version-held"] as const) {
      const sentence = inWords({ verdict: "hide", rule, permission: "vendor-acme-*-false" }, named, policy);
      expect(sentence).toMatch(/^[A-Zat][^.]+\.$/);
      expect(sentence).not.toContain("undefined");
      expect(sentence).toContain("an owner or admin");
      expect(mayBeTold({ rule })).toBe(true);
    }
    expect(inWords({ verdict: "hide", rule: "other-vendor" }, named, policy)).toBe("There is no tool acme_read_thing.");
    expect(mayBeTold({ rule: "other-vendor" })).toBe(false);
  });

  it("shows a new organisation read tools and nothing else (TEN-07)", () => {
    const listed = ACCESSES.filter(
      (access) => decide(tool(access), caller(), policyWith(), around()).verdict !== "hide",
    );
    expect(listed).toEqual(["read"]);
  });

  const anyPolicy = fc.record({
    switches: fc.record({ write: fc.boolean(), destroy: fc.boolean(), reveal: fc.boolean() }),
    unlisted: fc.constantFrom("allow" as const, "block" as const),
    toolsOff: fc.subarray(ACCESSES.map((access) => `acme_${access}_thing`)),
    permissions: fc.array(
      fc.record({
        id: fc.uuid(),
        what: fc.constantFrom("vendor" as const, "tag" as const, "access" as const),
        name: fc.constantFrom("acme", "things", "read", "write", "destroy"),
        agentType: fc.constantFrom("*", "claude.ai", "registered"),
        allowed: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
  });
  const anyCaller = fc.record({
    role: fc.constantFrom(...ROLES),
    agentType: fc.constantFrom("claude.ai", "registered"),
    scopes: fc.subarray(FULL).map((scopes) => new Set(scopes)),
    limited: fc.boolean(),
  });

  it("admits only what is switched on for the role, and asks or challenges for the rest (TEN-06, TEN-07)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ACCESSES),
        anyCaller,
        anyPolicy,
        fc.boolean(),
        (access, who, document, unbounded) => {
          const policy = policyWith(document);
          const facts = tool(access, { unbounded });
          const { verdict } = decide(facts, caller(who), policy, around());
          if (verdict === "hide") return;
          expect(access === "read" || document.switches[access]).toBe(true);
          expect(policy.mayAccess[who.role].has(access)).toBe(true);
          expect(document.toolsOff).not.toContain(facts.name);
          expect(who.limited && unbounded).toBe(false);
          const scoped = scopesFor("acme", access).every((scope) => who.scopes.has(scope));
          expect(verdict === "step_up").toBe(!scoped);
          if (scoped) expect(verdict).toBe(access === "read" ? "allow" : "approve");
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("never gives more to fewer scopes, nor to a further block (TEN-06)", () => {
    const rank = { hide: 0, step_up: 1, approve: 2, allow: 3 };
    fc.assert(
      fc.property(fc.constantFrom(...ACCESSES), anyCaller, anyPolicy, (access, who, document) => {
        const given = (facts: CallerFacts, changes: Partial<PolicyDocument> = {}) =>
          rank[decide(tool(access), facts, policyWith({ ...document, ...changes }), around()).verdict];
        const own = given(caller(who));
        expect(own).toBeLessThanOrEqual(given(caller({ ...who, scopes: new Set(FULL) })));
        const block = said("tool", `acme_${access}_thing`, false, who.agentType);
        expect(given(caller(who), { permissions: [...document.permissions, block] })).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
