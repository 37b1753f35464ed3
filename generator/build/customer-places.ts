import type { RowsModel } from "../model/customer.ts";
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

/** A description says that such a field is there; what may hold anything does not count. */
function has(shapes: readonly Schema[], [name, ...rest]: readonly string[], document: Context["document"]): boolean {
  if (name === undefined) return true;
  const inside = fieldShapes(shapes, name, document);
  return inside !== undefined && has(inside, rest, document);
}

function fieldShapes(shapes: readonly Schema[], name: string, document: Context["document"]): Schema[] | undefined {
  const all = shapes.flatMap((shape) => (shape.items ? shapesOf(shape.items, document) : [shape]));
  const fields = all.flatMap((shape) =>
    !isJson(shape) && Object.hasOwn(shape.properties ?? {}, name) ? [shape.properties![name]!] : [],
  );
  return fields.length === 0 ? undefined : fields.flatMap((field) => shapesOf(field, document));
}

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
 * The place that says which thing is changed, when it has an id of its own: then a customer that is named beside it does not say
 * whose it is. What lies below a customer's address is that customer's.
 */
export function ownThing(
  { path, parameters, body }: OperationModel,
  named: readonly string[],
  { document }: Context,
): string | undefined {
  const [, wire] = /\{([^{}]+)\}/.exec(path) ?? [];
  const first = parameters.find((each) => each.in === "path" && each.wire === wire);
  if (first) return named.includes(wirePath(first)) ? undefined : wirePath(first);
  if (!body || body.kind === "value" || body.without.includes("id")) return;
  return fieldShapes(shapesOf(body.schema, document), "id", document) && "body.id";
}

/** Where an operation's rows name their customer, if they have such fields. */
export function rowsOf(
  { list, answer }: OperationModel,
  fields: { readonly all: readonly string[] } | { readonly first: readonly string[] },
  { document }: Context,
): RowsModel | undefined {
  const schema = list?.item ?? answer.schema;
  if (!schema) return;
  const shapes = shapesOf(schema, document).flatMap((shape) =>
    typeOf(shape) === "array" && shape.items ? shapesOf(shape.items, document) : [shape],
  );
  const isThere = (path: string) => has(shapes, path.split("."), document);
  const customer = "all" in fields ? fields.all.filter(isThere) : fields.first.filter(isThere).slice(0, 1);
  if (customer.length === 0 || ("all" in fields && customer.length < fields.all.length)) return;
  const isFlat = list?.flat ?? answer.flat;
  const onWire = (path: string) => (isFlat && path !== "id" ? `attributes.${path}` : path);
  const pages = list?.pages;
  const last = pages?.kind === "searchAfter" || pages?.kind === "idCursor" ? pages.field.join(".") : undefined;
  return {
    in: list ? (list.places ?? [list.items.join(".") || "."]) : [answer.inside ?? "."],
    customer: customer.map(onWire),
    ...(pages?.total && { total: pages.total.join(".") }),
    ...(last !== undefined && { last: onWire(last) }),
  };
}
