import { camel, pascal, singular } from "../model/names.ts";
import type { From, OutputModel, Shape, Without } from "../model/output.ts";
import { printFigure } from "./figures.ts";
import { elementScope, itemScope, itemsOf, lambda, local } from "./items.ts";
import { isFields } from "./json-schema.ts";
import { literal } from "./literal.ts";
import type { Names } from "./names.ts";
import { printConditions, printObject, printReference, stepNamed } from "./print.ts";
import type { StepPrint } from "./steps.ts";

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
  /** The functions below the tool so far. */
  readonly projections: Projection[];
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
    case "count":
    case "sum":
    case "total":
    case "coverage":
    case "truncated":
      return printFigure(shape, print);
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
  const text = isStepList ? itemsOf(step, print) : `${print.use("listed")}(${printReference(from.value, print)})?`;
  const scope = isStepList ? itemScope(step, print) : elementScope(name, print);
  const filter = keep.length > 0 ? `.filter(${lambda(scope, printConditions(keep, scope.inner))})` : "";
  const newest = last === undefined ? "" : `.slice(-${last}).reverse()`;
  const map = `${text}${filter}${newest}.map`;
  if (isFields(item) && print.here === undefined && !step?.each && from.aliases.length > 0 && isSelfContained(item)) {
    return `${map}(${projectionOf(name, from, item, print)})`;
  }
  const body = isFields(item) ? `(${printFields(item, scope.inner)})` : printShape(name, item, scope.inner);
  return `${map}(${lambda(scope, body)})`;
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

/** The function that picks these fields of such a thing; `ticketsByName` is content with what `tickets` brought. */
function projectionOf(name: string, from: From, fields: readonly OutputModel[], print: ProjectionPrint): string {
  const thing = singular(camel(name));
  const types = from.aliases.map((alias) => print.type(alias)).join(" | ");
  const type = from.seen.partial ? `${print.use("AnyOf")}<${types}>` : types;
  const objectOf = (parameter: string) =>
    printFields(fields, { ...print, names: print.below.inner(), here: { text: parameter, maybe: false } });
  const wanted = `to${pascal(thing)}`;
  const same = print.projections.find(
    (each) => wanted.startsWith(each.name) && each.type === type && each.object === objectOf(each.parameter),
  );
  if (same) return same.name;
  const parameter = print.below.inner().take(thing, "item");
  const projection = { name: nameOf(wanted, print.projections), parameter, type, object: objectOf(parameter) };
  print.projections.push(projection);
  return projection.name;
}

/** Two things of a tool may be called after the same word, as `asset` and `assets` are; their functions are not. */
function nameOf(wanted: string, others: readonly Projection[]): string {
  const taken = new Set(others.map(({ name }) => name));
  const choices = [wanted, `${wanted}Details`];
  return choices.find((each) => !taken.has(each)) ?? `${choices[1]}${others.length}`;
}
