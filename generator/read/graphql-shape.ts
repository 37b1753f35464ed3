import type { OpenApi, Operation, PathItem, Schema } from "../model/openapi.ts";
import { SCHEMAS } from "../model/openapi.ts";
import {
  argsOf,
  isRequired,
  roots,
  type Sdl,
  type SdlField,
  type SdlType,
  titleOfField,
  typeTextOf,
} from "../model/sdl.ts";

const SCALARS: Readonly<Record<string, Schema>> = {
  ID: { type: "string" },
  String: { type: "string" },
  Int: { type: "integer" },
  Float: { type: "number" },
  Boolean: { type: "boolean" },
};

/**
 * A GraphQL API in the form that everything after reading works on: each field of Query and Mutation is a POST whose body is its
 * variables. Of what it answers nothing is certain, whatever `!` says: servers leave things out when something fails.
 */
export function openApiOf(sdl: Sdl, text: string): OpenApi {
  const paths: [string, PathItem][] = [];
  for (const root of roots) {
    const type = sdl.types[root];
    if (type?.kind !== "type") continue;
    for (const [name, field] of Object.entries(type.fields))
      paths.push([titleOfField(root, name), { post: operationOf(field, sdl) }]);
  }
  const schemas = Object.entries(sdl.types).filter(([name]) => !(roots as string[]).includes(name));
  return {
    openapi: "3.1.0",
    info: { title: sdl.title, version: "unversioned" },
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas.map(([name, type]) => [name, schemaOf(name, type, sdl)])) },
    sdl: text,
  };
}

function operationOf(field: SdlField, sdl: Sdl): Operation {
  const args = argsOf(field);
  const required = args.some(([, arg]) => isRequired(arg));
  return {
    ...(args.length > 0 && {
      requestBody: {
        ...(required && { required: true as const }),
        content: { "application/json": { schema: inputsOf(args, sdl) } },
      },
    }),
    responses: {
      200: { description: "OK", content: { "application/json": { schema: outputOf(typeTextOf(field), sdl) } } },
    },
  };
}

function inputsOf(fields: readonly (readonly [string, SdlField])[], sdl: Sdl): Schema {
  const required = fields.flatMap(([name, field]) => (isRequired(field) ? [name] : []));
  return {
    type: "object",
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map(([name, field]) => [name, inputOf(typeTextOf(field), sdl)])),
  };
}

function inputOf(text: string, sdl: Sdl): Schema {
  if (text.endsWith("!")) return inputOf(text.slice(0, -1), sdl);
  if (text.startsWith("[")) return { type: "array", items: inputOf(text.slice(1, -1), sdl) };
  if (Object.hasOwn(SCALARS, text)) return SCALARS[text]!;
  return sdl.types[text]?.kind === "scalar" ? {} : { $ref: SCHEMAS + text };
}

function outputOf(text: string, sdl: Sdl): Schema {
  if (text.endsWith("!")) return outputOf(text.slice(0, -1), sdl);
  if (text.startsWith("[")) return { type: "array", items: outputOf(text.slice(1, -1), sdl) };
  return Object.hasOwn(SCALARS, text) ? SCALARS[text]! : { $ref: SCHEMAS + text };
}

function schemaOf(name: string, type: SdlType, sdl: Sdl): Schema {
  switch (type.kind) {
    case "input":
      return inputsOf(Object.entries(type.fields), sdl);
    case "enum":
      return { type: "string", enum: type.values };
    case "scalar":
      return { type: "object", "x-json": true, additionalProperties: { $ref: SCHEMAS + name } };
    case "union":
      return { type: "object" };
    default: {
      // A field that insists on arguments cannot be had by naming it.
      const fields = Object.entries(type.fields).filter(
        ([, field]) => !argsOf(field).some(([, arg]) => isRequired(arg)),
      );
      const properties = fields.map(([field, own]) => [field, outputOf(typeTextOf(own), sdl)] as const);
      return { type: "object", properties: Object.fromEntries(properties) };
    }
  }
}
