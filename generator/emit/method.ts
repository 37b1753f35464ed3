import { shapesOf, typeOf } from "../build/schemas.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { ListModel, OperationModel, PagesModel, ParameterModel } from "../model/operation.ts";
import { access, literal, propertyKey } from "./literal.ts";
import { printObject } from "./print.ts";

/** One operation as a method of the client: `(path: { deviceUid: string }) => body(http.GET(…))`. */
export function printMethod(operation: OperationModel, document: OpenApi, use: (name: string) => string): string {
  const { parameters, body } = operation;
  const ofPath = parameters.filter((each) => each.in === "path");
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
    ...(body ? [`${bodyName(operation)}: ${body.alias.name}`] : []),
    ...(ofQuery.length > 0 ? [`query: ${queryType}${queryDefault}`] : []),
  ];
  const isAwaited = !operation.list && (operation.answer.flat || operation.answer.first);
  const call = operation.list ? printList(operation, operation.list, document, use) : printOne(operation, use);
  return `${isAwaited ? "async " : ""}(${args.join(", ")}) => ${call}`;
}

const isPaging = ({ wire }: ParameterModel, pages: PagesModel | undefined) =>
  pages !== undefined &&
  (wire === pages.size?.name ||
    (pages.kind === "number" ? wire === pages.page : "parameter" in pages && wire === pages.parameter));

const bodyName = ({ body }: OperationModel) => (body?.kind === "jsonapi" ? "attributes" : "fields");

function printRequest(
  operation: OperationModel,
  extraQuery: readonly (readonly [string, string])[],
  options: readonly (readonly [string, string])[] = [],
): string {
  const { parameters, body, list } = operation;
  const ofPath = parameters.filter((each) => each.in === "path");
  const ofQuery = parameters.filter((each) => each.in === "query" && !isPaging(each, list?.pages));
  const params = [
    ...(ofPath.length > 0 ? [["path", isPlain(ofPath) ? "path" : pickArguments("path", ofPath)] as const] : []),
    ...(ofQuery.length + extraQuery.length > 0 ? [["query", queryText(ofQuery, extraQuery)] as const] : []),
  ];
  const all = [
    ...(params.length > 0 ? [["params", printObject(params)] as const] : []),
    ...(body ? [["body", bodyText(operation)] as const] : []),
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
  const name = bodyName(operation);
  const { body, path } = operation;
  if (body?.kind === "array") return `[${name}]`;
  if (body?.kind !== "jsonapi") return name;
  return `jsonApi(${literal(body.type)}, ${name}${/\{id\}$/.test(path) ? ", path.id" : ""})`;
}

function printOne(operation: OperationModel, use: (name: string) => string): string {
  if (operation.body?.kind === "jsonapi") use("jsonApi");
  const { answer } = operation;
  const options = operation.reads && operation.method === "post" ? ([["reads", "true"]] as const) : [];
  const request = `${use("body")}(${printRequest(operation, [], options)})`;
  if (!answer.flat && !answer.first) return request;
  const inside = (answer.inside ?? "")
    .split(".")
    .filter(Boolean)
    .map((name) => access(name, true))
    .join("")
    .replace(/^\?/, "");
  const value = `(await ${request})${inside}`;
  const first = answer.first ? `${use("one")}(${value})` : value;
  if (!answer.flat) return first;
  // A read that answers nothing is a fault; a write may well.
  return operation.reads && !answer.first
    ? `${use("flat")}(${use("expected")}(${first}, ${literal(answer.inside)}))`
    : `${use("flat")}(${first})`;
}

function printList(
  operation: OperationModel,
  list: ListModel,
  document: OpenApi,
  use: (name: string) => string,
): string {
  const { pages } = list;
  const options: [string, string][] = operation.reads && operation.method === "post" ? [["reads", "true"]] : [];
  const items = (answer: string) => {
    const text = list.items.reduce((before, name, index) => before + access(name, index > 0), answer);
    return list.flat ? `${use("flatAll")}(${text})` : text;
  };
  const at = (answer: string, path: readonly string[]) =>
    path.reduce((before, name, index) => before + access(name, index > 0), answer);
  const total = pages?.total ? `, total: ${at("answer", pages.total)}` : "";
  const size = pages?.size;
  const sized = size ? `, { size: ${literal(size.value)} }` : "";
  const request = (query: readonly (readonly [string, string])[]) =>
    `await ${use("body")}(${printRequest(operation, [...query, ...(size ? ([[size.name, "size"]] as const) : [])], options)})`;
  const pagesOf = use("pages");
  const arguments_ = (name: string) => (size ? `(${name}, size)` : `(${name})`);
  if (!pages)
    return `${pagesOf}(0, async () => { const answer = ${request([])}; return { items: ${items("answer")} }; })`;
  switch (pages.kind) {
    case "number": {
      const next =
        pages.more.kind === "path"
          ? `${at("answer", pages.more.path)} ? page + 1 : undefined`
          : pages.more.kind === "less"
            ? `(${at("answer", pages.more.page)} ?? 0) < (${at("answer", pages.more.pages)} ?? 0) ? page + 1 : undefined`
            : `(${at("answer", list.items)}?.length ?? 0) >= size ? page + 1 : undefined`;
      return `${pagesOf}(${pages.first}, async ${arguments_("page")} => { const answer = ${request([[pages.page, "page"]])}; return { items: ${items("answer")}, next: ${next}${total} }; }${sized})`;
    }
    case "nextUrl":
      options.push(["nextUrl", "nextUrl"]);
      return `${pagesOf}<${list.alias.name}, string | undefined>(undefined, async ${arguments_("nextUrl")} => { const answer = ${request([])}; return { items: ${items("answer")}, next: ${at("answer", pages.more)}${total} }; }${sized})`;
    default: {
      const cursorType = typeText(pages.schema, document);
      const last = pages.field.reduce((before, name) => before + access(name, true), "items.at(-1)");
      return `${pagesOf}<${list.alias.name}, ${cursorType} | undefined>(undefined, async ${arguments_("after")} => { const answer = ${request([[pages.parameter, "after"]])}; const items = ${items("answer")} ?? []; return { items, next: ${last}${total} }; }${sized})`;
    }
  }
}

/** What is joined into one text comes as a list, whatever the description calls it. */
function argumentType({ schema, join }: ParameterModel, document: OpenApi): string {
  const type = typeText(schema, document);
  return join === undefined || type.endsWith("[]") ? type : `readonly (${type})[]`;
}

/** The type of an argument, short enough for a signature. */
function typeText(schema: Schema, document: OpenApi): string {
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
