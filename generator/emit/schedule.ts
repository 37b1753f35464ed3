import { referencesIn } from "../build/values.ts";
import type { Reference } from "../model/reference.ts";
import type { Choice, StepModel } from "../model/step.ts";

/**
 * Steps in waves: what stands in one wave runs at the same time. Reads that do not use each other share one;
 * a change and a wait run alone, and keep their place among the others.
 */
export function wavesOf(steps: readonly StepModel[]): StepModel[][] {
  const waves: StepModel[][] = [];
  let first = 0;
  for (const step of steps) {
    if (step.kind === "send" || step.kind === "poll") {
      waves.push([step]);
      first = waves.length;
      continue;
    }
    const needs = new Set(referencesOf(step).flatMap(({ root }) => (root.kind === "step" ? [root.name] : [])));
    const behind = waves.findLastIndex((wave) => wave.some(({ name }) => needs.has(name)));
    const at = Math.max(first, behind + 1);
    if (waves[at]) waves[at].push(step);
    else waves.push([step]);
  }
  return waves;
}

/** Everything that a step reads. */
function referencesOf(step: StepModel): Reference[] {
  const conditions = [
    ...step.when,
    ...("keep" in step ? (step.keep?.conditions ?? []) : []),
    ...(step.kind === "poll" ? step.until : []),
  ];
  const values =
    "arguments" in step
      ? step.arguments.map(({ value }) => value)
      : step.kind === "list"
        ? [step.limit]
        : step.kind === "poll"
          ? [step.within]
          : step.kind === "lookup"
            ? [step.is]
            : [];
  return [
    ...choiceReferences(step.choice),
    ...conditions.flatMap(({ subject, wanted }) => [subject, ...referencesIn(wanted)]),
    ...values.flatMap(referencesIn),
    ...(step.each ? [step.each.over, ...referencesIn(step.each.atMost)] : []),
  ];
}

export function choiceReferences(choice: Choice): Reference[] {
  switch (choice.kind) {
    case "call": {
      const { path, query, body } = choice.call;
      return [...[...path, ...query].flatMap(({ value }) => referencesIn(value)), ...referencesIn(body)];
    }
    case "given":
      return [
        ...choice.cases.flatMap(({ choice: inner }) => choiceReferences(inner)),
        ...choiceReferences(choice.else),
      ];
    case "by":
      return [
        choice.on,
        ...choice.cases.flatMap(({ choice: inner }) => choiceReferences(inner)),
        ...choiceReferences(choice.else),
      ];
    default:
      return [];
  }
}

/** Inputs that decide a choice without being passed on. */
export function decidingInputs(choice: Choice): string[] {
  if (choice.kind !== "given" && choice.kind !== "by") return [];
  const own = choice.kind === "given" ? choice.cases.map(({ input }) => input) : [];
  return [
    ...own,
    ...choice.cases.flatMap(({ choice: inner }) => decidingInputs(inner)),
    ...decidingInputs(choice.else),
  ];
}
