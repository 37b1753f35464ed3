import type { Json, JsonObject } from "../../../generator/model/json.ts";
import { type Added, addVendor, isAdded } from "../../../generator/propose/add.ts";
import { printDraft } from "../../../generator/propose/print.ts";

const json = (schema: Json) => ({ content: { "application/json": { schema } } });
const answer = (schema: Json, status = "200") => ({ [status]: { description: "ok", ...json(schema) } });
const query = (name: string, type = "string"): JsonObject => ({ name, in: "query", schema: { type } });
const ticket = { $ref: "#/components/schemas/Ticket" };

/** An ordinary description of a service desk. */
export const acmeDesk = (changes: JsonObject = {}): JsonObject => ({
  openapi: "3.0.3",
  info: { title: "Acme Desk API", version: "2" },
  servers: [{ url: "https://api.acme.example/v2/" }],
  security: [{ key: [] }],
  paths: {
    "/me": { get: { responses: answer({ type: "object", properties: { name: { type: "string" } } }) } },
    "/tickets": {
      get: {
        parameters: [
          query("status"),
          query("search"),
          query("page", "integer"),
          query("per_page", "integer"),
          query("sort"),
        ],
        responses: answer({
          type: "object",
          properties: {
            tickets: { type: "array", items: ticket },
            meta: { type: "object", properties: { next_page: { type: "string" }, total: { type: "integer" } } },
          },
        }),
      },
      post: {
        requestBody: {
          required: true,
          ...json({
            type: "object",
            required: ["subject", "requester", "id"],
            properties: {
              id: { type: "integer", readOnly: true },
              subject: { type: "string", maxLength: 300 },
              priority: { type: "string", enum: ["low", "high"] },
              requester: { type: "object", required: ["email"], properties: { email: { type: "string" } } },
            },
          }),
        },
        responses: answer({ type: "object", properties: { ticket } }, "201"),
      },
    },
    "/tickets/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
      get: { responses: answer({ type: "object", properties: { ticket } }) },
      patch: {
        requestBody: json({ type: "object", properties: { status: { type: "string" }, subject: { type: "string" } } }),
        responses: { "204": { description: "changed" } },
      },
      delete: { responses: { "204": { description: "gone" } } },
    },
    "/health": { get: { responses: answer({ type: "object", properties: { status: { type: "string" } } }) } },
  },
  components: {
    securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Api-Key" } },
    schemas: {
      Ticket: {
        type: "object",
        properties: {
          id: { type: "integer" },
          subject: { type: "string" },
          status: { type: "string" },
          created_at: { type: "string", format: "date-time" },
          api_token: { type: "string" },
          requester: { type: "object", properties: { name: { type: "string" }, phone: { type: "string" } } },
        },
      },
    },
  },
  ...changes,
});

const wish = { slug: "acme-desk", prefix: "acme", spec: "specs/acme-desk.json", name: "desk.json", file: "acme.yaml" };

export const added = (document: JsonObject, more: { from?: string } = {}): Added => {
  const result = addVendor(document, { ...wish, ...more });
  if (!isAdded(result)) throw new Error(JSON.stringify(result.problems, null, 1));
  return result;
};

export const refused = (document: JsonObject) => {
  const result = addVendor(document, wish);
  if (isAdded(result)) throw new Error("was added");
  return result.problems;
};

export const yamlOf = ({ draft }: Added) => printDraft(draft, "schema.json");
