import { camel, singular } from "../model/names.ts";
import type { StepModel } from "../model/step.ts";
import { mentions, type Print, printObject, printValue } from "./print.ts";
import type { ProjectionPrint } from "./projection.ts";
import { eachName, itemName } from "./steps.ts";

export const local = (step: string, print: Print) => print.locals.get(step)!;

/** The items or rows of a list step, as something to iterate. */
export function itemsOf(step: StepModel, print: ProjectionPrint, isSure = false): string {
  const name = local(step.name, print);
  const dot = step.maybe && !isSure ? "?." : ".";
  if (!step.each) return `${name}${dot}items`;
  if (step.kind !== "list") return `${name}${dot}rows`;
  return `${unfoldedOf(step, print)}.items`;
}

/** The name of a fan-out's rows, one for each item of each answer; its line stands before what is returned. */
export function unfoldedOf(step: StepModel & { kind: "list" }, print: ProjectionPrint): string {
  const name = local(step.name, print);
  const rows = `${name}Rows`;
  const source = step.maybe ? `${name}?.rows ?? []` : `${name}.rows`;
  print.unfolded.set(rows, `const ${rows} = ${print.use("unfold")}(${source}, ${printValue(step.limit, print)});`);
  return rows;
}

export interface ItemScope {
  readonly item: string;
  /** A row of an each is an item and what was answered about it. */
  readonly answer?: string;
  readonly inner: ProjectionPrint;
}

/** `(alert) => …`, or of a row `({ item: device, answer: alert }) => …` with the parts that are read. */
export function lambda({ item, answer }: ItemScope, body: string): string {
  if (answer === undefined) return `(${item}) => ${body}`;
  const parts = [["item", item] as const, ["answer", answer] as const].filter(([, name]) => mentions(body, name));
  return `(${printObject(parts)}) => ${body}`;
}

/** How one item of a list step, or one row of an each, is called in a function over it. */
export function itemScope(step: StepModel, print: ProjectionPrint): ItemScope {
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

/** How one element of a list inside an answer is called. */
export function elementScope(name: string, print: ProjectionPrint): ItemScope {
  const names = print.names.inner();
  const item = names.take(singular(camel(name)), "item");
  return { item, inner: { ...print, names, here: { text: item, maybe: false } } };
}
