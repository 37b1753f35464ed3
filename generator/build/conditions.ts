import type { ConditionModel, Test } from "../model/step.ts";
import { tests } from "../model/step.ts";
import type { ConditionYaml, ValueYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { type Resolved, resolve, resolveHere, type Scope } from "./reference.ts";
import { buildValue } from "./values.ts";

/** `keep`, `until` and `when` maps: subject → condition. Subjects are paths of the thing at hand, or references. */
export function buildConditions(
  yaml: Readonly<Record<string, ConditionYaml | readonly unknown[]>>,
  at: Path,
  scope: Scope,
): ConditionModel[] {
  return Object.entries(yaml).flatMap(([subject, condition]) => {
    const here = [...at, subject];
    const found = subject.startsWith("$") ? resolve(subject, here, scope) : resolveHere(subject, here, scope);
    return found ? testsOf(condition, here, scope).map((test) => ({ subject: found.reference, ...test })) : [];
  });
}

export function testsOf(yaml: ConditionYaml | readonly unknown[], at: Path, scope: Scope) {
  const entries: [Test, ValueYaml | readonly unknown[]][] = Array.isArray(yaml)
    ? [["in", yaml]]
    : typeof yaml === "object"
      ? tests.flatMap((test) => (test in yaml ? [[test, yaml[test as keyof typeof yaml]] as [Test, ValueYaml]] : []))
      : [["is", yaml as ValueYaml]];
  return entries.flatMap(([test, wanted]) => {
    const isNow = wanted === "now" && (test === "before" || test === "after");
    const value = isNow ? ({ kind: "now" } as const) : buildValue(wanted, at, scope);
    return value ? [{ test, wanted: value }] : [];
  });
}

/** `when: $x`: true for a boolean, there at all for everything else. */
export function givenCondition(found: Resolved): ConditionModel {
  return { subject: found.reference, test: "given", wanted: { kind: "constant", value: true } };
}
