import type { Shape } from "../model/output.ts";
import type { Reference } from "../model/reference.ts";
import { itemScope, itemsOf, lambda, local, unfoldedOf } from "./items.ts";
import { printObject, printReference, stepNamed } from "./print.ts";
import type { ProjectionPrint } from "./projection.ts";

type Figure = Extract<Shape, { kind: "totals" | "count" | "sum" | "total" | "coverage" | "truncated" }>;

/** What is counted or summed of a step, and how much of it there was. */
export function printFigure(shape: Figure, print: ProjectionPrint): string {
  switch (shape.kind) {
    case "totals":
      return printTotals(shape, print);
    case "sum":
      return printSum(shape, print);
    case "truncated":
      return printTruncated(shape.steps, print);
    case "count": {
      const step = stepNamed(print.tool, shape.step);
      return `${itemsOf(step, print)}${step.maybe && step.kind === "list" && !step.each ? "?" : ""}.length`;
    }
    default:
      return `${local(shape.step, print)}${stepNamed(print.tool, shape.step).maybe ? "?" : ""}.${shape.kind}`;
  }
}

function printTruncated(steps: readonly string[], print: ProjectionPrint): string {
  const parts = steps.map((name) => {
    const step = stepNamed(print.tool, name);
    if (step.each && step.kind === "list") {
      const isPart = step.maybe
        ? `${local(name, print)}?.coverage.complete === false`
        : `!${local(name, print)}.coverage.complete`;
      return `${unfoldedOf(step, print)}.truncated || ${isPart}`;
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

/** `(alert) => alert.priority` */
function pick(stepName: string, value: Reference, print: ProjectionPrint): string {
  const scope = itemScope(stepNamed(print.tool, stepName), print);
  return lambda(scope, printReference(value, scope.inner));
}
