import type { Schema } from "../model/openapi.ts";
import type { OperationModel, TypeAlias } from "../model/operation.ts";
import type { Segment } from "../model/reference.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { fieldNames, fieldOf, isOpen, shapesOf } from "./schemas.ts";

/** A value that paths can be read from: an answer, an item of a list, or what stands somewhere inside. */
export interface Thing {
  readonly shapes: readonly Schema[];
  /** Which answers it stands in, and where: for cutting answers to what is read. */
  readonly origins: readonly Origin[];
  /** The types it has in client.ts, when it is a whole answer, item or shared schema. */
  readonly aliases: readonly TypeAlias[];
  /** Set once something is read that only some of several answers have. Shared by everything inside one answer. */
  readonly seen: { partial: boolean };
}

interface Origin {
  readonly operation: OperationModel;
  readonly path: readonly string[];
  /** Standing on a flattened JSON:API resource: names but `id` are below `attributes` on the wire. */
  readonly flat: boolean;
}

/** Reads `path` in a thing, notes what was read, and tells how to print it. */
export function walk(thing: Thing, path: readonly string[], startMaybe: boolean, at: Path, context: Context) {
  const segments: Segment[] = [];
  let { shapes, origins } = thing;
  let aliases = thing.aliases;
  let maybe = startMaybe;
  let partial = false;
  for (const name of path) {
    const field = fieldOf(shapes, name, context.document);
    if (!field) {
      if (shapes.length > 0 && shapes.every(isOpen))
        context.problem(at, `"${name}" cannot be read: the description does not say what is in there`);
      else context.unknown(at, name, "a field of the answer", fieldNames(shapes));
      return;
    }
    // What a description calls required is not always there: nobody's tool may fail for an object that is missing.
    segments.push({ name, optional: maybe || segments.length > 0 });
    if (field.partial) partial = thing.seen.partial = true;
    maybe ||= field.maybe;
    shapes = field.shapes;
    aliases = [];
    origins = origins.map(({ operation, path: before, flat }) => ({
      operation,
      path: flat && name !== "id" ? [...before, "attributes", name] : [...before, name],
      flat: false,
    }));
  }
  for (const { operation, path: wire } of origins) {
    if (path.length === 0) continue;
    const selected = context.selected.get(operation) ?? new Set();
    context.selected.set(operation, selected.add(wire.join(".")));
  }
  const reached: Thing = { shapes, origins, aliases, seen: thing.seen };
  return { rest: { path: segments, maybe, schemas: shapes, ...(partial && ({ partial } as const)) }, thing: reached };
}

/** The element of an array; undefined when it is none. */
export function elementOf(thing: Thing, context: Context): Thing | undefined {
  const items = thing.shapes.flatMap((shape) => (shape.items ? [shape.items] : []));
  if (items.length === 0) return;
  return { ...thing, shapes: items.flatMap((item) => shapesOf(item, context.document)), aliases: [] };
}

/** Where a thing comes from, and what it is there. */
interface Part {
  readonly operation: OperationModel;
  readonly schema: Schema | undefined;
  readonly flat: boolean;
  readonly path: readonly string[];
  readonly alias: TypeAlias;
}

/** A thing for what an operation answers, or for one item of its list. */
export function thingOf(operations: readonly OperationModel[], part: "answer" | "item", context: Context): Thing {
  const parts = operations.flatMap((operation): Part | Part[] => {
    const { answer, list } = operation;
    if (part === "item" && list)
      return (list.places ?? [list.items.join(".")]).map((place) => ({
        operation,
        schema: list.item,
        flat: list.flat,
        path: place === "." || place === "" ? [] : place.split("."),
        alias: list.alias,
      }));
    const inside = answer.inside?.split(".") ?? [];
    return { operation, schema: answer.schema, flat: answer.flat, path: inside, alias: answer.alias };
  });
  const aliases = new Map(parts.map(({ alias }) => [alias.name, alias]));
  const schemas = new Set(parts.flatMap(({ schema }) => (schema ? [schema] : [])));
  return {
    shapes: [...schemas].flatMap((schema) => shapesOf(schema, context.document)),
    origins: parts.map(({ operation, path, flat }) => ({ operation, path, flat })),
    aliases: [...aliases.values()],
    seen: { partial: false },
  };
}
