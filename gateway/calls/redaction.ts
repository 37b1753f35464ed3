import { DETECTOR_NAMES, type RedactionRules } from "../../runtime/index.ts";
import type { PolicyDocument } from "../policy/document.ts";

const known = new WeakMap<PolicyDocument, RedactionRules>();

/** What a policy hides from models: secrets always, but the one that a reveal tool is for, and what the organisation names. */
export function redactionRules(policy: PolicyDocument): RedactionRules {
  const rules = known.get(policy) ?? rulesOf(policy);
  known.set(policy, rules);
  return rules;
}

function rulesOf({ hiddenClasses, redaction }: PolicyDocument): RedactionRules {
  const { fields, patterns, detectorsOff } = redaction;
  const off = DETECTOR_NAMES.filter((name) => detectorsOff.includes(name)).map((name) => [name, false] as const);
  return {
    classes: [...new Set([...hiddenClasses, "secret" as const])],
    fields,
    patterns,
    detectors: Object.fromEntries(off),
  };
}
