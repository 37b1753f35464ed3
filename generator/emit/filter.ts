import type { FieldCondition, FilterModel } from "../model/filter.ts";
import type { NamedModel, Value } from "../model/step.ts";
import { literal } from "./literal.ts";
import { type Print, printObject, printReference, printValue, stepNamed } from "./print.ts";

const makers = { conditions: "conditionsFilter", tree: "treeFilter", rule: "ruleFilter" } as const;

/** The vendor's way to filter, for client.ts: `treeFilter({ ops: { is: "eq" } })`. */
export function printFilter({ dialect: { style, ...options } }: FilterModel, use: (name: string) => string): string {
  return `${use(makers[style])}(${Object.keys(options).length > 0 ? literal(options) : ""})`;
}

/** `filter({ companyID: companyId, title: { contains: text } })` */
export function printAsked({ filter, conditions, named }: Value & { kind: "filter" }, print: Print): string {
  const fields = [...new Set(conditions.map(({ field }) => field))];
  const entries = fields.map((field): [string, string] => {
    const tests = conditions.filter((each) => each.field === field).flatMap((each) => printTest(each, print));
    const [only, ...more] = tests;
    return [field, only?.[0] === "is" && more.length === 0 ? only[1] : printObject(tests)];
  });
  const name = print.useClient(filter.name);
  if (!named) return `${name}(${entries.length > 0 ? printObject(entries) : ""})`;
  const wanted = printNamed(named, print);
  if (entries.length === 0) return `${name}(${wanted})`;
  const spread = wanted.startsWith("{ ") ? wanted.slice(2, -2) : `...${wanted}`;
  return `${name}({ ${spread}, ${printObject(entries).slice(2, -2)} })`;
}

function printNamed({ wanted, field, test, id }: NamedModel, print: Print): string {
  const text = printValue(wanted, print, true);
  const by = test === "is" ? text : printObject([["contains", text]]);
  if (!id) return printObject([[field, by]]);
  const options = {
    id: id.field,
    name: field,
    ...(!id.isNumber && { idIsText: true }),
    ...(test === "is" && { test }),
  };
  return `${print.use("idOrName")}(${text}, ${literal(options)})`;
}

function printTest({ test, wanted, required }: FieldCondition, print: Print): [string, string][] {
  const text = printWanted(wanted, required, print);
  const now = () => `${print.useCall()}.now()`;
  switch (test) {
    case "olderThan":
      return [["before", `${print.use("daysAgo")}(${text}, ${now()})`]];
    case "within":
      return [
        ["after", `${print.use("hoursAgo")}(${text}, ${now()})`],
        ["before", `${print.use("hoursAhead")}(${text}, ${now()})`],
      ];
    case "dueIn":
      return [["before", `${print.use("hoursAhead")}(${text}, ${now()})`]];
    default:
      return [[test, text]];
  }
}

/**
 * An input that was not given, or a step that was not asked, asks for nothing. What a step should have answered and did not
 * must not ask for everything instead.
 */
function printWanted(value: Value, required: boolean, print: Print): string {
  if (value.kind !== "reference" || required) return printValue(value, print, required);
  const { root, path } = value.reference;
  const step = root.kind === "step" ? stepNamed(print.tool, root.name) : undefined;
  if (root.kind === "input" || step?.kind === "label") return printValue(value, print);
  const [head, ...rest] = path;
  if (
    !step?.maybe ||
    !head ||
    ("optional" in step && step.optional) ||
    print.sure.has(printReference(value.reference, print))
  )
    return printValue(value, print, true);
  const local = print.locals.get(step.name)!;
  const inside = { ...value, reference: { ...value.reference, path: [{ ...head, optional: false }, ...rest] } };
  const name = [step.name, ...path.map((each) => each.name)].join(".");
  return `${local} && ${print.use("expected")}(${printValue(inside, print)}, ${literal(name)})`;
}
