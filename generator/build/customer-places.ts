import type { RowsModel } from "../model/customer.ts";
import { words } from "../model/names.ts";
import type { Schema } from "../model/openapi.ts";
import type { OperationModel, ParameterModel } from "../model/operation.ts";
import type { Context } from "./context.ts";
import { isJson, shapesOf, typeOf } from "./schemas.ts";

/** Where operations have what names a customer: `path.siteUid`, `query.filter[site]`, `body.site.id`, and paths in rows. */

export const wirePath = ({ in: where, wire }: ParameterModel) => `${where}.${wire}`;

/** The places of an operation's arguments that go by these names; fields of the body are dotted. */
export function placesOf(operation: OperationModel, names: readonly string[], { document }: Context): string[] {
  const { parameters, body } = operation;
  const ofUrl = parameters
    .filter(({ name, wire, constant }) => constant === undefined && (names.includes(name) || names.includes(wire)))
    .map(wirePath);
  const shapes = body && body.kind !== "value" ? shapesOf(body.schema, document) : [];
  const ofBody = names
    .filter((name) => has(shapes, name.split("."), document))
    .map((name) => bodyPlace(operation, name));
  return [...ofUrl, ...ofBody];
}

const bodyPlace = ({ body }: OperationModel, name: string) =>
  `body.${body?.kind === "jsonapi" ? "data.attributes." : ""}${name}`;

/** A description says that such a single value is there. What may hold anything may hold this, where it has a name itself. */
function has(shapes: readonly Schema[], [name, ...rest]: readonly string[], document: Context["document"]): boolean {
  if (name === undefined) return !elementsOf(shapes, document).some((shape) => shape.properties);
  const fields = elementsOf(shapes, document).flatMap((shape) =>
    !isJson(shape) && Object.hasOwn(shape.properties ?? {}, name) ? [shape.properties![name]!] : [],
  );
  const inside = fields.flatMap((field) => shapesOf(field, document));
  return fields.length > 0 && (inside.some(isJson) || has(inside, rest, document));
}

/** A list is looked through. */
const elementsOf = (shapes: readonly Schema[], document: Context["document"]): readonly Schema[] =>
  shapes.flatMap((shape) => (typeOf(shape) === "array" && shape.items ? shapesOf(shape.items, document) : [shape]));

/** Whether a request cannot be without it. */
export function isRequired({ parameters, body }: OperationModel, place: string, { document }: Context): boolean {
  const parameter = parameters.find((each) => wirePath(each) === place);
  if (parameter) return parameter.required;
  const name = place.replace(/^body\.(data\.attributes\.)?/, "");
  if (body?.needs.includes(name)) return true;
  return (
    !name.includes(".") && shapesOf(body?.schema ?? {}, document).every(({ required }) => required?.includes(name))
  );
}

/**
 * The places that say which thing is changed, when it has an id of its own: then a customer that is named beside it does not say
 * whose it is. What lies below a customer's address is that customer's.
 */
export function ownThings(operation: OperationModel, named: readonly string[], context: Context): string[] {
  const { path, parameters, body, graphql } = operation;
  if (graphql) {
    const demanded = demandedIn(operation, context).filter((place) => !named.includes(place));
    return demanded.filter((place) => /^u?id$/.test(words(place).at(-1) ?? ""));
  }
  const [, wire] = /\{([^{}]+)\}/.exec(path) ?? [];
  const first = parameters.find((each) => each.in === "path" && each.wire === wire);
  if (first) return named.includes(wirePath(first)) ? [] : [wirePath(first)];
  if (!body || body.kind === "value" || body.without.includes("id")) return [];
  return has(shapesOf(body.schema, context.document), ["id"], context.document) ? ["body.id"] : [];
}

/** The one argument that an operation demands. */
export function onlyDemanded(operation: OperationModel, context: Context): string | undefined {
  const [only, ...more] = demandedIn(operation, context);
  return more.length === 0 ? only : undefined;
}

function demandedIn(operation: OperationModel, { document }: Context): string[] {
  const { parameters, body } = operation;
  const leaves = (shapes: readonly Schema[], path: readonly string[]): string[] => {
    const objects = elementsOf(shapes, document).filter((shape) => shape.properties && path.length < MOST_DEEP);
    if (objects.length === 0) return [bodyPlace(operation, path.join("."))];
    return objects.flatMap(({ required = [], properties = {} }) =>
      required.flatMap((name) => leaves(shapesOf(properties[name] ?? {}, document), [...path, name])),
    );
  };
  const ofBody = body && body.kind !== "value" ? leaves(shapesOf(body.schema, document), []) : [];
  return [...parameters.filter(({ required }) => required).map(wirePath), ...ofBody];
}

const MOST_DEEP = 6;

/** The paths, of these, that an operation's rows have. */
export function fieldsIn(operation: OperationModel, paths: readonly string[], { document }: Context): string[] {
  const schema = operation.list?.item ?? operation.answer.schema;
  const shapes = schema ? elementsOf(shapesOf(schema, document), document) : [];
  return paths.filter((path) => has(shapes, path.split("."), document));
}

/** How a path in a row is called in what the vendor sends. */
export const wireField = ({ list, answer }: OperationModel, path: string): string =>
  (list?.flat ?? answer.flat) && path !== "id" ? `attributes.${path}` : path;

/** Where an operation's rows are, and what paging reads of them. */
export function rowsOf(operation: OperationModel): RowsModel {
  const { list, answer } = operation;
  const pages = list?.pages;
  const last = pages?.kind === "searchAfter" || pages?.kind === "idCursor" ? pages.field.join(".") : undefined;
  return {
    ...(!list && !answer.first && answer.inside !== undefined && { one: true as const }),
    in: list ? (list.places ?? [list.items.join(".") || "."]) : [answer.inside ?? "."],
    ...(pages?.total && { total: pages.total.join(".") }),
    ...(last !== undefined && { last: wireField(operation, last) }),
  };
}
