import type { Reference } from "../model/reference.ts";
import type { StepModel } from "../model/step.ts";
import type { InputModel } from "../model/tool.ts";
import type { Path } from "../read/vendors.ts";
import { buildLabelStep, buildLabelsStep, type LabelUse } from "./labels.ts";
import type { Scope } from "./reference.ts";

type OfKind<Kind> = Extract<StepModel, { kind: Kind }>;

/** The steps that labels bring to a tool: ids behind inputs, found as soon as what they need is there, and names for the output. */
export function labelledSteps(inputs: readonly InputModel[], tool: Path, outer: Scope) {
  const ids = new Map<string, OfKind<"label">>();
  const scope: Scope = { ...outer, ids };
  const names = new Map<string, OfKind<"labels">>();
  const tried = new Set<string>();
  const next = (isLast: boolean) =>
    inputs.find(
      ({ name, label }) => label && !tried.has(name) && (isLast || knowsAll(Object.values(label.with ?? {}), scope)),
    );
  return {
    /** For steps: an input that takes a label is the id behind it. */
    scope,
    /** The ids that can be found now, one perhaps only with another; in the end all that were not. */
    found(isLast = false): StepModel[] {
      const steps: StepModel[] = [];
      for (let input = next(isLast); input; input = next(isLast)) {
        const step = buildLabelStep(input, [...tool, "input", input.name], scope);
        tried.add(input.name);
        if (!step) continue;
        ids.set(input.name, step);
        steps.push(step);
      }
      return steps;
    },
    /** The name of the step that reads these labels, one for all who ask for the same. */
    use(use: LabelUse): string {
      const asked = JSON.stringify([use.label.name, use.arguments]);
      const step = names.get(asked) ?? buildLabelsStep(use, tool, scope);
      names.set(asked, step);
      return step.name;
    },
    used: (): StepModel[] => [...names.values()],
  };
}

const knowsAll = (references: readonly string[], { inputs, steps, ids }: Scope) =>
  references.every((reference) => {
    const name = reference.slice(1).split(".")[0]!;
    return inputs.get(name)?.label ? ids?.has(name) : inputs.has(name) || steps.has(name);
  });

/** An id is a number when something that takes it does. */
export function withTargets(steps: readonly StepModel[]): StepModel[] {
  const numbers = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { kind, target, reference } = value as { kind?: unknown; target?: unknown; reference?: Reference };
    if (kind === "reference" && target === "number" && reference?.root.kind === "step")
      numbers.add(reference.root.name);
    for (const [key, entry] of Object.entries(value)) if (key !== "schemas" && key !== "operation") collect(entry);
  };
  collect(steps);
  return steps.map((step) => (step.kind === "label" ? { ...step, isNumber: numbers.has(step.name) } : step));
}
