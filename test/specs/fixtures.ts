import type { Json, JsonObject } from "../../generator/model/json.ts";

/** A small description: one list, one read, one change, with the kinds of words that must not survive. */
export const petShop = (changes: { paths?: JsonObject; schemas?: JsonObject; root?: JsonObject } = {}): JsonObject => ({
  openapi: "3.0.1",
  info: { title: "Pet shop", version: "7", description: "The finest pets in town." },
  servers: [{ url: "https://pets.example.com" }],
  tags: [{ name: "pets", description: "Everything about pets." }],
  security: [{ key: [] }],
  paths: {
    "/pets": {
      get: {
        tags: ["pets"],
        summary: "Lists all the lovely pets.",
        operationId: "list",
        parameters: [
          { name: "name", in: "query", description: "What it is called.", schema: { type: "string" }, example: "Rex" },
        ],
        responses: answer({ type: "array", items: { $ref: "#/components/schemas/Pet" } }),
      },
      post: {
        operationId: "create",
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
        },
        responses: { 201: { description: "A pet was born." } },
      },
    },
    "/pets/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
      get: { operationId: "get", responses: answer({ $ref: "#/components/schemas/Pet" }) },
    },
    ...changes.paths,
  },
  components: {
    securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key", description: "Ask our sales team." } },
    schemas: {
      Pet: {
        type: "object",
        description: "A pet is a friend for life.",
        required: ["name"],
        properties: {
          name: { type: "string", description: "Its lovely name.", example: "Rex the dog" },
          age: { type: "integer", default: 3 },
          owner: { $ref: "#/components/schemas/Owner" },
        },
      },
      Owner: {
        type: "object",
        properties: { name: { type: "string" }, pets: { type: "array", items: { $ref: "#/components/schemas/Pet" } } },
      },
      Unused: { type: "object", properties: { nothing: { type: "string" } } },
      ...changes.schemas,
    },
  },
  ...changes.root,
});

export const answer = (schema: Json): JsonObject => ({
  200: { description: "Here you are.", content: { "application/json": { schema, example: { name: "Rex the dog" } } } },
});

export const bytesOf = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
