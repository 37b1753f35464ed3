import type { OpenApi, Parameter } from "./validate.ts";

interface FactsParameter {
  name: string;
  required: boolean;
  type: string;
  enum?: string[];
}

interface FactsOperation {
  routes: string[];
  params: FactsParameter[];
  exampleType?: string;
  exampleAttributes?: Record<string, string>;
}

const media = "application/vnd.api+json";

/** Turns the list of documented operations of a vendor without an OpenAPI document into the same shape. */
export function readFacts(text: string): OpenApi {
  const { operations } = JSON.parse(text) as { operations: FactsOperation[] };
  const document: OpenApi = { openapi: "3.1.0", paths: {} };
  for (const operation of [...operations, ...undocumented]) {
    for (const route of operation.routes) {
      const [method, path] = route.split(" ") as [string, string];
      const template = path.replace(/:(\w+)/g, "{$1}");
      document.paths[template] ??= {};
      document.paths[template][method.toLowerCase()] = toOperation(operation, method, template);
    }
  }
  return document;
}

function toOperation({ params, exampleAttributes }: FactsOperation, method: string, template: string) {
  const inPath = (name: string) => template.includes(`{${name}}`);
  // Routes that share a list of parameters name ids of each other's path; those are not queries.
  const elsewhere = (name: string) => name.endsWith("_id") && !name.includes("[");
  const isBody = (name: string) => name.startsWith("data");
  const query = params.filter(
    ({ name, type }) => !isBody(name) && !inPath(name) && !elsewhere(name) && name !== "id" && type !== "object",
  );
  const attributes = params.flatMap((param) => {
    const name = /^data\[attributes\]\[(\w+)\]$/.exec(param.name)?.[1];
    return name ? [{ ...param, name }] : [];
  });
  const types = params.find(({ name }) => name === "data[type]")?.enum;
  return {
    parameters: query.map(
      (param): Parameter => ({ name: param.name, in: "query", required: param.required, schema: querySchema(param) }),
    ),
    ...(types && {
      requestBody: { required: true, content: { [media]: { schema: bodySchema(types, attributes, method) } } },
    }),
    ...(exampleAttributes && {
      responses: { 200: { content: { [media]: { schema: { "x-attributes": exampleAttributes } as object } } } },
    }),
  };
}

const isBoolean = ({ enum: values }: FactsParameter) => values?.includes("true") === true;

function querySchema(param: FactsParameter): Parameter["schema"] {
  if (isBoolean(param)) return { type: "boolean" };
  // `sort=-name,id`, `include=a,b` and `filter[id]=1,2` are comma lists; the choice is checked word by word elsewhere.
  if (param.type === "number") return param.name.startsWith("page") ? { type: "integer" } : { type: "string" };
  return param.name === "sort" || param.name === "include"
    ? { type: "string" }
    : { type: "string", ...(param.enum && { enum: param.enum }) };
}

function bodySchema(types: string[], attributes: FactsParameter[], method: string): object {
  const schemas = attributes.flatMap((param) => spellings(param.name).map((name) => [name, bodyField(param)] as const));
  return {
    type: "object",
    required: ["data"],
    properties: {
      data: {
        type: "object",
        required: ["type", "attributes"],
        properties: {
          type: { enum: types.flatMap((type) => [type, type.replaceAll("_", "-")]) },
          id: { type: "string" },
          attributes: {
            type: "object",
            properties: Object.fromEntries(schemas),
            ...(method === "POST" && {
              allOf: attributes
                .filter(({ required }) => required)
                .map(({ name }) => ({ anyOf: spellings(name).map((spelling) => ({ required: [spelling] })) })),
            }),
          },
        },
      },
    },
  };
}

/** The tables are in snake_case, answers in kebab-case, and writes take both. */
const spellings = (name: string) => [...new Set([name, name.replaceAll("_", "-")])];

function bodyField(param: FactsParameter): object {
  if (isBoolean(param)) return { type: "boolean" };
  if (param.type === "number")
    return { anyOf: [{ type: "integer" }, { type: "string", pattern: "^\\d+$" }, { type: "null" }] };
  if (param.type === "object") return { type: "object" };
  return param.enum ? { enum: param.enum } : { type: ["string", "null"] };
}

const param = (name: string, type = "string", required = false): FactsParameter => ({ name, type, required });
const paging = [param("page[number]", "number"), param("page[size]", "number"), param("sort"), param("include")];
const attribute = (name: string, type = "string", required = false) =>
  param(`data[attributes][${name}]`, type, required);
const typed = (...types: string[]): FactsParameter => ({
  name: "data[type]",
  type: "enum",
  required: true,
  enum: types,
});
const flag = (name: string): FactsParameter => ({ ...attribute(name, "enum"), enum: ["true", "false", "1", "0"] });
const documentAttributes = {
  "organization-id": "integer",
  "organization-name": "string",
  name: "string",
  published: "boolean",
  archived: "boolean",
  restricted: "boolean",
  public: "boolean",
  "document-folder-id": "integer",
  "resource-url": "string",
  "created-at": "datetime",
  "updated-at": "datetime",
  content: "string",
};
const sectionAttributes = {
  "document-id": "integer",
  "resource-type": "string",
  content: "string",
  position: "integer",
  sort: "integer",
  level: "integer",
  "created-at": "datetime",
  "updated-at": "datetime",
};

/** Routes that public clients use and the reference page does not show. */
const undocumented: FactsOperation[] = [
  {
    routes: ["GET /organizations/:organization_id/relationships/documents"],
    params: [
      ...paging,
      param("filter[document_folder_id]"),
      param("filter[document_folder_id][ne]"),
      param("filter[id]", "number"),
      param("filter[name]"),
    ],
    exampleAttributes: documentAttributes,
  },
  { routes: ["GET /documents/:id"], params: [param("include")], exampleAttributes: documentAttributes },
  {
    routes: ["GET /documents/:id/relationships/sections"],
    params: [
      ...paging,
      param("filter[id]", "number"),
      param("filter[resource_type]"),
      param("filter[document_id]", "number"),
    ],
    exampleAttributes: sectionAttributes,
  },
  {
    routes: ["POST /documents"],
    params: [
      typed("documents"),
      attribute("organization_id", "number", true),
      attribute("name", "string", true),
      attribute("document_folder_id", "number"),
      flag("restricted"),
      flag("public"),
    ],
    exampleAttributes: documentAttributes,
  },
  {
    routes: ["POST /documents/:id/relationships/sections"],
    params: [
      typed("document-sections", "sections"),
      attribute("resource_type", "string", true),
      attribute("content"),
      attribute("sort", "number"),
      attribute("position", "number"),
      attribute("level", "number"),
    ],
    exampleAttributes: sectionAttributes,
  },
  { routes: ["PATCH /documents/:id/publish"], params: [], exampleAttributes: documentAttributes },
];
