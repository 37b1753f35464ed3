import { camel, singular } from "../model/names.ts";
import type { Reference } from "../model/reference.ts";
import type { StepModel, Value } from "../model/step.ts";
import { printChoice } from "./choice.ts";
import { printId, printLabels } from "./label-steps.ts";
import { literal } from "./literal.ts";
import type { Names } from "./names.ts";
import { insisted, type Print, printConditions, printLeaf, printObject, printReference, printValue } from "./print.ts";

export interface StepPrint extends Print {
  readonly names: Names;
  readonly input: string;
  type(alias: { readonly name: string }): string;
  /** Adds a function below the tool, and answers its name. */
  helper(name: string, parameters: string, text: string): string;
  /** Several changes: `sent` keeps account of them. */
  readonly sent?: string;
}

/** The lines of `run` for one wave of steps. */
export function printWave(wave: readonly StepModel[], print: StepPrint): string[] {
  const [only, ...more] = wave;
  const typed = wave.filter(({ name }) => print.loose.has(name));
  if (more.length > 0 && typed.length > 0) return wave.flatMap((step) => printWave([step], print));
  if (more.length === 0 && only) {
    const text = printStep(only, print, true);
    const name = print.locals.get(only.name)!;
    const type = typed.length > 0 ? `: ${anyOf(only, print)}${only.maybe ? " | undefined" : ""}` : "";
    return [`const ${name}${type} = ${text};`];
  }
  const names = wave.map(({ name }) => print.locals.get(name)!);
  return [
    `const [${names.join(", ")}] = await Promise.all([${wave.map((step) => printStep(step, print, false)).join(", ")}]);`,
  ];
}

export const anyOf = (step: StepModel, print: StepPrint) =>
  `${print.use("AnyOf")}<${step.aliases.map((alias) => print.type(alias)).join(" | ")}>`;

function printStep(step: StepModel, print: StepPrint, awaits: boolean): string {
  const wait = awaits ? "await " : "";
  const conditions = step.when.length > 0 ? printConditions(step.when, print) : undefined;
  const when = [...(step.vendor ? [camel(step.vendor)] : []), ...(conditions ? [conditions] : [])].join(" && ");
  const inner = knowing(
    step.when.filter(({ test }) => test === "given").map(({ subject }) => subject),
    print,
  );
  if (step.kind === "send") {
    const text = print.sent
      ? `${print.sent}.run(${literal(step.name)}, () => ${printWork(step, inner)})`
      : printWork(step, inner);
    // Nothing to send is not a change that was made.
    const some = step.each
      ? `${printReference(step.each.over, inner)}${step.each.over.maybe ? "?" : ""}.length`
      : undefined;
    const guards = [...(when ? [when] : []), ...(some ? [step.each!.over.maybe ? some : `${some} > 0`] : [])];
    return guards.length > 0 ? `${guards.join(" && ")} ? ${wait}${text} : undefined` : `${wait}${text}`;
  }
  const isOptional =
    step.kind === "labels" || ((step.kind === "get" || step.kind === "list") && step.optional && !step.each);
  // An optional read that lacks what it needs is left out like one that fails.
  const unsure = isOptional ? insistedBy(step).filter((each) => !inner.sure.has(printReference(each, inner))) : [];
  const asked = new Set(unsure.map((each) => `${printReference(each, inner)} != null`));
  const work = printWork(step, knowing(unsure, inner));
  const text = isOptional ? `${print.use(optionalName(step))}(${work})` : work;
  const labelled = step.kind === "label" && step.maybe ? [`${print.locals.get(step.input)} !== undefined`] : [];
  const guards = [...(when ? [when] : []), ...labelled, ...asked];
  return guards.length > 0 ? `${guards.join(" && ")} ? ${wait}${text} : undefined` : `${wait}${text}`;
}

/** What a step of one call cannot be asked without, and that may be missing. */
function insistedBy(step: StepModel): Reference[] {
  if (step.choice.kind !== "call") return [];
  return insisted(step.kind === "labels" ? { ...step.choice.call, path: step.arguments } : step.choice.call);
}

/** Behind a question whether these are there: so are the steps that they are read from. */
function knowing(references: readonly Reference[], print: StepPrint): StepPrint {
  const steps = references.flatMap(({ root }) => (root.kind === "step" ? root.name : []));
  const inner = { ...print, ran: new Set([...(print.ran ?? []), ...steps]) };
  const texts = references.flatMap((each) => [printReference(each, print), printReference(each, inner)]);
  return { ...inner, sure: new Set([...print.sure, ...texts]) };
}

function printWork(step: StepModel, print: StepPrint): string {
  if (step.each) return printEach(step, print);
  switch (step.kind) {
    case "label":
      return printId(step, print);
    case "labels":
      return printLabels(step, print);
    case "get":
      return printKept(step, print);
    case "send":
      return printChoice(step, print);
    case "list":
      return printTake(step, printValue(step.limit, print), print);
    case "poll": {
      const answer = print.names.inner().take("answer");
      const until = printConditions(step.until, { ...print, here: { text: answer, maybe: false } });
      const options = printObject([
        ["until", `(${answer}) => ${until}`],
        ["everyMs", literal(step.everyMs)],
        [
          "withinMs",
          step.within.kind === "constant"
            ? literal(Number(step.within.value) * 1000)
            : `${printValue(step.within, print)} * 1000`,
        ],
        ["call", print.useCall()],
      ]);
      return `${print.use("poll")}(() => ${printKept(step, print)}, ${options})`;
    }
    case "lookup": {
      const item = print.names.inner().take("item");
      const options = printObject([
        ["what", literal(step.what)],
        ["by", `(${item}) => ${printLeaf(step.by, { ...print, here: { text: item, maybe: false } })}`],
        ...(step.id
          ? ([["id", `(${item}) => ${printLeaf(step.id, { ...print, here: { text: item, maybe: false } })}`]] as const)
          : []),
        ["is", printValue(step.is, print, true)],
        ...(step.contains ? ([["contains", "true"]] as const) : []),
      ]);
      return `${print.use("lookup")}(${printChoice(step, print)}, ${options})`;
    }
  }
}

/** One thing; what does not meet `keep` is not found. */
function printKept(step: StepModel & { kind: "get" | "poll" }, print: StepPrint): string {
  const asked = printChoice(step, print);
  if (!step.keep) return asked;
  const answer = print.names.inner().take("answer");
  const wanted = printConditions(step.keep.conditions, { ...print, here: { text: answer, maybe: false } });
  return `${print.use("kept")}(${asked}, (${answer}) => ${wanted})`;
}

function printTake(step: StepModel & { kind: "list" }, limit: string, print: StepPrint): string {
  let listing = printChoice(step, print);
  if (step.keep) {
    const item = print.names.inner().take(itemName(step));
    const wanted = printConditions(step.keep.conditions, { ...print, here: { text: item, maybe: false } });
    const pages = step.keep.scanPages === undefined ? "" : `, ${step.keep.scanPages}`;
    listing = `${print.use("keep")}(${listing}, (${item}) => ${wanted}${pages})`;
  }
  const type =
    step.aliases.length > 1 || step.seen.partial
      ? `<${step.seen.partial ? anyOf(step, print) : step.aliases.map((alias) => print.type(alias)).join(" | ")}>`
      : "";
  return `${print.use("take")}${type}(${limit}, ${listing}${step.paged ? `, ${print.locals.get("cursor")}` : ""})`;
}

function printEach(step: StepModel, print: StepPrint): string {
  const { over, atMost } = step.each!;
  // A taken list is handed over whole, so that coverage knows of the items that were not taken.
  const base = isInside(over) ? `${print.use("listed")}(${printReference(over, print)})` : printReference(over, print);
  const items = over.maybe || isInside(over) ? `${base} ?? []` : base;
  const item = print.names.inner().take(eachName(step));
  const inner: StepPrint = { ...print, each: item, names: print.names.inner() };
  const isOptional = step.kind === "get" && step.optional;
  const one = step.kind === "get" ? printKept(step, inner) : printChoice(step, inner);
  const work =
    step.kind === "list"
      ? `async (${item}) => (await ${printTake(step, oneMore(step.limit, inner), inner)}).items`
      : isOptional
        ? `(${item}) => ${print.use(optionalName(step))}(${one})`
        : `async (${item})${step.seen.partial ? `: Promise<${anyOf(step, print)}>` : ""} => ${one}`;
  const options = printObject([
    ["atMost", printValue(atMost, print)],
    ["call", print.useCall()],
  ]);
  return `${print.use(step.kind === "send" ? "sendEach" : "each")}(${items}, ${work}, ${options})`;
}

/** Whether it is a list inside an answer. */
const isInside = ({ root, path }: Reference) => root.kind !== "input" && path.length > 0;

const optionalName = (step: StepModel) =>
  "optional" in step && step.optional === "missing" ? "orNothing" : "optional";

/** One more than is shown, so that `unfold` sees that there is more. */
const oneMore = (limit: Value, print: Print) =>
  limit.kind === "constant" ? literal(Number(limit.value) + 1) : `${printValue(limit, print)} + 1`;

export function eachName({ each }: StepModel): string {
  const { root, path } = each!.over;
  const name = path.at(-1)?.name ?? (root.kind === "step" || root.kind === "input" ? root.name : "item");
  return singular(name) === name ? `${name}Item` : singular(name);
}

export const itemName = ({ name }: StepModel) => (singular(name) === name ? "item" : singular(name));
