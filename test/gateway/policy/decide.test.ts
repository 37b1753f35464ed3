import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Access, type CallerFacts, decide, type OrgPolicy, scopesFor } from "../../../gateway/policy/decide.ts";

const tool = (access: Access | undefined, hash = "sha256-known", vendor = "acme") => ({
  parts: [{ vendor, access: access ?? "read" }],
  access,
  hash,
});
const extended = (access: Access) => ({ ...tool(access), extended: true });
const ON: ReadonlySet<string> = new Set(["acme"]);
const caller = (...scopes: string[]): CallerFacts => ({
  orgId: "org_a",
  reach: new Set(["acme"]),
  scopes: new Set(scopes),
});
const policy = (changes: Partial<OrgPolicy> = {}): OrgPolicy => ({
  orgId: "org_a",
  writesEnabled: true,
  extended: new Set<string>(),
  approvals: false,
  lock: new Set(["sha256-known"]),
  ...changes,
});

const FULL = ["acme:read", "acme:write", "acme:reveal"];
const ACCESSES = ["read", "write", "destroy", "reveal"] as const;

describe("decide", () => {
  it.each([
    ["a tool nobody classified", tool(undefined), caller(...FULL), policy(), "hide", "unclassified"],
    ["a tool that is not in the lock", tool("read", "sha256-new"), caller(...FULL), policy(), "hide", "not-in-lock"],
    ["another tenant's policy", tool("read"), caller(...FULL), policy({ orgId: "org_b" }), "hide", "other-tenant"],
    ["another vendor's tool", tool("read", "sha256-known", "other"), caller(...FULL), policy(), "hide", "other-vendor"],
    [
      "a write while writes are off",
      tool("write"),
      caller(...FULL),
      policy({ writesEnabled: false }),
      "hide",
      "writes-off",
    ],
    ["an extended tool nobody switched on", extended("read"), caller(...FULL), policy(), "hide", "extended-off"],
    [
      "an extended tool of another vendor than the one switched on",
      extended("read"),
      caller(...FULL),
      policy({ extended: new Set(["other"]) }),
      "hide",
      "extended-off",
    ],
    [
      "an extended write while writes are off",
      extended("write"),
      caller(...FULL),
      policy({ extended: ON, writesEnabled: false }),
      "hide",
      "writes-off",
    ],
    ["an extended read", extended("read"), caller("acme:read"), policy({ extended: ON }), "allow", "allowed"],
    ["an extended delete", extended("destroy"), caller(...FULL), policy({ extended: ON }), "hide", "approvals-missing"],
    ["a destroy without approvals", tool("destroy"), caller(...FULL), policy(), "hide", "approvals-missing"],
    ["a reveal without approvals", tool("reveal"), caller(...FULL), policy(), "hide", "approvals-missing"],
    ["a write with a read token", tool("write"), caller("acme:read"), policy(), "step_up", "scope-missing"],
    ["a write with write alone", tool("write"), caller("acme:write"), policy(), "step_up", "scope-missing"],
    ["a read with another vendor's scope", tool("read"), caller("other:read"), policy(), "step_up", "scope-missing"],
    [
      "a destroy with approvals",
      tool("destroy"),
      caller(...FULL),
      policy({ approvals: true }),
      "approve",
      "approval-needed",
    ],
    ["a read", tool("read"), caller("acme:read"), policy({ writesEnabled: false }), "allow", "allowed"],
    ["a write", tool("write"), caller("acme:read", "acme:write"), policy(), "allow", "allowed"],
  ] as const)("answers %s (TEN-06)", (_case, tool, caller, policy, verdict, rule) => {
    expect(decide(tool, caller, policy)).toEqual({ verdict, rule });
  });

  it("shows a new organisation read tools and nothing else (TEN-07)", () => {
    const listed = ACCESSES.filter(
      (access) => decide(tool(access), caller(...FULL), policy({ writesEnabled: false })).verdict !== "hide",
    );
    expect(listed).toEqual(["read"]);
  });

  it("admits only what it lists, and lists only reviewed tools of the caller's tenant and vendor (TEN-06)", () => {
    fc.assert(
      fc.property(
        fc.option(fc.constantFrom(...ACCESSES), { nil: undefined }),
        fc.constantFrom("sha256-known", "sha256-new"),
        fc.constantFrom("acme", "other"),
        fc.subarray([...FULL, "other:read", "other:write"]),
        fc.record({
          orgId: fc.constantFrom("org_a", "org_b"),
          writesEnabled: fc.boolean(),
          approvals: fc.boolean(),
          extended: fc.subarray(["acme", "other"]).map((vendors) => new Set(vendors)),
        }),
        fc.boolean(),
        (access, hash, vendor, scopes, changes, isExtended) => {
          const who = caller(...scopes);
          const org = policy(changes);
          const { verdict } = decide({ ...tool(access, hash, vendor), extended: isExtended }, who, org);
          const reviewed = access && org.lock.has(hash) && org.orgId === who.orgId && who.reach.has(vendor);
          const switchedOn = access === "read" || (access === "write" ? org.writesEnabled : org.approvals);
          const mayDestroy = access !== "destroy" || org.writesEnabled;
          const isOn = !isExtended || org.extended.has(vendor);
          expect(verdict !== "hide").toBe(Boolean(reviewed && isOn && switchedOn && mayDestroy));

          const scoped = access && scopesFor(vendor, access).every((scope) => who.scopes.has(scope));
          if (verdict === "allow") expect(scoped && (access === "read" || access === "write")).toBe(true);
          if (verdict === "approve") expect(scoped && org.approvals).toBe(true);
          if (verdict === "step_up") expect(scoped).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("never grants more with fewer scopes (TEN-06)", () => {
    const rank = { hide: 0, step_up: 1, approve: 2, allow: 3 };
    fc.assert(
      fc.property(fc.constantFrom(...ACCESSES), fc.subarray(FULL), fc.boolean(), (access, scopes, writesEnabled) => {
        const org = policy({ writesEnabled, approvals: true });
        const some = rank[decide(tool(access), caller(...scopes), org).verdict];
        expect(some).toBeLessThanOrEqual(rank[decide(tool(access), caller(...FULL), org).verdict]);
      }),
    );
  });
});
