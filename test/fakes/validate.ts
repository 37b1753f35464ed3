import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { parseSpec } from "../../generator/read/spec.ts";
import { checkLobby, readSwagger } from "./autotask-document.ts";
import { checkSignIn, readAutomate } from "./connectwise-automate.ts";
import { checkPsaDiscovery, readPsa } from "./connectwise-psa.ts";
import { readFacts } from "./facts.ts";
import type { Check, Exchange } from "./fake.ts";
import { readHalo } from "./halopsa-document.ts";
import { checkSignIn as checkHaloSignIn } from "./halopsa-sign-in.ts";
import type { VendorSlug } from "./keys.ts";
import { checkSuperops, readSuperops } from "./superops-document.ts";
import { readSyncro } from "./syncro-document.ts";

const shared = new URL("../../../shared/vendor-specs/", import.meta.url);
const specs = new URL("../../specs/", import.meta.url);

interface Source {
  /** The vendor's own document, in the folder of published descriptions. */
  published: string;
  /** The extract that this repository ships. */
  extract: string;
  /** Makes an OpenAPI 3 document of the published text, where it is none. */
  read?(text: string): OpenApi;
  /** Makes one of our extract, where that is no OpenAPI document either. */
  readExtract?(text: string): OpenApi;
  /** Holds requests against the document, where paths and bodies are not what counts. */
  check?(document: OpenApi): Check;
  /** What is wrong with a request to a route outside the document, such as signing in. */
  outside?(exchange: Exchange): string[];
}

const sources: Record<VendorSlug, Source> = {
  "datto-rmm": {
    published: "datto-rmm/datto-rmm-openapi.build235.json",
    extract: "datto-rmm.json",
    outside: passwordGrant,
  },
  itglue: { published: "itglue/itglue-operations.facts.json", extract: "itglue.yaml", read: readFacts },
  atera: { published: "atera/atera-swagger-v3.json", extract: "atera.json", read: lifted },
  "connectwise-automate": {
    published: "connectwise-automate/automate-api-v1.merged.openapi.json.gz",
    extract: "connectwise-automate.json",
    read: readAutomate,
    outside: checkSignIn,
  },
  halopsa: {
    published: "halopsa/halo-api-v2.swagger.2025-03-27.json.gz",
    extract: "halopsa.json",
    read: readHalo,
    outside: checkHaloSignIn,
  },
  superops: {
    published: "superops/superops-msp.graphql",
    extract: "superops.graphql",
    read: readSuperops,
    readExtract: readSuperops,
    check: checkSuperops,
  },
  syncro: { published: "syncro/syncro-swagger.json", extract: "syncro.json", read: readSyncro },
  autotask: {
    published: "autotask/autotask-swagger.json.gz",
    extract: "autotask.json",
    read: readSwagger,
    outside: checkLobby,
  },
  "connectwise-psa": {
    published: "connectwise-psa/cwm-msp-core.derived.openapi.json",
    extract: "connectwise-psa.json",
    read: readPsa,
    outside: checkPsaDiscovery,
  },
};

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: { type?: string; enum?: readonly unknown[]; items?: { type?: string; enum?: readonly unknown[] } };
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: object }> };
  responses?: Record<string, { content?: Record<string, { schema?: object }> }>;
}

export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, object>; parameters?: Record<string, Parameter> };
}

/**
 * The OpenAPI document to hold requests and answers against: the vendor's own when it is at hand, else the extract, which knows
 * all requests but not every field of an answer.
 */
export function readDocument(slug: VendorSlug): { document: OpenApi; complete: boolean } {
  const { published, extract, read = parse, readExtract = parse } = sources[slug];
  const original = new URL(published, shared);
  if (!existsSync(original))
    return { complete: false, document: readExtract(readFileSync(new URL(extract, specs), "utf8")) as OpenApi };
  const bytes = readFileSync(original);
  const text = (published.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return {
    complete: true,
    document: (text.startsWith("{") && read === parse ? JSON.parse(text) : read(text)) as OpenApi,
  };
}

/** Everything about a vendor's requests that its document does not provide for. */
export function checkRequests(slug: VendorSlug): Check {
  const { document } = readDocument(slug);
  return sources[slug].check?.(document) ?? checkAgainst(document, sources[slug].outside);
}

const anonymous = (template: string) => template.replace(/\{[^}]+\}/g, "{}");

function checkAgainst(document: OpenApi, outside: Source["outside"] = () => []): Check {
  const ajv = ajvFor(document);
  const templates = new Map(Object.keys(document.paths).map((path) => [anonymous(path), path]));
  const bodies = new Map<string, ValidateFunction>();
  return (exchange) => {
    if (exchange.outside) return outside(exchange);
    const template = templates.get(anonymous(exchange.template));
    const method = exchange.method.toLowerCase();
    const operation = template === undefined ? undefined : document.paths[template]![method];
    if (template === undefined || !operation) return [`${exchange.method} ${exchange.template} is not in the document`];
    const parameters = (operation.parameters ?? []).map((parameter) => resolve(document, parameter));
    return [
      ...checkQuery(
        exchange.url.searchParams,
        parameters.filter((parameter) => parameter.in === "query"),
      ),
      ...checkBody(),
    ];

    function checkBody(): string[] {
      const [media, content] = Object.entries(operation!.requestBody?.content ?? {})[0] ?? [];
      if (!exchange.body) return operation!.requestBody?.required ? ["the body is missing"] : [];
      if (!media) return ["this operation takes no body"];
      const given = exchange.headers.get("content-type")?.split(";")[0];
      if (given !== media) return [`the body is ${given}, not ${media}`];
      const pointer = `vendor#/paths/${pointerPart(template!)}/${method}/requestBody/content/${pointerPart(media)}/schema`;
      const validate = bodies.get(pointer) ?? ajv.compile({ $ref: pointer });
      bodies.set(pointer, validate);
      const value: unknown = JSON.parse(exchange.body);
      const unknown = unknownFields(document, content?.schema ?? {}, value, "body");
      return validate(value) ? unknown : [...unknown, ajv.errorsText(validate.errors, { dataVar: "body" })];
    }
  };
}

export function ajvFor(document: OpenApi) {
  const ajv = new Ajv2020.default({ strict: false, allErrors: true, validateSchema: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ ...withoutLoneNullable(document), $id: "vendor" });
  return ajv;
}

/** The validator refuses `nullable` beside no type, where it says nothing. */
function withoutLoneNullable<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutLoneNullable) as Value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) => key !== "nullable" || inner !== true || "type" in value,
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutLoneNullable(inner)])) as Value;
}

export const pointerPart = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

function checkQuery(query: URLSearchParams, parameters: Parameter[]): string[] {
  const problems: string[] = [];
  for (const name of new Set(query.keys())) {
    const parameter = parameters.find((each) => each.name === name);
    if (!parameter) {
      problems.push(`query ${name} is not in the document`);
      continue;
    }
    const { schema = {} } = parameter;
    const values = query.getAll(name);
    if (schema.type !== "array" && values.length > 1) problems.push(`query ${name} is given ${values.length} times`);
    for (const value of values)
      if (!fits(value, schema.type === "array" ? (schema.items ?? {}) : schema))
        problems.push(`query ${name}=${value} is no ${schema.enum?.join("|") ?? schema.type}`);
  }
  for (const { name, required } of parameters)
    if (required && !query.has(name)) problems.push(`query ${name} is missing`);
  return problems;
}

function fits(value: string, { type, enum: values }: { type?: string; enum?: readonly unknown[] }): boolean {
  if (values && !values.map(String).includes(value)) return false;
  if (type === "integer") return /^-?\d+$/.test(value);
  if (type === "number") return value !== "" && !Number.isNaN(Number(value));
  if (type === "boolean") return value === "true" || value === "false";
  return true;
}

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  additionalProperties?: boolean | object;
};

/** Schemas seldom close their objects: a field that the document does not name is told apart here. */
export function unknownFields(document: OpenApi, schema: Schema, value: unknown, at: string): string[] {
  const resolved = resolve(document, schema);
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownFields(document, resolved.items ?? {}, item, `${at}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  const parts = [resolved, ...(resolved.allOf ?? []), ...(resolved.oneOf ?? []), ...(resolved.anyOf ?? [])].map(
    (part) => resolve(document, part),
  );
  const properties = Object.assign(
    {},
    ...parts
      .flatMap((part) => [part, ...(part.allOf ?? []).map((inner) => resolve(document, inner))])
      .map((part) => part.properties ?? {}),
  ) as Record<string, Schema>;
  if (Object.keys(properties).length === 0 || resolved.additionalProperties) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    properties[name]
      ? unknownFields(document, properties[name], inner, `${at}.${name}`)
      : [`${at}.${name} is not in the document`],
  );
}

export function resolve<T extends object>(document: OpenApi, value: T): T {
  const reference = (value as { $ref?: string }).$ref;
  if (!reference) return value;
  let target: unknown = document;
  for (const part of reference.slice(2).split("/"))
    target = (target as Record<string, unknown>)[decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")];
  return resolve(document, target as T);
}

/** The token endpoint stands outside the document; this is what the help page asks for. */
function passwordGrant({ method, headers, body, url }: Exchange): string[] {
  const fields = [...new URLSearchParams(body).keys()].sort().join();
  return [
    method === "POST" ? "" : "not a POST",
    url.search === "" ? "" : "parameters in the address",
    headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ? "" : "not a form",
    fields === "grant_type,password,username" ? "" : `fields ${fields}`,
  ].filter((problem) => problem !== "");
}

/** A description of Swagger 2.0 as the generator takes it in. */
function lifted(text: string): OpenApi {
  return parseSpec(Buffer.from(text), "swagger.json").document as unknown as OpenApi;
}
