import { shapesOf, typeOf } from "../build/schemas.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { OperationModel, PagesModel, ParameterModel } from "../model/operation.ts";
import { printAsk, withPaths } from "./graphql.ts";
import { printList } from "./listing.ts";
import { access, literal, propertyKey } from "./literal.ts";
import { printObject } from "./print.ts";

/** One operation as a method of the client: `(path: { deviceUid: string }) => body(http.GET(…))`. */
export function printMethod(operation: OperationModel, document: OpenApi, use: (name: string) => string): string {
  const { parameters, body } = operation;
  const ofPath = parameters.filter((each) => each.in === "path" && each.constant === undefined);
  const ofQuery = parameters.filter(
    (each) => each.in === "query" && each.constant === undefined && !isPaging(each, operation.list?.pages),
  );
  const queryType = `{ ${ofQuery.map((each) => `${propertyKey(each.name)}${each.required ? "" : "?"}: ${argumentType(each, document)}`).join("; ")} }`;
  const queryDefault = ofQuery.some(({ required }) => required) ? "" : " = {}";
  const args = [
    ...(ofPath.length > 0
      ? [
          `path: { ${ofPath.map((each) => `${propertyKey(each.name)}: ${typeText(each.schema, document)}`).join("; ")} }`,
        ]
      : []),
    ...(body ? [`${bodyName(operation)}: ${bodyType(operation, use)}`] : []),
    ...(ofQuery.length > 0 ? [`query: ${queryType}${queryDefault}`] : []),
  ];
  const isAwaited =
    !operation.list && (operation.answer.flat || operation.answer.first || operation.answer.inside !== undefined);
  const call = operation.list ? printList(operation, operation.list, document, use) : printOne(operation, use);
  return `${isAwaited ? "async " : ""}(${args.join(", ")}) => ${call}`;
}

/** What paging fills in and what the vendor sets itself, a caller need not give. */
function bodyType({ body, list }: OperationModel, use: (name: string) => string): string {
  if (body?.kind === "jsonPatch") {
    use("type Changes");
    return "Changes";
  }
  const paged = list?.pages?.inBody?.filter((name) => body?.schema.required?.includes(name)) ?? [];
  const own = [...paged, ...(body?.demanded ?? [])];
  const name = body!.alias.name;
  return own.length === 0 ? name : `Omit<${name}, ${own.map(literal).join(" | ")}>`;
}

const isPaging = ({ wire }: ParameterModel, pages: PagesModel | undefined) =>
  pages !== undefined &&
  (wire === pages.size?.name ||
    ("page" in pages ? wire === pages.page : "parameter" in pages && wire === pages.parameter));

const bodyNames = {
  json: "fields",
  array: "fields",
  jsonapi: "attributes",
  jsonPatch: "changes",
  value: "value",
} as const;
const bodyName = ({ body, graphql }: OperationModel) => (graphql ? "variables" : bodyNames[body?.kind ?? "json"]);

/** `http.GET("/devices", { params: { query: { ...query, page } } })` */
export function printRequest(
  operation: OperationModel,
  paging: readonly (readonly [string, string])[],
  options: readonly (readonly [string, string])[] = [],
): string {
  const { inBody = [] } = operation.list?.pages ?? {};
  const extraQuery = paging.filter(([name]) => !inBody.includes(name));
  const extraBody = paging.filter(([name]) => inBody.includes(name));
  const { parameters, body, list } = operation;
  const ofPath = parameters.filter((each) => each.in === "path");
  const ofQuery = parameters.filter((each) => each.in === "query" && !isPaging(each, list?.pages));
  const params = [
    ...(ofPath.length > 0 ? [["path", isPlain(ofPath) ? "path" : pickArguments("path", ofPath)] as const] : []),
    ...(ofQuery.length + extraQuery.length > 0 ? [["query", queryText(ofQuery, extraQuery)] as const] : []),
  ];
  const all = [
    ...(params.length > 0 ? [["params", printObject(params)] as const] : []),
    ...(body
      ? [["body", withPaths(bodyText(operation), extraBody, (name) => !body.schema.required?.includes(name))] as const]
      : []),
    ...options,
  ];
  const verb = operation.method.toUpperCase();
  return `http.${verb}(${literal(operation.path)}${all.length > 0 ? `, ${printObject(all)}` : ""})`;
}

/** Same names in code and on the wire, nothing constant, nothing joined: the argument goes as it is. */
const isPlain = (parameters: readonly ParameterModel[]) =>
  parameters.every(({ name, wire, constant, join }) => name === wire && constant === undefined && join === undefined);

function pickArguments(from: string, parameters: readonly ParameterModel[]): string {
  return printObject(
    parameters.map(({ name, wire, constant, join }) => {
      if (constant !== undefined) return [wire, literal(constant)];
      const text = `${from}${access(name, false)}`;
      return [wire, join === undefined ? text : `${text}?.join(${literal(join)})`];
    }),
  );
}

function queryText(parameters: readonly ParameterModel[], extra: readonly (readonly [string, string])[]): string {
  const isWhole = isPlain(parameters);
  if (isWhole && extra.length === 0) return "query";
  const own = parameters.length === 0 ? "" : isWhole ? "...query" : pickArguments("query", parameters).slice(2, -2);
  const added = extra.length === 0 ? "" : printObject(extra).slice(2, -2);
  return `{ ${[own, added].filter(Boolean).join(", ")} }`;
}

function bodyText(operation: OperationModel): string {
  const { body, path } = operation;
  const name = body?.demanded ? `${bodyName(operation)} as ${body.alias.name}` : bodyName(operation);
  if (body?.kind === "array") return `[${name}]`;
  if (body?.kind === "jsonPatch")
    return `jsonPatch(${[name, ...(body.before ? [literal(body.before)] : [])].join(", ")})`;
  if (body?.kind !== "jsonapi") return name;
  return `jsonApi(${literal(body.type)}, ${name}${/\{id\}$/.test(path) ? ", path.id" : ""})`;
}

function printOne(operation: OperationModel, use: (name: string) => string): string {
  if (operation.body?.kind === "jsonapi") use("jsonApi");
  if (operation.body?.kind === "jsonPatch") use("jsonPatch");
  const { answer } = operation;
  const options = operation.reads && operation.method === "post" ? ([["reads", "true"]] as const) : [];
  const request = operation.graphql
    ? printAsk(operation, [])
    : `${use("body")}(${printRequest(operation, [], options)})`;
  if (!answer.flat && !answer.first && answer.inside === undefined) return request;
  const inside = (answer.inside ?? "")
    .split(".")
    .filter(Boolean)
    .map((name) => access(name, true))
    .join("")
    .replace(/^\?/, "");
  const value = `(await ${request})${inside}`;
  const listed = answer.either ? `[${value}].flat()` : value;
  const first = !answer.first
    ? value
    : operation.reads
      ? `${use("one")}(${listed})`
      : (answer.either || operation.graphql) && !answer.flat
        ? `${use("single")}<${answer.alias.name}>(${value})`
        : `${use("one")}(${listed})`;
  if (!answer.flat) return answer.first ? first : `${use("found")}(${value})`;
  // A read that answers nothing is a fault; a write may well.
  return operation.reads && !answer.first
    ? `${use("flat")}(${use("expected")}(${first}, ${literal(answer.inside)}))`
    : `${use("flat")}(${first})`;
}

/** What is joined into one text comes as a list, whatever the description calls it. */
function argumentType({ schema, join }: ParameterModel, document: OpenApi): string {
  const type = typeText(schema, document);
  return join === undefined || type.endsWith("[]") ? type : `readonly (${type})[]`;
}

/** The type of an argument, short enough for a signature. */
export function typeText(schema: Schema, document: OpenApi): string {
  const types = shapesOf(schema, document).map((shape): string => {
    if (shape.enum && shape.enum.length > 0) return shape.enum.map(literal).join(" | ");
    switch (typeOf(shape)) {
      case "integer":
      case "number":
        return "number";
      case "boolean":
        return "boolean";
      case "string":
        return "string";
      case "array": {
        const item = typeText(shape.items ?? {}, document);
        return item.includes("|") ? `(${item})[]` : `${item}[]`;
      }
      default:
        return "unknown";
    }
  });
  return [...new Set(types)].join(" | ") || "unknown";
}
