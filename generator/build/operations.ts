import { pascal } from "../model/names.ts";
import { type Method, type Operation, operationsIn, placeOf } from "../model/openapi.ts";
import type {
  AnswerModel,
  BodyModel,
  GraphqlModel,
  ListModel,
  OperationModel,
  ParameterModel,
} from "../model/operation.ts";
import type { OperationYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { buildFilter } from "./filters.ts";
import { buildPages, pagesOf } from "./pages.ts";
import { aliasOf, itemOf, type Place, placed, stepInto } from "./place.ts";
import { fieldNames, fieldOf, flattened, shapesOf, typeOf } from "./schemas.ts";

/** All operations of the YAML, into `context.operations`; what cannot be built is a problem and left out. */
export function buildOperations(vendor: VendorYaml, context: Context): void {
  const described = new Map(operationsIn(context.document));
  for (const [name, entry] of Object.entries(vendor.operations)) {
    const operation = buildOperation(
      name,
      typeof entry === "string" ? { do: entry } : entry,
      vendor,
      described,
      context,
    );
    if (operation) context.operations.set(name, operation);
  }
}

function buildOperation(
  name: string,
  yaml: OperationYaml,
  vendor: VendorYaml,
  described: ReadonlyMap<string, Operation>,
  context: Context,
): OperationModel | undefined {
  const at: Path = ["operations", name];
  const spec = described.get(yaml.do);
  if (!spec) {
    context.unknown(at, yaml.do, `an operation of ${vendor.spec}`, described.keys());
    return;
  }
  const { method, path } = placeOf(yaml.do);
  const graphql = graphqlOf(yaml.do);
  if (yaml.reads && (method !== "post" || graphql)) {
    context.problem([...at, "reads"], `is for a POST that only reads; this is a ${yaml.do.split(" ")[0]}`);
  }
  const reads = method === "get" || yaml.reads === true || graphql?.kind === "query";
  const parameters = buildParameters(yaml, spec, at, context);
  const answer = buildAnswer(name, method, path, yaml, spec, context);
  if (!answer.schema && reads) {
    context.problem(at, `${yaml.do} has no usable success type in ${vendor.spec}`);
    return;
  }
  const list =
    yaml.items === undefined || yaml.first ? undefined : buildList(name, yaml, vendor, parameters, spec, at, context);
  const body = buildBody(name, method, path, yaml, spec, answer, context);
  const filter = buildFilter(name, yaml, vendor, { parameters, ...(body && { body }) }, at, context);
  return {
    name,
    method,
    path,
    where: context.source.at(at),
    unverified: yaml.unverified === true || spec["x-unverified"] === true,
    reads,
    ...(graphql && { graphql }),
    parameters,
    answer,
    ...((yaml.about ?? spec.summary) && { about: yaml.about ?? spec.summary }),
    ...(list && { list }),
    ...(body && { body }),
    ...(filter && { filter }),
  };
}

/** `query tickets` is no METHOD /path. */
function graphqlOf(title: string): GraphqlModel | undefined {
  const [, kind, field] = /^(query|mutation) (\w+)$/.exec(title) ?? [];
  return kind && field ? { kind: kind as GraphqlModel["kind"], field } : undefined;
}

function buildParameters(yaml: OperationYaml, spec: Operation, at: Path, context: Context): ParameterModel[] {
  const declared = (spec.parameters ?? []).filter((parameter) => parameter.in !== "header");
  const wires = declared.map(({ name }) => name);
  const shortOf = new Map<string, string>();
  for (const [short, wire] of Object.entries(yaml.params ?? {})) {
    if (!wires.includes(wire)) context.unknown([...at, "params", short], wire, `a parameter of ${yaml.do}`, wires);
    shortOf.set(wire, short);
  }
  const names = new Set([...wires, ...shortOf.values()]);
  for (const key of ["always", "join"] as const) {
    for (const name of Object.keys(yaml[key] ?? {})) {
      if (!names.has(name)) context.unknown([...at, key, name], name, `a parameter of ${yaml.do}`, names);
    }
  }
  return declared.map((parameter) => {
    const wire = parameter.name;
    const name = shortOf.get(wire) ?? wire;
    const constant = yaml.always?.[name] ?? yaml.always?.[wire];
    const join = yaml.join?.[name] ?? yaml.join?.[wire];
    return {
      name,
      wire,
      in: parameter.in === "path" ? "path" : "query",
      required: parameter.in === "path" || parameter.required === true,
      schema: parameter.schema,
      ...(parameter.description && { about: parameter.description }),
      ...(constant !== undefined && { constant }),
      ...(join !== undefined && { join }),
    };
  });
}

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

function buildAnswer(
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

function buildList(
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

function buildBody(
  name: string,
  method: Method,
  path: string,
  yaml: OperationYaml,
  spec: Operation,
  answer: AnswerModel,
  context: Context,
): BodyModel | undefined {
  const at: Path = ["operations", name];
  const [[media, content] = []] = Object.entries(spec.requestBody?.content ?? {});
  if (!media || !content) {
    for (const key of ["body", "needs", "without"] as const)
      if (yaml[key]) context.problem([...at, key], `${yaml.do} takes no body`);
    return;
  }
  const whole = `paths[${JSON.stringify(path)}]["${method}"]["requestBody"]`;
  const type = `${spec.requestBody?.required ? whole : `NonNullable<${whole}>`}["content"][${JSON.stringify(media)}]`;
  const place = placed(content.schema, type);
  const fallback = `${pascal(name)}${graphqlOf(path) ? "Variables" : "Body"}`;
  const alias = aliasOf(place, fallback, false);
  const common = { kind: "json", media, alias, schema: content.schema, needs: [], without: [] } as const;
  const body = { ...common, ...bodyAs(name, yaml, place, answer, context) };
  const known = fieldNames(shapesOf(body.schema, context.document));
  for (const key of ["needs", "without"] as const)
    for (const [index, field] of (yaml[key] ?? []).entries())
      if (known.length > 0 && !known.includes(field))
        context.unknown([...at, key, index], field, `a field of the body of ${yaml.do}`, known);
  return { ...body, needs: yaml.needs ?? [], without: yaml.without ?? [] };
}

/** What the YAML's `body` makes of it: another part of it is filled in, in another form. */
function bodyAs(
  name: string,
  { body, do: route }: OperationYaml,
  place: Place,
  answer: AnswerModel,
  context: Context,
): Partial<BodyModel> {
  const at: Path = ["operations", name, "body"];
  if (body === undefined || body === "json") return {};
  if (body === "value") return { kind: "value" };
  const item = itemOf(place, context);
  if (body === "array" || body === "jsonPatch" || "jsonPatch" in body) {
    if (!item) {
      const found = typeOf(place.schema) ?? "something else";
      context.problem(at, `is an array in vendors.yaml only; ${route} takes ${found}`);
      return {};
    }
    if (body === "array")
      return { kind: "array", schema: item.schema, alias: aliasOf(item, `${pascal(name)}Body`, false) };
    // What is patched is what is answered; without an answer any field will do.
    const schema = answer.schema ?? { type: "object" };
    return { kind: "jsonPatch", schema, ...(body !== "jsonPatch" && { before: body.jsonPatch }) };
  }
  const data = stepInto(place, "data", context);
  const attributes = data && stepInto(data, "attributes", context);
  if (!attributes) {
    context.problem(at, `the body of ${route} has no data.attributes`);
    return {};
  }
  const alias = aliasOf(attributes, `${pascal(name)}Attributes`, false);
  return { kind: "jsonapi", type: body.jsonapi, schema: attributes.schema, alias };
}
