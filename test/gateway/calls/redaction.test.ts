import { describe, expect, it } from "vitest";
import { redactionRules } from "../../../gateway/calls/redaction.ts";
import { checkPolicy } from "../../../gateway/identity/policy-document.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../../../gateway/policy/document.ts";
import { DEFAULT_RULES } from "../../../runtime/index.ts";

const policy = (more: Partial<PolicyDocument>): PolicyDocument => ({ ...DEFAULT_POLICY, ...more });

describe("what a policy hides from models", () => {
  it("is, in a new organisation, fields that hold secrets, and keys and passwords in texts (APR-06)", () => {
    expect(redactionRules(DEFAULT_POLICY)).toEqual(DEFAULT_RULES);
    expect(redactionRules(DEFAULT_POLICY)).toBe(redactionRules(DEFAULT_POLICY));
  });

  it("is its hidden classes, fields and patterns, without the detectors it switched off (APR-05, TEN-12)", () => {
    const patterns = [{ name: "employees", pattern: "EMP-####" }];
    const redaction = { fields: ["note"], patterns, detectorsOff: ["phone", "unknown"] };
    const switches = { ...DEFAULT_POLICY.switches, reveal: true };
    expect(redactionRules(policy({ hiddenClasses: ["personal"], redaction, switches }))).toEqual({
      classes: ["personal", "secret"],
      fields: ["note"],
      patterns,
      detectors: { phone: false },
    });
  });

  it("cannot hold a pattern that would hide nearly everything, or take for ever (APR-05)", () => {
    const withPattern = (pattern: string) =>
      policy({ redaction: { ...DEFAULT_POLICY.redaction, patterns: [{ name: "x", pattern }] } });
    expect(() => checkPolicy(withPattern("EMP-####"))).not.toThrow();
    expect(() => checkPolicy(withPattern("*"))).toThrow("at least three characters");
    expect(() => checkPolicy(withPattern("a*b*c*d"))).toThrow("at most two *");
  });
});
