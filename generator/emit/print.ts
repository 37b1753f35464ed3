import { camel } from "../model/names.ts";
import type { Reference } from "../model/reference.ts";
import type { CallModel, ConditionModel, StepModel, Value } from "../model/step.ts";
import type { InputModel } from "../model/tool.ts";
import { insistedIn, printBody } from "./body.ts";
import { printAsked } from "./filter.ts";
import { access, literal, propertyKey } from "./literal.ts";

/** What the printing of a tool's `run` needs to know: how things are called here, and a place to note what is used. */
export interface Print {
  readonly tool: {
    readonly inputs: readonly Pick<InputModel, "name" | "type">[];
    readonly steps: readonly StepModel[];
  };
  /** Inputs and steps by the name they have in this file. */
  readonly locals: ReadonlyMap<string, string>;
  readonly client: string;
  readonly each?: string;
  readonly here?: { readonly text: string; readonly maybe: boolean };
  /** Steps of which something is read in `run` itself that only some of their types have. */
  readonly loose: Set<string>;
  /** Inputs that are given, and inputs that are not, in the branch of a choice that is printed. */
  readonly given: ReadonlySet<string>;
  readonly lacking: ReadonlySet<string>;
  /** Steps that are known to have run where this is printed. */
  readonly ran?: ReadonlySet<string>;
  /** Expressions that are known to have a value where this is printed. */
  readonly sure: ReadonlySet<string>;
  /** Notes an import from the runtime, or the use of `call`; answers the name. */
  use(name: string): string;
  /** Notes an import from labels.ts. */
  useLabel(name: string): string;
  /** Notes an import from client.ts. */
  useClient(name: string): string;
  useCall(): string;
}

/** For a call outside of any tool, that reads these inputs at most. */
export const printAlone = (
  inputs: Print["tool"]["inputs"],
  client: string,
  lent: Pick<Print, "use" | "useClient">,
): Print => ({
  tool: { inputs, steps: [] },
  locals: new Map(inputs.map(({ name }) => [name, name])),
  client,
  loose: new Set(),
  given: new Set(),
  lacking: new Set(),
  sure: new Set(),
  useLabel: (name) => name,
  useCall: () => "call",
  ...lent,
});

/** The value itself, where text or a number is expected: what is read inside any JSON comes as text. */
export function printLeaf(reference: Reference, print: Print): string {
  const text = printReference(reference, print);
  return isAnyJson(reference) ? `${print.use("asText")}(${text})` : text;
}

const isAnyJson = ({ schemas }: Reference) =>
  schemas.length > 0 && schemas.every((schema) => schema["x-json"] === true);

export function printReference(reference: Reference, print: Print): string {
  const { root, path } = reference;
  if (reference.partial && root.kind === "step") print.loose.add(root.name);
  const start =
    root.kind === "each" ? print.each! : root.kind === "here" ? print.here!.text : print.locals.get(root.name)!;
  const startMaybe = root.kind === "here" && print.here!.maybe;
  const hasRun = root.kind === "step" && print.ran?.has(root.name);
  return path.reduce(
    (text, { name, optional }, index) =>
      text + access(name, index === 0 ? (optional && !hasRun) || startMaybe : optional),
    start,
  );
}

/** A value; one that a call cannot do without is insisted on. */
export function printValue(value: Value, print: Print, isRequired = false): string {
  switch (value.kind) {
    case "constant":
      return literal(value.value);
    case "now":
      return `${print.useCall()}.now()`;
    case "not": {
      const flag = printReference(value.flag, print);
      return value.flag.maybe ? `${print.use("negated")}(${flag})` : `!${flag}`;
    }
    case "midnight":
      return `${print.use("midnight")}(${printValue({ kind: "reference", reference: value.day }, print, isRequired)})`;
    case "utc":
      return `${print.use("utcTime")}(${printValue({ kind: "reference", reference: value.moment }, print, isRequired)})`;
    case "filter":
      return printAsked(value, print);
    case "merge":
      return printMerge(value, print);
    case "first":
      return printFirst(value, print, isRequired);
    case "reference": {
      const { reference } = value;
      const plain = printCoded(reference, print);
      const isThere = !reference.maybe || print.sure.has(plain);
      const text =
        value.target === "text" ? (isThere ? `String(${plain})` : `${print.use("asText")}(${plain})`) : plain;
      if (isThere) return text;
      if (!isRequired || !reference.maybe || print.sure.has(text)) return text;
      const { root, path } = reference;
      // What a lookup would have found was not looked for: it is the input that is missing.
      const isSure = root.kind === "step" && print.ran?.has(root.name);
      const cause = root.kind === "step" && !isSure ? inputBehind(stepNamed(print.tool, root.name)) : undefined;
      if (cause !== undefined) return `${print.use("needed")}(${text}, ${literal(cause)})`;
      const name = [
        root.kind === "input" || root.kind === "step" ? root.name : (print.each ?? "item"),
        ...path.map((each) => each.name),
      ].join(".");
      return `${print.use(root.kind === "input" ? "needed" : "expected")}(${text}, ${literal(name)})`;
    }
  }
}

/** The first that is there; when a call cannot do without, one of the inputs must be given. */
function printFirst({ values }: Value & { kind: "first" }, print: Print, isRequired: boolean): string {
  const text = values.map((each) => printValue(each, print)).join(" ?? ");
  const references = values.flatMap((each) => (each.kind === "reference" ? each.reference : []));
  if (!isRequired || references.length < values.length || references.some(({ maybe }) => !maybe)) return text;
  const inputs = references.flatMap(({ root, path }) => (root.kind === "input" && path.length === 0 ? root.name : []));
  return `${print.use(inputs.length > 0 ? "needed" : "expected")}(${text}, ${literal(inputs.join(" or ") || "value")})`;
}

/** Of an input that has names for the vendor's codes, the code. */
function printCoded(reference: Reference, print: Print): string {
  const { root, path } = reference;
  const text = printLeaf(reference, print);
  if (root.kind !== "input" || path.length > 0) return text;
  const type = print.tool.inputs.find(({ name }) => name === root.name)?.type;
  return type?.kind === "enum" && type.codes ? `${print.use("codeOf")}(${text}, ${literal(type.codes)})` : text;
}

/** The input without which a step is not asked. */
function inputBehind(step: StepModel): string | undefined {
  if (step.kind === "label") return step.input;
  const [only, ...more] = step.when;
  if (!only || more.length > 0 || only.test !== "given" || only.subject.root.kind !== "input") return;
  return only.subject.root.name;
}

/**
 * Later values over the first. What the vendor does not get back may be lost, so a first value that was read must be there;
 * one that was not asked for in this branch is left out.
 */
function printMerge({ values: [first, ...others], ids }: Value & { kind: "merge" }, print: Print): string {
  const texts = others.map((each) => printReference(each, print));
  const step = first!.root.kind === "step" ? stepNamed(print.tool, first!.root.name) : undefined;
  const cause = step && inputBehind(step);
  if (cause === undefined || !print.lacking.has(cause)) {
    const text = printReference(first!, print);
    const hasRun = step !== undefined && (cause === undefined ? !step.maybe : print.given.has(cause));
    const path = [step?.name, ...first!.path.map(({ name }) => name)].join(".");
    const base = hasRun && first!.maybe ? `${print.use("expected")}(${text}, ${literal(path)})` : text;
    texts.unshift(ids === undefined ? base : `${print.use("withIds")}(${base}, ${literal(ids)})`);
  }
  return texts.reduce((before, next) => `${print.use("merge")}(${before}, ${next})`);
}

/** The references that a call cannot do without and that may be missing. */
export function insisted(call: CallModel): Reference[] {
  const values = [...call.path, ...call.query].filter(({ required }) => required).map(({ value }) => value);
  const named = values.flatMap((value) =>
    value.kind === "reference" && value.reference.maybe ? [value.reference] : [],
  );
  return [...named, ...(call.operation.reads ? insistedIn(call.body) : [])];
}

export function printCall({ operation, path, query, body }: CallModel, print: Print): string {
  const object = (entries: readonly { name: string; value: Value; required: boolean }[]) =>
    printObject(entries.map(({ name, value, required }) => [name, printValue(value, print, required)]));
  const parts = [
    ...(path.length > 0 ? [object(path)] : []),
    ...(operation.body ? [body ? printBody(body, print) : "{}"] : []),
    ...(query.length > 0 ? [object(query)] : []),
  ];
  return `${operation.vendor ? camel(operation.vendor) : print.client}.${operation.name}(${parts.join(", ")})`;
}

export function printObject(entries: readonly (readonly [string, string])[]): string {
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([name, text]) => (name === text ? name : `${propertyKey(name)}: ${text}`)).join(", ")} }`;
}

/** All conditions together. */
export const printConditions = (conditions: readonly ConditionModel[], print: Print): string =>
  conditions.map((each) => printCondition(each, print)).join(" && ");

function printCondition({ subject, test, wanted }: ConditionModel, print: Print): string {
  const text = printReference(subject, print);
  if (test === "given") {
    if (isBoolean(subject, print)) return text;
    return `${text} ${subject.root.kind === "input" ? "!== undefined" : "!= null"}`;
  }
  const value = printValue(wanted, print);
  const now = () => `${print.useCall()}.now()`;
  switch (test) {
    case "olderThan":
      return `${print.use("olderThanDays")}(${text}, ${value}, ${now()})`;
    case "within":
      return `${print.use("withinHours")}(${text}, ${value}, ${now()})`;
    case "dueIn":
      return `${print.use("dueInHours")}(${text}, ${value}, ${now()})`;
    default:
      return `${print.use(test === "not" ? "isNot" : test === "in" ? "isIn" : test)}(${text}, ${value})`;
  }
}

function isBoolean({ root, schemas, path }: Reference, { tool }: Print): boolean {
  if (root.kind !== "input") return schemas.length > 0 && schemas.every(({ type }) => type === "boolean");
  return path.length === 0 && tool.inputs.find(({ name }) => name === root.name)?.type.kind === "boolean";
}

export const stepNamed = (tool: Print["tool"], name: string): StepModel =>
  tool.steps.find((step) => step.name === name)!;

/** Whether a text of code reads this variable. */
export const mentions = (text: string, name: string) => new RegExp(`(?<![-.\\w$"])${name}(?![-\\w$":])`).test(text);
