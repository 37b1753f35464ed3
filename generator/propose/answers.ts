import { fieldNames, fieldOf, flattened, shapesOf, typeOf } from "../build/schemas.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";

/** Where in an answer the items of a list are. */
export interface ItemsPlace {
  /** `.` when the answer is the array. */
  readonly items: string;
  readonly shapes: readonly Schema[];
}

const USUAL = "data items results result value values records entries content list elements rows objects".split(" ");

/** The array of objects that stands nearest to the root; of several one with a usual name. */
export function itemsIn(answer: Schema, document: OpenApi, depth = 0): ItemsPlace | undefined {
  const shapes = shapesOf(answer, document);
  const array = shapes.find((shape) => typeOf(shape) === "array");
  if (array) {
    const item = array.items && itemShapes(array.items, document);
    return item && { items: ".", shapes: item };
  }
  if (depth > 2) return;
  const found = fieldNames(shapes).flatMap((name) => {
    const field = /[.$]/.test(name) ? undefined : fieldOf(shapes, name, document);
    const inner = field && itemsIn(field.fields[0]!, document, depth + 1);
    return inner ? [{ items: inner.items === "." ? name : `${name}.${inner.items}`, shapes: inner.shapes }] : [];
  });
  return found.sort((a, b) => rank(a.items) - rank(b.items))[0];
}

const rank = (path: string) => {
  const parts = path.split(".");
  const usual = USUAL.indexOf(parts.at(-1)!.toLowerCase());
  return 100 * parts.length + (usual < 0 ? 50 : usual) + (/error|warning|message|link|include/i.test(path) ? 90 : 0);
};

function itemShapes(items: Schema, document: OpenApi): readonly Schema[] | undefined {
  const flat = flattened(items, document);
  const shapes = flat ? [flat] : shapesOf(items, document);
  return fieldNames(shapes).length > 0 ? shapes : undefined;
}

/** The one thing that an answer is about, and how an operation says where it is. */
export interface ThingPlace {
  readonly shapes: readonly Schema[];
  /** Path of it in the answer; absent when it is the answer. */
  readonly inside?: string;
  /** It is the first of an array, at this path. */
  readonly firstOf?: string;
}

export function thingIn(answer: Schema, document: OpenApi): ThingPlace | undefined {
  const shapes = shapesOf(answer, document);
  const data = fieldOf(shapes, "data", document);
  const resource = data?.shapes.some((shape) => typeOf(shape) === "object") && flattened(data.fields[0]!, document);
  if (resource) return { shapes: [resource] };
  if (shapes.some((shape) => typeOf(shape) === "array")) {
    const first = itemsIn(answer, document);
    return first && { shapes: first.shapes, firstOf: "." };
  }
  const objects = fieldNames(shapes).flatMap((name) => {
    const inner = /[.$]/.test(name) || ABOUT_PAGES.test(name) ? undefined : fieldOf(shapes, name, document);
    const fields = inner?.shapes.every((shape) => typeOf(shape) === "object")
      ? scalarNames(inner.shapes, document)
      : [];
    return inner && fields.length > 1 ? [{ inside: name, shapes: inner.shapes }] : [];
  });
  const own = scalarNames(shapes, document);
  const [only] = objects;
  if (only && (own.length < 2 || (own.length < 4 && only.inside === "data")) && objects.length === 1) return only;
  if (own.length > 0) return { shapes };
  if (only) return only;
  const first = itemsIn(answer, document);
  return first && first.items !== "." ? { shapes: first.shapes, firstOf: first.items } : undefined;
}

const ABOUT_PAGES = /^_?(meta|metadata|page|paging|pagination|links?|warnings?|errors?)$/i;

export function scalarNames(shapes: readonly Schema[], document: OpenApi): string[] {
  return fieldNames(shapes).filter((name) => scalarOf(fieldOf(shapes, name, document)?.shapes ?? []) !== undefined);
}

/** The one plain type of a value; undefined for objects, arrays and what has several. */
export function scalarOf(shapes: readonly Schema[]): "string" | "number" | "boolean" | undefined {
  const types = new Set(shapes.map(plainType));
  const [type] = types;
  return types.size === 1 ? type : undefined;
}

function plainType(schema: Schema) {
  if (Array.isArray(schema.type) && schema.type.filter((each) => each !== "null").length > 1) return undefined;
  const type = typeOf(schema) ?? (schema.enum?.every((value) => typeof value === "string") ? "string" : undefined);
  if (type === "integer" || type === "number") return "number";
  return type === "string" || type === "boolean" ? type : undefined;
}
