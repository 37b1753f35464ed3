import { singular } from "../model/names.ts";
import type { Reference } from "../model/reference.ts";
import type { BodyField, BodyValue, Value } from "../model/step.ts";
import { Names } from "./names.ts";
import { type Print, printObject, printReference, printValue, stepNamed } from "./print.ts";

/** What a call sends besides path and query. */
export function printBody(body: BodyValue, print: Print): string {
  switch (body.kind) {
    case "whole":
      return printValue(body.value, print, true);
    case "fields":
      return printFields(body.fields, print);
    case "list":
      return printList(body, print);
    case "only":
      return `${print.use("listOf")}(${printValue(body.value, print)})`;
  }
}

const printFields = (fields: readonly BodyField[], print: Print): string =>
  printObject(fields.map((field) => [field.name, printField(field, print)]));

function printField({ value, required }: BodyField, print: Print): string {
  if (!isBody(value)) return printValue(value, print, required);
  if (value.kind !== "fields" || required) return printBody(value, print);
  const isIdle = value.fields.every((field) => !field.required && isUnsure(field, print));
  if (isIdle && value.fields.length > 1) return `${print.use("filled")}(${printFields(value.fields, print)})`;
  const needs = isIdle ? value.fields : value.fields.filter((field) => field.required);
  const unsure = needs.filter((field) => isUnsure(field, print));
  if (unsure.length === 0) return printFields(value.fields, print);
  // Without what it needs, an object that need not be there is left out.
  const step = stepBehind(unsure);
  if (step !== undefined) {
    const name = print.locals.get(step)!;
    return `${name} && ${printFields(value.fields, { ...print, ran: new Set([...(print.ran ?? []), step]) })}`;
  }
  const loose = needs.map((field) => ({ ...field, required: false }));
  const rest = value.fields.filter((field) => !needs.includes(field));
  const parts = [printFields(loose, print), ...(rest.length > 0 ? [printFields(rest, print)] : [])];
  return `${print.use("whole")}(${parts.join(", ")})`;
}

/** An input that was not given, or a step that was not asked; what a step should have answered is another matter. */
function isUnsure(field: BodyField, print: Print): boolean {
  const reference = referenceOf(field);
  if (!reference?.maybe || print.sure.has(printReference(reference, print))) return false;
  return reference.root.kind !== "step" || stepNamed(print.tool, reference.root.name).maybe;
}

/** The one step that all of these are read from. */
function stepBehind(fields: readonly BodyField[]): string | undefined {
  const names = new Set(
    fields.map((field) => {
      const { root, path } = referenceOf(field)!;
      return root.kind === "step" && path.length > 0 ? root.name : undefined;
    }),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

function printList({ fields, over }: BodyValue & { kind: "list" }, print: Print): string {
  if (!over) return `[${printFields(fields, print)}]`;
  const { root, path } = over;
  const name = path.at(-1)?.name ?? (root.kind === "input" ? root.name : "item");
  const taken = new Names([...print.locals.values(), print.client, "call"]);
  const item = taken.take(singular(name) === name ? "item" : singular(name), "each");
  const text = `${printReference(over, print)}${over.maybe ? "?" : ""}.map`;
  return `${text}((${item}) => (${printFields(fields, { ...print, each: item })}))`;
}

const isBody = (value: Value | BodyValue): value is BodyValue =>
  value.kind === "whole" || value.kind === "fields" || value.kind === "list" || value.kind === "only";

const referenceOf = ({ value }: BodyField): Reference | undefined =>
  value.kind === "reference" ? value.reference : undefined;

/** References in a body that what is asked cannot do without, and that may be missing. */
export function insistedIn(body: BodyValue | undefined): Reference[] {
  if (body?.kind !== "fields") return [];
  return body.fields
    .filter(({ required }) => required)
    .flatMap((field) => {
      const reference = referenceOf(field);
      if (reference) return reference.maybe ? [reference] : [];
      return isBody(field.value) ? insistedIn(field.value) : [];
    });
}
