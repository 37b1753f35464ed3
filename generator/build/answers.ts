import { pascal } from "../model/names.ts";
import { type Method, type Operation, placeOf } from "../model/openapi.ts";
import type { AnswerModel, ListModel, ParameterModel } from "../model/operation.ts";
import type { OperationYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { buildPages, pagesOf } from "./pages.ts";
import { aliasOf, itemOf, type Place, placed, stepInto } from "./place.ts";
import { fieldNames, fieldOf, flattened, shapesOf, typeOf } from "./schemas.ts";

/** The JSON answer of the first 2xx, with the TypeScript that names it. */
function success(method: Method, path: string, spec: Operation) {
  for (const [status, { content = {} }] of Object.entries(spec.responses)) {
    const [media] = Object.keys(content).filter((type) => type.includes("json") || type === "*/*");
    if (!/^2/.test(status) || media === undefined) continue;
    const key = /^\d+$/.test(status) ? status : JSON.stringify(status);
    return {
      schema: content[media]!.schema,
      type: `paths[${JSON.stringify(path)}]["${method}"]["responses"][${key}]["content"][${JSON.stringify(media)}]`,
    };
  }
}

export function buildAnswer(
  name: string,
  method: Method,
  path: string,
  yaml: OperationYaml,
  spec: Operation,
  context: Context,
): AnswerModel {
  const { document } = context;
  const alias = `${pascal(name)}Answer`;
  const found = success(method, path, spec);
  if (!found) return { flat: false, first: false, alias: { name: alias, type: "undefined" } };
  let place = placed(found.schema, found.type);
  const inside: string[] = [];
  if (yaml.first && Array.isArray(yaml.items))
    context.problem(["operations", name, "items"], "takes one path with first");
  if (yaml.first && typeof yaml.items === "string" && yaml.items !== ".") {
    for (const key of yaml.items.split(".")) {
      place = stepInto(place, key, context) ?? place;
      inside.push(key);
    }
  }
  if (yaml.item !== undefined)
    return buildItem(name, yaml.item, place, method === "get" || yaml.reads === true, context);
  const shapes = shapesOf(place.schema, document);
  const data = yaml.first ? undefined : fieldOf(shapes, "data", document);
  const isOne = data?.shapes.some((shape) => typeOf(shape) === "object");
  const resource = isOne && flattened(data!.fields[0]!, document);
  if (resource) {
    const inner = stepInto(place, "data", context)!;
    return { schema: resource, flat: true, inside: "data", first: false, alias: aliasOf(inner, alias, true) };
  }
  if (!yaml.first) return { schema: place.schema, flat: false, first: false, alias: aliasOf(place, alias, false) };
  const item = itemOf(place, context);
  if (!item) {
    context.problem(["operations", name, "first"], `is for an answer that is an array; ${yaml.do} answers none there`);
    return { schema: place.schema, flat: false, first: false, alias: aliasOf(place, alias, false) };
  }
  const flat = flattened(item.schema, document);
  return {
    schema: flat ?? item.schema,
    flat: flat !== undefined,
    first: true,
    ...(shapesOf(place.schema, document).some((shape) => typeOf(shape) !== "array") && { either: true as const }),
    alias: aliasOf(item, alias, flat !== undefined),
    ...(inside.length > 0 && { inside: inside.join(".") }),
  };
}

/** The one thing that stands somewhere in the body. */
function buildItem(name: string, item: string, whole: Place, reads: boolean, context: Context): AnswerModel {
  const at: Path = ["operations", name, "item"];
  if (!reads) context.problem(at, "is for an operation that reads", "read $step.path of what a change answers");
  let place = whole;
  for (const key of item.split(".")) {
    const inner = stepInto(place, key, context);
    if (!inner) {
      context.unknown(at, key, "a field of the answer", fieldNames(shapesOf(place.schema, context.document)));
      break;
    }
    place = inner;
  }
  const alias = aliasOf(place, `${pascal(name)}Answer`, false);
  return { schema: place.schema, flat: false, first: false, inside: item, alias };
}

export function buildList(
  name: string,
  yaml: OperationYaml,
  vendor: VendorYaml,
  parameters: readonly ParameterModel[],
  spec: Operation,
  at: Path,
  context: Context,
): ListModel | undefined {
  const { method, path } = placeOf(yaml.do);
  const found = success(method, path, spec);
  if (!found) return;
  const places = [yaml.items ?? "."].flat();
  const [[items, item] = []] = places.flatMap((dotted) => {
    const read = itemsAt(dotted, placed(found.schema, found.type), yaml.do, at, context);
    return read ? [read] : [];
  });
  if (!items || !item) return;
  const flat = flattened(item.schema, context.document);
  const [sent] = Object.values(spec.requestBody?.content ?? {});
  const filters = yaml.filters === "none" ? undefined : { ...vendor.filters, ...yaml.filters };
  const paged = { answer: found.schema, item: flat ?? item.schema, parameters, body: sent?.schema, filters };
  const pages = buildPages(pagesOf(yaml, vendor), paged, at, context);
  if (places.length > 1 && pages?.total)
    context.problem([...at, "pages"], "total is for answers that have their list in one place");
  return {
    items,
    ...(places.length > 1 && { places }),
    item: flat ?? item.schema,
    flat: flat !== undefined,
    alias: aliasOf(item, `${pascal(name)}Item`, flat !== undefined),
    ...(pages && { pages }),
  };
}

/** The path and one item of a list that stands there in the answer. */
function itemsAt(
  dotted: string,
  answer: Place,
  operation: string,
  at: Path,
  context: Context,
): [string[], Place] | undefined {
  const items = dotted === "." ? [] : dotted.split(".");
  let place: Place | undefined = answer;
  for (const key of items) {
    const before: Place = place;
    place = stepInto(before, key, context);
    if (!place) {
      const known = shapesOf(before.schema, context.document).flatMap((shape) => Object.keys(shape.properties ?? {}));
      context.unknown([...at, "items"], key, `a field of the answer to ${operation}`, known);
      return;
    }
  }
  const item = itemOf(place, context);
  if (item) return [items, item];
  context.problem([...at, "items"], `expected an array in the answer to ${operation}`);
}
