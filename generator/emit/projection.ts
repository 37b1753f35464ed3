import { camel, pascal, singular } from "../model/names.ts";
import type { From, OutputModel, Shape, Without } from "../model/output.ts";
import type { Reference } from "../model/reference.ts";
import type { StepModel } from "../model/step.ts";
import { isFields } from "./json-schema.ts";
import { literal } from "./literal.ts";
import type { Names } from "./names.ts";
import { mentions, type Print, printConditions, printObject, printReference, printValue, stepNamed } from "./print.ts";
import { eachName, itemName, type StepPrint } from "./steps.ts";

/** A function below the tool that picks the fields of one thing: `toDevice`. */
export interface Projection {
  readonly name: string;
  readonly parameter: string;
  readonly type: string;
  readonly object: string;
}

export interface ProjectionPrint extends StepPrint {
  /** Lines that take fan-outs apart, by the name that they give. */
  readonly unfolded: Map<string, string>;
  /** Names of the file, outside of `run`. */
  readonly below: Names;
  /** What each function below the tool picks. */
  readonly projected: Map<string, readonly OutputModel[]>;
  project(projection: Projection): void;
}

/** What `run` returns. */
export function printResult(outputs: readonly OutputModel[], print: ProjectionPrint): string {
  const [only, ...others] = outputs;
  if (only?.shape.kind === "sends" && others.length === 0) return `${print.sent}.report()`;
  const parts = outputs.map(({ name, shape }): string => {
    if (shape.kind === "sends") return `...${print.sent}.report()`;
    if (shape.kind === "truncated" && shape.cursor) {
      const [step = ""] = shape.steps;
      const more = print.locals.get(step);
      return stepNamed(print.tool, step).maybe ? `...(${more}?.more ?? { truncated: false })` : `...${more}.more`;
    }
    const text = printShape(name, shape, print);
    return text === name ? name : printObject([[name, text]]).slice(2, -2);
  });
  return `{ ${parts.join(", ")} }`;
}

function printShape(name: string, shape: Shape, print: ProjectionPrint): string {
  switch (shape.kind) {
    case "constant":
      return literal(shape.value);
    case "scalar": {
      const text = [shape.value, ...(shape.or ?? [])].map((value) => printReference(value, print)).join(" ?? ");
      switch (shape.convert?.kind) {
        case "time":
          return `${print.use("isoTime")}(${text}, ${literal(shape.convert.unit)})`;
        case "text":
          return `${print.use("asText")}(${text})`;
        case "label":
          return `${print.use("labelOf")}(${text}, ${local(shape.convert.step, print)})`;
        case "html":
          return `${print.use("plainText")}(${text})`;
        case "age":
          return `${print.use("ageDays")}(${text}, ${print.useCall()}.now())`;
        default:
          return text;
      }
    }
    case "scalars":
      return printReference(shape.value, print);
    case "open": {
      const text = printReference(shape.value, print);
      if (!shape.guarded) return text;
      const names = print.useClient("secretFields");
      const list = shape.without ? `[...${names}, ...${namesFound(shape.without, print)}]` : names;
      return `${print.use("withoutSecrets")}(${text}, ${list})`;
    }
    case "object":
      return printObjectShape(name, shape, print);
    case "array":
      return printArray(name, shape, print);
    case "totals":
      return printTotals(shape, print);
    case "count": {
      const step = stepNamed(print.tool, shape.step);
      return `${itemsOf(step, print)}${step.maybe && step.kind === "list" && !step.each ? "?" : ""}.length`;
    }
    case "sum":
      return printSum(shape, print);
    case "total":
      return `${local(shape.step, print)}${stepNamed(print.tool, shape.step).maybe ? "?" : ""}.total`;
    case "coverage":
      return `${local(shape.step, print)}${stepNamed(print.tool, shape.step).maybe ? "?" : ""}.coverage`;
    case "truncated":
      return printTruncated(shape.steps, print);
    case "partial":
      return shape.vendors.map((vendor) => `${camel(vendor)}?.partial()`).join(" ?? ") || `${print.client}.partial()`;
    case "sends":
      return "undefined"; // spread by printResult
    case "notConnected":
      return `${print.use("notConnected")}(${printObject(shape.parts.map(({ vendor, title }) => [title, camel(vendor)]))})`;
  }
}

/** `fields.items.flatMap((field) => field.key ?? [])` */
function namesFound({ step, field }: Without, print: ProjectionPrint): string {
  const found = stepNamed(print.tool, step);
  const scope = itemScope(found, print);
  return `${itemsOf(found, print, true)}.flatMap(${lambda(scope, `${printReference(field, scope.inner)} ?? []`)})`;
}

const local = (step: string, print: Print) => print.locals.get(step)!;

function printTruncated(steps: readonly string[], print: ProjectionPrint): string {
  const parts = steps.map((name) => {
    const step = stepNamed(print.tool, name);
    if (step.each && step.kind === "list") {
      return `${unfoldedOf(step, print)}.truncated || !${local(name, print)}${step.maybe ? "?" : ""}.coverage.complete`;
    }
    return step.maybe ? `${local(name, print)}?.truncated === true` : `${local(name, print)}.truncated`;
  });
  return parts.join(" || ") || "false";
}

function printTotals(shape: Shape & { kind: "totals" }, print: ProjectionPrint): string {
  const step = stepNamed(print.tool, shape.step);
  const totals = `${print.use("count")}(${itemsOf(step, print, true)}, ${picks(shape, print)})`;
  return step.maybe ? `${local(shape.step, print)} && ${totals}` : totals;
}

function printSum(shape: Shape & { kind: "sum" }, print: ProjectionPrint): string {
  const step = stepNamed(print.tool, shape.step);
  const summed = [itemsOf(step, print, true), pick(shape.step, shape.value, print)];
  const sum =
    shape.by.length === 0
      ? `${print.use("sum")}(${summed.join(", ")})`
      : `${print.use("sumBy")}(${[...summed, picks(shape, print)].join(", ")})`;
  return step.maybe ? `${local(shape.step, print)} && ${sum}` : sum;
}

const picks = ({ step, by }: Shape & { kind: "totals" | "sum" }, print: ProjectionPrint): string =>
  printObject(by.map(({ name, value }) => [name, pick(step, value, print)]));

/** The items or rows of a list step, as something to iterate. */
function itemsOf(step: StepModel, print: ProjectionPrint, isSure = false): string {
  const name = local(step.name, print);
  const dot = step.maybe && !isSure ? "?." : ".";
  if (!step.each) return `${name}${dot}items`;
  if (step.kind !== "list") return `${name}${dot}rows`;
  return `${unfoldedOf(step, print)}.items`;
}

/** The name of a fan-out's rows, one for each item of each answer; its line stands before what is returned. */
function unfoldedOf(step: StepModel & { kind: "list" }, print: ProjectionPrint): string {
  const name = local(step.name, print);
  const rows = `${name}Rows`;
  const source = step.maybe ? `${name}?.rows ?? []` : `${name}.rows`;
  print.unfolded.set(rows, `const ${rows} = ${print.use("unfold")}(${source}, ${printValue(step.limit, print)});`);
  return rows;
}

/** `(alert) => alert.priority` */
function pick(stepName: string, value: Reference, print: ProjectionPrint): string {
  const scope = itemScope(stepNamed(print.tool, stepName), print);
  return lambda(scope, printReference(value, scope.inner));
}

interface ItemScope {
  readonly item: string;
  /** A row of an each is an item and what was answered about it. */
  readonly answer?: string;
  readonly inner: ProjectionPrint;
}

/** `(alert) => …`, or of a row `({ item: device, answer: alert }) => …` with the parts that are read. */
function lambda({ item, answer }: ItemScope, body: string): string {
  if (answer === undefined) return `(${item}) => ${body}`;
  const parts = [["item", item] as const, ["answer", answer] as const].filter(([, name]) => mentions(body, name));
  return `(${printObject(parts)}) => ${body}`;
}

/** How one item of a list step, or one row of an each, is called in a function over it. */
function itemScope(step: StepModel, print: ProjectionPrint): ItemScope {
  const names = print.names.inner();
  if (!step.each) {
    const item = names.take(itemName(step));
    return { item, inner: { ...print, names, here: { text: item, maybe: false } } };
  }
  const item = names.take(eachName(step), "item");
  const answer = names.take(itemName(step), "answer");
  return {
    item,
    answer,
    inner: { ...print, names, each: item, here: { text: answer, maybe: step.kind !== "list" } },
  };
}

function printObjectShape(name: string, { from, fields }: Shape & { kind: "object" }, print: ProjectionPrint): string {
  if (!from) return printFields(fields, print);
  const text = printReference(from.value, print);
  const isMaybe = from.value.maybe || (from.value.root.kind === "here" && print.here!.maybe);
  if (print.here === undefined && from.aliases.length > 0 && isSelfContained(fields)) {
    const call = `${projectionOf(name, from, fields, print)}(${text})`;
    return isMaybe ? `${text} && ${call}` : call;
  }
  if (from.seen.partial && from.value.root.kind === "step") print.loose.add(from.value.root.name);
  const inner = { ...print, here: { text, maybe: isMaybe } };
  // At the root a missing thing is left out; inside, its fields are simply missing.
  return isMaybe && print.here === undefined
    ? `${text} && (${printFields(fields, { ...inner, here: { text, maybe: false } })})`
    : printFields(fields, inner);
}

const printFields = (fields: readonly OutputModel[], print: ProjectionPrint): string =>
  printObject(fields.map(({ name, shape }) => [name, printShape(name, shape, print)]));

function printArray(
  name: string,
  { from, item, keep, last }: Shape & { kind: "array" },
  print: ProjectionPrint,
): string {
  const { root, path } = from.value;
  const step = root.kind === "step" && path.length === 0 ? stepNamed(print.tool, root.name) : undefined;
  const isStepList = step !== undefined && (step.kind === "list" || step.each !== undefined);
  const text = isStepList ? itemsOf(step, print) : printReference(from.value, print);
  const isMaybe = !isStepList && (from.value.maybe || (root.kind === "here" && print.here!.maybe));
  const scope = isStepList ? itemScope(step, print) : elementScope(name, print);
  const filter = keep.length > 0 ? `.filter(${lambda(scope, printConditions(keep, scope.inner))})` : "";
  const newest = last === undefined ? "" : `.slice(-${last}).reverse()`;
  const map = `${text}${isMaybe ? "?" : ""}${filter}${newest}.map`;
  if (isFields(item) && print.here === undefined && !step?.each && from.aliases.length > 0 && isSelfContained(item)) {
    return `${map}(${projectionOf(name, from, item, print)})`;
  }
  const body = isFields(item) ? `(${printFields(item, scope.inner)})` : printShape(name, item, scope.inner);
  return `${map}(${lambda(scope, body)})`;
}

function elementScope(name: string, print: ProjectionPrint): ItemScope {
  const names = print.names.inner();
  const item = names.take(singular(camel(name)), "item");
  return { item, inner: { ...print, names, here: { text: item, maybe: false } } };
}

/** Everything is read from the thing itself, so that a function of one argument will do. */
function isSelfContained(fields: readonly OutputModel[]): boolean {
  return fields.every(({ shape }) => {
    switch (shape.kind) {
      case "scalar":
        return (
          [shape.value, ...(shape.or ?? [])].every(({ root }) => root.kind === "here") &&
          shape.convert?.kind !== "age" &&
          shape.convert?.kind !== "label"
        );
      case "scalars":
        return shape.value.root.kind === "here";
      case "open":
        return shape.value.root.kind === "here" && !shape.without;
      case "object":
        return (!shape.from || shape.from.value.root.kind === "here") && isSelfContained(shape.fields);
      case "array":
        return shape.from.value.root.kind === "here" && (!isFields(shape.item) || isSelfContained(shape.item));
      default:
        return shape.kind === "constant";
    }
  });
}

/** Two things of a tool may be called after the same word, as `asset` and `assets` are; their functions are not. */
function nameOf(thing: string, fields: readonly OutputModel[], { projected }: ProjectionPrint): string {
  const choices = [`to${pascal(thing)}`, `to${pascal(thing)}Details`];
  const name = choices.find((each) => (projected.get(each) ?? fields) === fields) ?? `${choices[1]}${projected.size}`;
  projected.set(name, fields);
  return name;
}

function projectionOf(name: string, from: From, fields: readonly OutputModel[], print: ProjectionPrint): string {
  const thing = singular(camel(name));
  const projection = nameOf(thing, fields, print);
  const names = print.below.inner();
  const parameter = names.take(thing, "item");
  const types = from.aliases.map((alias) => print.type(alias)).join(" | ");
  const object = printFields(fields, { ...print, names, here: { text: parameter, maybe: false } });
  const type = from.seen.partial ? `${print.use("AnyOf")}<${types}>` : types;
  print.project({ name: projection, parameter, type, object });
  return projection;
}
