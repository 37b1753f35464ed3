import { shapesOf, typeOf } from "../build/schemas.ts";
import { looksSecret } from "../build/secrets.ts";
import type { OpenApi, Operation, Parameter, Schema } from "../model/openapi.ts";
import type { InputYaml } from "../read/schema.ts";
import { aboutOf, worth } from "./fields.ts";
import { listFor } from "./lists.ts";
import { capital, nameFor } from "./nouns.ts";
import { isAboutPages } from "./paging.ts";

/** What is asked of an assistant, and where it goes. */
export interface Given {
  readonly input: Record<string, InputYaml>;
  readonly with: Record<string, string>;
}

/** How an input of this type is written, without `from` and `about`; undefined when it cannot be asked for. */
export function typeFor(schema: Schema, name: string, document: OpenApi): InputYaml | undefined {
  const shapes = shapesOf(schema, document);
  const [shape] = shapes;
  if (!shape) return {};
  if (new Set(shapes.map(typeOf)).size > 1 || Array.isArray(shape.type) && shape.type.filter((each) => each !== "null").length > 1) return undefined; // biome-ignore format: one thought
  const type = typeOf(shape);
  if (shape.enum && type !== "string" && type !== undefined) return codesOf(shape.enum);
  if (shape.const !== undefined && type !== "string") return undefined;
  switch (type) {
    case "integer":
    case "number":
      return boundsOf(shape, name);
    case "boolean":
      return {};
    case "string":
      return textFor(shape);
    case "array":
      return shapes.length === 1 && shape.items ? listFor(shapesOf(shape.items, document), document) : undefined;
    case undefined:
      return shapes.every(({ enum: values, properties }) => !properties && (!values || values.every((each) => typeof each === "string"))) ? {} : undefined; // biome-ignore format: one thought
    default:
      return undefined;
  }
}

/** Numbers among which one is chosen, each as its own name. */
function codesOf(values: readonly unknown[]): InputYaml | undefined {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length !== values.length || numbers.length > 20) return undefined;
  return { enum: Object.fromEntries(numbers.map((value) => [String(value), value])) };
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: Schema, name: string): InputYaml {
  const isId = /ids?$/i.test(name);
  if (isId && minimum === undefined && maximum === undefined) return {};
  const least = typeof minimum === "number" ? minimum : typeof exclusiveMinimum === "number" ? exclusiveMinimum : 0;
  const most = typeof maximum === "number" ? maximum : Math.max(least, 1_000_000_000_000);
  return { min: Math.min(least, most), max: Number.isSafeInteger(Math.trunc(most)) ? most : Number.MAX_SAFE_INTEGER };
}

function textFor({ format, maxLength, enum: values }: Schema): InputYaml | undefined {
  if (format === "binary" || format === "byte" || format === "password") return undefined;
  if (values?.some((value) => typeof value === "string" && value.trim() === "")) return undefined;
  const most = typeof maxLength === "number" && maxLength > 0 ? Math.min(maxLength, 5000) : undefined;
  return most !== undefined && most !== 200 && !values ? { max: most } : {};
}

/** `from: listTickets.status`, a map only where there is more to say. */
export const inputFrom = (from: string, about: string, more: InputYaml): InputYaml =>
  more.enum || more.type ? { ...more, about } : { from, ...more, about };

/** For which operation inputs are made, and what they may not be called. */
export interface Asked {
  readonly name: string;
  readonly noun: readonly string[];
  readonly taken: ReadonlySet<string>;
  /** Most inputs that need not be given. */
  readonly most: number;
  /** Parameters that are given already. */
  readonly always?: Readonly<Record<string, unknown>>;
  /** The tool that tells ids. */
  readonly idsFrom?: string;
}

/**
 * Inputs for the parameters of an operation: all that are required, and a few others that narrow a list down.
 * What must be given and cannot be asked for is the reason why there is no tool.
 */
export function parametersFor(
  operation: Operation,
  { name, most, noun, taken, always = {}, idsFrom }: Asked,
  document: OpenApi,
): Given | { reason: string } {
  const given: Given = { input: {}, with: {} };
  const all = (operation.parameters ?? []).filter((each) => each.in !== "header" && !(each.name in always));
  const last = all.filter((each) => each.in === "path").at(-1);
  for (const each of all.filter((one) => one.required)) {
    const wanted = each === last && ID.test(each.name) ? `${noun.join(" ")} ${each.name}` : each.name;
    const input = nameFor(wanted);
    const type = input === undefined ? undefined : typeFor(each.schema, input, document);
    if (input === undefined || !type) return { reason: `needs ${each.name}, which has no simple type` };
    const about = aboutOf(input).slice(0, -1);
    add(each, free(input), type, each === last && idsFrom !== undefined ? `${about}, from ${idsFrom}.` : `${about}.`);
  }
  const others = all
    .filter((each) => !each.required && each.in === "query" && !isAboutPages(each.name) && !looksSecret(each.name, []))
    .sort((a, b) => filterWorth(b) - filterWorth(a) || (a.name < b.name ? -1 : 1));
  let count = 0;
  for (const each of others) {
    const input = nameFor(each.name);
    const type = input === undefined || count >= most ? undefined : typeFor(each.schema, input, document);
    if (!type || input === undefined || input in given.input || taken.has(input)) continue;
    add(each, input, type, aboutOf(input));
    count++;
  }
  return given;

  function free(input: string): string {
    return taken.has(input) || input in given.input ? `${input}Value` : input;
  }

  function add({ name: wire, required }: Parameter, input: string, type: InputYaml, about: string) {
    given.input[input] = { ...inputFrom(`${name}.${wire}`, about, type), ...(!required && { optional: true }) };
    given.with[wire] = `$${input}`;
  }
}

const ID = /^(id|uid|uuid|guid|key|sid|identifier|name|code|number)$/i;

/** Search words and states first. */
function filterWorth({ name }: Parameter): number {
  if (/^(q|query|search|text|keyword|term|filter\[?name\]?)$/i.test(name)) return 10;
  return worth(capital(name).replace(/^filter/i, "")) + (/^(filter|status|state|name|email)/i.test(name) ? 4 : 0);
}
