import { exampleIn, schemaOfExample } from "../../generator/intake/example.ts";
import { isObject, type JsonObject, objectOf } from "../../generator/model/json.ts";
import type { OpenApi } from "./validate.ts";

/**
 * The published document with the slips put right that would hinder a check: a path without its slash, bodies by reference, a
 * text called a number, a schema without its names, and answers that only have an example.
 */
export function readSyncro(text: string): OpenApi {
  const document = JSON.parse(text) as JsonObject;
  const bodies = objectOf(objectOf(document.components).requestBodies);
  const asset = { type: "object", properties: { asset: { type: "object" } } };
  const paths = Object.entries(objectOf(document.paths)).map(([path, item]) => {
    const operations = Object.entries(objectOf(item)).map(([method, operation]) => {
      if (!isObject(operation)) return [method, operation] as const;
      const { requestBody, parameters } = operation;
      const reference = objectOf(requestBody).$ref;
      const responses = Object.entries(objectOf(operation.responses)).map(([status, response]) => [
        status,
        path === "/customer_assets/{id}" && status === "200"
          ? { content: { "application/json": { schema: asset } } }
          : withSchema(objectOf(response)),
      ]);
      const mended = {
        ...operation,
        ...(requestBody !== undefined && {
          requestBody: typeof reference === "string" ? bodies[reference.split("/").at(-1)!] : requestBody,
        }),
        ...(path === "/search" && { parameters: [{ name: "query", in: "query", schema: { type: "string" } }] }),
        ...(path !== "/search" && parameters !== undefined && { parameters }),
        responses: Object.fromEntries(responses),
      };
      return [method, mended] as const;
    });
    return [path.startsWith("/") ? path : `/${path}`, Object.fromEntries(operations)] as const;
  });
  return { ...document, paths: Object.fromEntries(paths) } as unknown as OpenApi;
}

function withSchema(response: JsonObject): JsonObject {
  const content = Object.entries(objectOf(response.content)).map(([type, media]) => {
    const example = exampleIn(objectOf(media));
    const isBare = objectOf(media).schema === undefined && example !== undefined;
    return [type, isBare ? { schema: schemaOfExample(example) } : media] as const;
  });
  return content.length > 0 ? { ...response, content: Object.fromEntries(content) } : response;
}
