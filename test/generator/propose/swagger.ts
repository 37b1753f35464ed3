import type { JsonObject } from "../../../generator/model/json.ts";
import { parseSpec } from "../../../generator/read/spec.ts";

/** A description in Swagger 2.0, as intake lifts it. */
export function upgradedSwagger(): JsonObject {
  const document = {
    swagger: "2.0",
    info: { title: "Acme Old", version: "1" },
    host: "old.acme.example",
    basePath: "/api",
    schemes: ["https"],
    securityDefinitions: { login: { type: "basic" } },
    security: [{ login: [] }],
    paths: {
      "/devices": {
        get: {
          produces: ["application/json"],
          responses: { 200: { description: "ok", schema: { type: "array", items: { $ref: "#/definitions/Device" } } } },
        },
      },
    },
    definitions: { Device: { type: "object", properties: { id: { type: "integer" }, name: { type: "string" } } } },
  };
  return parseSpec(Buffer.from(JSON.stringify(document)), "old.json").document!;
}
