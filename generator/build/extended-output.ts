import { camel, words } from "../model/names.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { ExtendedYaml, OutputYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { fieldOf, isJson, shapesOf, typeOf } from "./schemas.ts";
import { looksSecret } from "./secrets.ts";

const MOST_FIELDS = 24;
const DEEPEST = 2;

type Fields = Record<string, OutputYaml>;

/** What leaves: the fields named, or the single values of the answer or of each item. Of a change without an answer, that it was made. */
export function outputOf(
  step: string,
  own: ExtendedYaml,
  { list, answer, reads }: OperationModel,
  {
    vendor,
    document,
    problem,
  }: { vendor: VendorYaml; document: OpenApi; problem(path: Path, message: string, hint?: string): void },
): Fields {
  const schema = list?.item ?? answer.schema;
  const fields = own.output ? named(own.output) : found(schema, document, vendor.secrets ?? []);
  if (Object.keys(fields).length > 0) return { [list ? `${step}[]` : step]: fields };
  if (!reads) return { done: true };
  problem([], `${own.do} answers no single values that may leave`, "say output: the fields that do");
  return {};
}

/** `[id, company.name, lines[].amount]` */
function named(paths: readonly string[]): Fields {
  const root: Fields = {};
  for (const path of paths) {
    let here = root;
    let before: string[] = [];
    const parts = path.split(".");
    for (const [index, part] of parts.entries()) {
      const name = part.replace(/\[\]$/, "");
      const isLast = index === parts.length - 1;
      if (isLast) {
        here[part === name ? outputName(name) : `${outputName(name)}[]`] = [...before, name].join(".");
        break;
      }
      const key = part === name ? outputName(name) : `${outputName(name)}[]`;
      const inner = (here[key] ?? (part === name ? {} : { $from: [...before, name].join(".") })) as Fields;
      here[key] = inner;
      here = inner;
      before = part === name ? [...before, name] : [];
    }
  }
  return root;
}

/** An answer that only wraps one thing is read through. */
function found(schema: Schema | undefined, document: OpenApi, secrets: readonly string[]): Fields {
  let shapes = schema ? shapesOf(schema, document) : [];
  const before: string[] = [];
  for (;;) {
    const [only, ...more] = namesIn(shapes);
    const inner = only === undefined || more.length > 0 ? undefined : fieldOf(shapes, only, document);
    if (!inner || inner.shapes.length === 0 || !inner.shapes.every(isObject) || before.length > 1) break;
    before.push(only!);
    shapes = inner.shapes;
  }
  const budget = { left: MOST_FIELDS };
  return fieldsIn(shapes, before, 1);

  function fieldsIn(shapes: readonly Schema[], path: readonly string[], depth: number): Fields {
    const fields: Fields = {};
    const inside: [string, readonly Schema[]][] = [];
    for (const name of namesIn(shapes)) {
      if (looksSecret(name, secrets)) continue;
      const field = fieldOf(shapes, name, document)!; // one of their names
      if (field.shapes.every(isObject)) inside.push([name, field.shapes]);
      else if (isSingle(field.shapes, document) && budget.left > 0) {
        const called = outputName(name, depth > 1);
        if (called in fields) continue;
        fields[called] = [...path, name].join(".");
        budget.left--;
      }
    }
    for (const [name, inner] of depth < DEEPEST ? inside : []) {
      const called = outputName(name);
      const parts = called in fields ? {} : fieldsIn(inner, [...path, name], depth + 1);
      if (Object.keys(parts).length > 0) fields[called] = parts;
    }
    return fields;
  }
}

/** Names as the description has them, but those that a path cannot say. */
const namesIn = (shapes: readonly Schema[]) =>
  [...new Set(shapes.flatMap(({ properties }) => Object.keys(properties ?? {})))].filter((name) =>
    /^[\w@-]+$/.test(name),
  );

const isObject = (schema: Schema) => typeOf(schema) === "object" && !isJson(schema) && schema.properties !== undefined;

const SINGLE = new Set(["string", "integer", "number", "boolean"]);

/** One kind of single value, or a list of such. */
function isSingle(shapes: readonly Schema[], document: OpenApi): boolean {
  const kinds = (some: readonly Schema[]) => new Set(some.map((shape) => (isJson(shape) ? undefined : typeOf(shape))));
  const of = (some: readonly Schema[]) => {
    const [kind, ...more] = kinds(some);
    return more.length === 0 && kind !== undefined && SINGLE.has(kind);
  };
  const elements = shapes.flatMap(({ items }) => (items ? shapesOf(items, document) : []));
  return of(shapes) || (shapes.every((shape) => typeOf(shape) === "array") && elements.length > 0 && of(elements));
}

/** `CustomerID`, `customer_id` and `customer-id` as `customerId`; inside an object, `value` would be an option of a field. */
function outputName(name: string, inside = true): string {
  const called = camel(words(name).join("_"));
  const plain = /^[a-z]/.test(called) ? called : `n${called}`;
  return inside && plain === "value" ? "content" : plain;
}
