import type { StepModel } from "../model/step.ts";
import { literal } from "./literal.ts";
import { type Print, printObject, printValue } from "./print.ts";

type OfKind<Kind> = Extract<StepModel, { kind: Kind }>;

/** `ticketStatus(desk)`, or with what it needs to know: `boardStatus(desk, { boardId })`. */
export function printLabels({ label, arguments: given }: OfKind<"label" | "labels">, print: Print): string {
  const object = printObject(given.map(({ name, value, required }) => [name, printValue(value, print, required)]));
  return `${print.useLabel(label.name)}(${print.client}${given.length > 0 ? `, ${object}` : ""})`;
}

/** `idOf(status, "status", ticketStatus(desk), Number)` */
export function printId(step: OfKind<"label">, print: Print): string {
  const { input, many, isNumber } = step;
  const parts = [print.locals.get(input)!, literal(input), printLabels(step, print), ...(isNumber ? ["Number"] : [])];
  return `${print.use(many ? "idsOf" : "idOf")}(${parts.join(", ")})`;
}
