import { fieldNames, fieldOf, shapesOf, typeOf } from "../build/schemas.ts";
import { looksSecret } from "../build/secrets.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { InputYaml, OperationYaml } from "../read/schema.ts";
import { aboutOf, worth } from "./fields.ts";
import { type Asked, type Given, inputFrom, typeFor } from "./inputs.ts";
import { capital, nameFor } from "./nouns.ts";

export interface Body extends Given {
  /** What the operation says of its body. */
  readonly operation: Pick<OperationYaml, "body" | "without">;
  readonly reviews: readonly string[];
}

/** Fields of a body that an assistant fills in: those that must be there, and the most telling others. */
export function bodyFor(
  schema: Schema,
  { name, most, noun, taken }: Asked,
  document: OpenApi,
): Body | { reason: string } {
  const whole = shapesOf(schema, document);
  const element = whole.find((shape) => typeOf(shape) === "array")?.items;
  const resource = attributesOf(whole, document);
  const shapes = resource?.shapes ?? (element ? shapesOf(element, document) : whole);
  const names = fieldNames(shapes);
  if (names.length === 0) return { reason: "takes a body without fields" };

  const given: Given = { input: {}, with: {} };
  const required = new Set(shapes.flatMap((shape) => shape.required ?? []));
  const without: string[] = [];
  for (const field of names.filter((each) => required.has(each))) {
    const found = fieldOf(shapes, field, document)!;
    if (found.shapes.some(({ readOnly }) => readOnly) || found.fields.some(({ readOnly }) => readOnly))
      without.push(field);
    else {
      const problem = add([field], found.fields[0]!);
      if (problem) return { reason: problem };
    }
  }
  const others = names
    .filter((each) => !required.has(each) && !looksSecret(each, []) && /^[A-Za-z_][\w-]*$/.test(each))
    .sort((a, b) => bodyWorth(b) - bodyWorth(a) || (a < b ? -1 : 1));
  for (const field of others) {
    const found = fieldOf(shapes, field, document)!;
    const isSettable = [...found.shapes, ...found.fields].every(({ readOnly, deprecated }) => !readOnly && !deprecated);
    const isPlain = found.shapes.every((shape) => !["object", "array"].includes(typeOf(shape) ?? ""));
    if (isSettable && isPlain && Object.keys(given.input).length < most) add([field], found.fields[0]!);
  }
  if (Object.keys(given.input).length === 0) return { reason: "takes a body without a plain field" };
  const body = resource ? { jsonapi: resource.type ?? noun.join("-") } : element ? ("array" as const) : undefined;
  return {
    ...given,
    operation: { ...(body && { body }), ...(without.length > 0 && { without }) },
    reviews: resource && resource.type === undefined ? ["the type of the resource is a guess"] : [],
  };

  /** The reason why it cannot be asked for, or nothing. */
  function add(path: readonly string[], at: Schema): string | undefined {
    const wire = path.join(".");
    const isFirst = path.length === 1;
    const input = nameFor(path.map((part) => capital(part)).join(" "));
    const inner = shapesOf(at, document);
    if (isFirst && path[0]!.includes(".")) return `needs ${wire}, whose name has a dot`;
    if (inner.length > 0 && inner.every((shape) => typeOf(shape) === "object") && path.length < 3) {
      const needed = [...new Set(inner.flatMap((shape) => shape.required ?? []))];
      const parts = needed.length > 0 ? needed : likelyIn(inner);
      if (parts.length === 0) return `needs ${wire}, an object of which nothing is known`;
      for (const part of parts) {
        const found = fieldOf(inner, part, document);
        const problem = found
          ? add([...path, part], found.fields[0]!)
          : `needs ${wire}.${part}, which is not described`;
        if (problem) return problem;
      }
      return undefined;
    }
    const type = input === undefined ? undefined : typeFor(at, input, document);
    if (input === undefined || !type) return `needs ${wire}, which has no simple type`;
    const free = taken.has(input) || input in given.input ? `${input}Value` : input;
    if (free in given.input) return undefined;
    given.input[free] = described(`${name}.${wire}`, free, type, !required.has(path[0]!));
    given.with[wire] = `$${free}`;
    return undefined;
  }

  function likelyIn(inner: readonly Schema[]): string[] {
    return fieldNames(inner)
      .filter((each) => {
        const field = fieldOf(inner, each, document)!;
        return (
          field.shapes.length > 0 &&
          !looksSecret(each, []) &&
          !field.fields[0]!.readOnly &&
          worth(each) > 4 &&
          typeFor(field.fields[0]!, each, document)
        );
      })
      .slice(0, 2);
  }
}

const described = (from: string, input: string, type: InputYaml, isOptional: boolean): InputYaml => ({
  ...inputFrom(from, aboutOf(input), type),
  ...(isOptional && { optional: true }),
  ...(looksSecret(input, []) && { secret: true }),
});

const bodyWorth = (name: string) => worth(name) - (/^(id|uid|uuid|created|updated|modified|url)/i.test(name) ? 12 : 0);

/** The attributes of a JSON:API body, and the type it states. */
function attributesOf(shapes: readonly Schema[], document: OpenApi) {
  const data = fieldOf(shapes, "data", document)?.shapes ?? [];
  const attributes = fieldOf(data, "attributes", document)?.shapes;
  if (!attributes) return;
  const type = fieldOf(data, "type", document)?.shapes[0];
  const stated = type?.const ?? type?.enum?.[0];
  return { shapes: attributes, ...(typeof stated === "string" && { type: stated }) };
}
