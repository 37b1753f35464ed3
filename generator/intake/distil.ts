import { STATUS_CODES } from "node:http";
import { arrayOf, isObject, type Json, type JsonObject, objectOf, sorted } from "../model/json.ts";
import {
  type Content,
  type Method,
  methods,
  type OpenApi,
  type Operation,
  type Parameter,
  type Response,
  type Schema,
} from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import { exampleIn, schemaOfExample } from "./example.ts";
import { resolve, tokensOf } from "./pointer.ts";
import { schemaReader } from "./schemas.ts";

/** Where the readers of one document put what they find. */
export interface Report {
  readonly openapi: string;
  problem(where: string, message: string, hint?: string): void;
  /** Counted and shown in the report: what was mended or dropped. */
  note(text: string): void;
}

export interface Distilled {
  readonly document: OpenApi;
  readonly problems: readonly Problem[];
  readonly notes: ReadonlyMap<string, number>;
}

interface Options {
  /** Of the document, for problems. */
  readonly name: string;
  /** Operations to keep, as `GET /path`; all when left out. */
  readonly operations?: readonly string[];
  /** Keeps summaries and descriptions: for documents whose words are ours. */
  readonly wording?: boolean;
  /** Calls schemas by the last part of their dotted names. */
  readonly short?: boolean;
}

/**
 * The facts of an OpenAPI 3 document: operations, parameters, success and error types. It is built from what we know, so
 * anything else — prose, examples, tags, ids, servers, security — is not in it. What operations do not reach is not read.
 */
export function distil(source: JsonObject, { name, operations, wording = false, short = false }: Options): Distilled {
  const problems: Problem[] = [];
  const notes = new Map<string, number>();
  const report: Report = {
    openapi: String(source.openapi),
    problem: (where, message, hint) => problems.push({ where: `${name} ${where}`, message, ...(hint && { hint }) }),
    note: (text) => notes.set(text, (notes.get(text) ?? 0) + 1),
  };
  const wanted = operations && new Set(operations);
  const reader = operationReader(source, report, { wording, short });
  const paths = new Map<string, Record<string, Operation>>();

  for (const [given, value] of Object.entries(objectOf(source.paths))) {
    const path = given.startsWith("/") ? given : `/${given}`;
    const item = objectOf(value);
    for (const method of methods) {
      const title = `${method.toUpperCase()} ${path}`;
      if (!isObject(item[method]) || (wanted && !wanted.has(title))) continue;
      const kept = paths.get(path) ?? {};
      if (kept[method]) report.problem(title, "is described twice");
      paths.set(path, { ...kept, [method]: reader.operation(item[method], item, title) });
    }
  }

  const info = objectOf(source.info);
  const document: OpenApi = {
    openapi: report.openapi,
    info: { title: text(info.title) ?? name, version: text(info.version) ?? "unknown" },
    paths: sorted([...paths].map(([path, item]) => [path, inOrder(item)] as const)),
    components: { schemas: reader.reached() },
  };
  return { document, problems, notes };
}

const text = (value: Json | undefined) =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

const inOrder = (item: Record<string, Operation>) =>
  Object.fromEntries(methods.flatMap((method: Method) => (item[method] ? [[method, item[method]] as const] : [])));

/** Headers that OpenAPI says are not parameters. */
const NOT_PARAMETERS = new Set(["accept", "content-type", "authorization"]);

function operationReader(source: JsonObject, report: Report, options: { wording: boolean; short: boolean }) {
  const { wording } = options;
  const { schema, answer, reached } = schemaReader(source, report, options);

  function operation(value: JsonObject, item: JsonObject, where: string): Operation {
    const read = parameters([...arrayOf(item.parameters), ...arrayOf(value.parameters)], where);
    const body = value.requestBody === undefined ? {} : objectOf(pointedAt(value.requestBody, `${where} body`));
    const sent = content(body.content, `${where} body`);
    return {
      ...(wording && typeof value.summary === "string" && { summary: value.summary }),
      ...(value.deprecated === true && { deprecated: true as const }),
      ...(value["x-unverified"] === true && { "x-unverified": true as const }),
      ...(read.length > 0 && { parameters: read }),
      ...(sent && { requestBody: { ...(body.required === true && { required: true as const }), content: sent } }),
      responses: responses(value.responses, where),
    };
  }

  /** Parameters, responses and bodies are written out where they are used; only schemas stay shared. */
  function pointedAt(value: Json | undefined, where: string): Json | undefined {
    let found = value;
    for (let hops = 0; isObject(found) && typeof found.$ref === "string"; hops++) {
      const tokens = tokensOf(found.$ref);
      const target = tokens && hops < 10 ? resolve(source, tokens) : undefined;
      if (target === undefined) {
        report.problem(
          where,
          `refers to ${found.$ref}, which ${tokens ? "does not exist" : "is outside this document"}`,
        );
        return undefined;
      }
      found = target;
    }
    return found;
  }

  /** In order of place and name; of two with one name the last counts, as an operation's own beats its path's. */
  function parameters(values: readonly Json[], where: string): Parameter[] {
    const found = new Map<string, Parameter>();
    for (const value of values) {
      const read = parameter(objectOf(pointedAt(value, where)), where);
      if (!read) continue;
      const key = `${read.in === "path" ? 0 : 1} ${read.in} ${read.name}`;
      if (found.has(key)) report.note("parameters given twice and merged");
      found.set(key, read);
    }
    return Object.values(sorted(found));
  }

  function parameter(value: JsonObject, operation: string): Parameter | undefined {
    const { name, in: place } = value;
    if (typeof name !== "string") return undefined;
    if (place !== "path" && place !== "query" && place !== "header") {
      report.note(`parameters dropped: ${place === "cookie" ? "cookies" : `in ${JSON.stringify(place)}`}`);
      return undefined;
    }
    if (place === "header" && NOT_PARAMETERS.has(name.toLowerCase())) return undefined;
    const where = `${operation} parameter ${name}`;
    const described = value.schema ?? Object.values(content(value.content, where) ?? {})[0]?.schema;
    const read =
      isObject(described) && isObject(value.schema) ? schema(value.schema, where) : ((described ?? {}) as Schema);
    if (Object.keys(read).length === 0) report.note("parameters without a type, taken as text");
    return {
      name,
      in: place,
      ...(wording && typeof value.description === "string" && { description: value.description }),
      ...((value.required === true || place === "path") && { required: true as const }),
      ...(typeof value.style === "string" && { style: value.style }),
      ...(typeof value.explode === "boolean" && { explode: value.explode }),
      schema: Object.keys(read).length === 0 ? { type: "string" } : read,
    };
  }

  function responses(value: Json | undefined, operation: string): Record<string, Response> {
    const success: [string, Response][] = [];
    const errors: [string, Response][] = [];
    for (const [status, given] of Object.entries(objectOf(value))) {
      const isError = /^([45](\d\d|XX)|default)$/i.test(status);
      if (!isError && !/^2(\d\d|XX)$/i.test(status)) continue;
      const described = objectOf(pointedAt(given, `${operation} ${status}`)).content;
      // 204 says that there is no body; some describe one all the same.
      if (status === "204" && described !== undefined) report.note("bodies of 204 dropped");
      const read =
        status === "204" ? undefined : content(described, `${operation} ${status}`, isError ? schema : answer);
      const description = isError ? "Error" : (STATUS_CODES[status] ?? "Success");
      (isError ? errors : success).push([
        status.toUpperCase().replace("DEFAULT", "default"),
        { description, ...(read && { content: read }) },
      ]);
    }
    return sorted([...success, ...merged(errors)]);
  }

  /** Of several media types the JSON one, under its plain name. */
  function content(value: Json | undefined, where: string, read = schema): Content | undefined {
    const ranked = Object.entries(objectOf(value)).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const [best] = ranked;
    if (!best) return undefined;
    if (ranked.length > 1) report.note("media types dropped beside the JSON one");
    const [type, given] = best;
    const media = objectOf(given);
    const example = read === answer && isUndescribed(media.schema) ? exampleIn(media) : undefined;
    if (example !== undefined) report.note("answers described by an example alone");
    const described = example === undefined ? media.schema : schemaOfExample(example);
    return { [mediaType(type)]: { schema: read(described, where) } };
  }

  return { operation, reached };
}

const isUndescribed = (schema: Json | undefined) => Object.keys(objectOf(schema)).length === 0;

/** Vendors repeat one error type under every status; said once it is `default`, which means the same to a client. */
function merged(errors: readonly [string, Response][]): readonly [string, Response][] {
  const withBody = errors.filter(([, { content }]) => content);
  const [first] = withBody;
  if (!first) return [];
  const same = withBody.every(([, { content }]) => JSON.stringify(content) === JSON.stringify(first[1].content));
  return same ? [["default", first[1]]] : withBody;
}

const bare = (type: string) => (type.split(";")[0] ?? "").trim().toLowerCase();

function rank(type: string) {
  const name = bare(type);
  if (name === "application/json") return 0;
  if (name.endsWith("+json")) return 1;
  if (name === "text/json") return 2;
  return name === "*/*" ? 3 : 4;
}

const mediaType = (type: string) => (rank(type) === 2 || rank(type) === 3 ? "application/json" : bare(type));
