import type { Choice, StepModel } from "../model/step.ts";
import { literal } from "./literal.ts";
import { mentions, type Print, printCall, printLeaf } from "./print.ts";
import { choiceReferences, decidingInputs } from "./schedule.ts";
import type { StepPrint } from "./steps.ts";

interface Branch {
  /** What must be true for it, besides that no earlier branch was taken. */
  readonly holds: readonly string[];
  readonly text: string;
}

/** One call in place; two as a question; more as a function of its own below the tool. */
export function printChoice({ choice, name, kind, vendor }: StepModel, print: StepPrint): string {
  const nothing = kind === "list" ? "[]" : "undefined";
  const branches = branchesOf(choice, print, nothing);
  const [first, second, ...more] = branches;
  if (first && !second) return first.text;
  if (first && second?.holds.length === 0 && more.length === 0) {
    return `(${first.holds.join(" && ")} ? ${first.text} : ${second.text})`;
  }
  const parameters = parametersOf(choice, print);
  const lines = branches.map(({ holds, text }) =>
    holds.length > 0 ? `if (${holds.join(" && ")}) return ${text};` : `return ${text};`,
  );
  // A function below the tool knows the inputs and one client only.
  if (!parameters || vendor !== undefined || lines.some((line) => mentions(line, "call"))) return inPlace(branches);
  const called = print.helper(name, parameters, lines.join("\n"));
  return `${called}(${print.input}, ${print.client})`;
}

/** The inputs that the choice reads, or nothing when it also reads steps: then it must stand inside `run`. */
function parametersOf(choice: Choice, print: StepPrint): string | undefined {
  const references = choiceReferences(choice);
  if (references.some(({ root }) => root.kind !== "input") || print.each !== undefined) return;
  const inputs = new Set([
    ...references.map(({ root }) => (root.kind === "input" ? root.name : "")),
    ...decidingInputs(choice),
  ]);
  const used = print.tool.inputs.map(({ name }) => name).filter((each) => inputs.has(each));
  return `{ ${used.map((each) => (print.locals.get(each) === each ? each : `${each}: ${print.locals.get(each)}`)).join(", ")} }`;
}

/** `client.listOpen({ … })` as what is called and what it is given. */
const CALL = /^(\w+\.\w+)(\([\s\S]*\))$/;

function inPlace(branches: readonly Branch[]): string {
  const isClosed = branches.at(-1)?.holds.length === 0;
  const calls = branches.map(({ text }) => CALL.exec(text) ?? []);
  const [, , given] = calls[0] ?? [];
  // Operations that are all asked the same: chosen first, asked once.
  if (given !== undefined && isClosed && calls.every(([, , each]) => each === given)) {
    return `(${branches.map(({ holds }, index) => question(holds, calls[index]![1]!)).join("")})${given}`;
  }
  return `(${branches.map(({ holds, text }) => question(holds, text)).join("")}${isClosed ? "" : "undefined"})`;
}

const question = (holds: readonly string[], text: string) =>
  holds.length > 0 ? `${holds.join(" && ")} ? ${text} : ` : text;

/** The calls of a choice with what must hold for each, in order; the last may hold always. */
function branchesOf(choice: Choice, print: Print, nothing: string, before: readonly string[] = []): Branch[] {
  switch (choice.kind) {
    case "call":
      return [{ holds: before, text: printCall(choice.call, print) }];
    case "none":
      return [{ holds: before, text: nothing }];
    case "oneOf":
      return [{ holds: before, text: `${print.use("needOneOf")}(${choice.inputs.map(literal).join(", ")})` }];
    case "never":
      return [];
    case "given":
      return [
        ...choice.cases.flatMap(({ input, choice: inner }) => {
          const here = { ...print, given: new Set([...print.given, input]) };
          return branchesOf(inner, here, nothing, [...before, `${print.locals.get(input)} !== undefined`]);
        }),
        ...branchesOf(choice.else, lackingIn(choice, print), nothing, before),
      ];
    case "by": {
      const on = printLeaf(choice.on, print);
      const otherwise = branchesOf(choice.else, print, nothing, before);
      const cases = choice.cases.map(({ value, choice: inner }, index) => {
        // Where every value has its case, the last needs no test.
        const isLast = otherwise.length === 0 && index === choice.cases.length - 1;
        return branchesOf(inner, print, nothing, isLast ? before : [...before, `${on} === ${literal(value)}`]);
      });
      return [...cases.flat(), ...otherwise];
    }
  }
}

const lackingIn = ({ cases }: Choice & { kind: "given" }, print: Print): Print => ({
  ...print,
  lacking: new Set([...print.lacking, ...cases.map(({ input }) => input)]),
});
