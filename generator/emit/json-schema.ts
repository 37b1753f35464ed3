import type { OutputModel, ScalarType, Shape } from "../model/output.ts";
import type { InputModel, InputType } from "../model/tool.ts";

/**
 * The JSON Schemas that clients see, straight from the model. They must equal what zod makes of the emitted schemas with
 * `io: "input"`, without what says nothing (`$schema`, `propertyNames` of any text, `additionalProperties: {}`), because every
 * conversation pays for it. A test compares them, so that validator and constant cannot drift apart.
 */
export type JsonSchema = { readonly [keyword: string]: unknown };

export function inputSchema(inputs: readonly InputModel[]): JsonSchema {
  const properties = inputs.map((input) => [input.name, property(input)] as const);
  const required = inputs.filter(({ presence }) => presence === "required").map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function property({ type, about, default: value }: InputModel): JsonSchema {
  return { ...typeSchema(type), ...(value !== undefined && { default: value }), ...(about && { description: about }) };
}

function typeSchema(type: InputType): JsonSchema {
  switch (type.kind) {
    case "string":
      return {
        type: "string",
        ...(type.min !== undefined && { minLength: type.min }),
        ...(!type.usual && { maxLength: type.max }),
        ...(type.pattern && { pattern: type.pattern }),
      };
    case "enum":
      return { type: "string", enum: type.values };
    case "date":
      return { type: "string", format: "date" };
    case "datetime":
      return { type: "string", format: "date-time" };
    case "boolean":
      return { type: "boolean" };
    case "integer":
      if (type.usual) return { type: "integer" };
      return { type: "integer", minimum: type.min, maximum: type.max };
    case "number":
      return { type: type.kind, minimum: type.min, maximum: type.max };
    case "array":
      return {
        ...(type.min !== undefined && { minItems: type.min }),
        maxItems: type.max,
        type: "array",
        items: typeSchema(type.items),
      };
    case "object":
      return inputSchema(type.fields);
    case "map":
      return {
        type: "object",
        ...(type.values === "string" && { additionalProperties: { type: "string" } }),
      };
  }
}

export function outputSchema(outputs: readonly OutputModel[]): JsonSchema {
  const properties: [string, JsonSchema][] = [];
  const required: string[] = [];
  for (const { name, about, required: isRequired, shape } of outputs) {
    if (shape.kind === "sends") {
      properties.push(...Object.entries(sendsProperties));
      required.push(...Object.keys(sendsProperties));
      continue;
    }
    properties.push([name, { ...shapeSchema(shape), ...(about && { description: about }) }]);
    if (isRequired) required.push(name);
    if (shape.kind === "truncated" && shape.cursor) properties.push(["next_cursor", { type: "string" }]);
  }
  return { type: "object", properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}

function shapeSchema(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case "scalar":
    case "constant":
      return scalar(shape.type);
    case "scalars":
      return { type: "array", items: scalar(shape.type) };
    case "open":
      return shape.list ? { type: "array", items: openObject } : openObject;
    case "object":
      return outputSchema(shape.fields);
    case "array":
      return { type: "array", items: isFields(shape.item) ? outputSchema(shape.item) : shapeSchema(shape.item) };
    case "totals":
      return { type: "object", properties: { count: scalar("number"), by } };
    case "sum":
      return shape.by.length === 0 ? scalar("number") : { type: "object", properties: { sum: scalar("number"), by } };
    case "count":
    case "total":
      return scalar("number");
    case "truncated":
      return scalar("boolean");
    case "coverage":
      return coverage;
    case "partial":
    case "notConnected":
      return { type: "array" };
    case "sends":
      return {};
  }
}

export const isFields = (item: readonly OutputModel[] | Shape): item is readonly OutputModel[] => Array.isArray(item);

const scalar = (type: ScalarType): JsonSchema => ({ type });
const openObject: JsonSchema = { type: "object" };
/** Numbers by value, by group. */
const by = openObject;

/** As `coverageSchema()` and `sendsShape` of the runtime. */
const coverage = openObject;
const names: JsonSchema = { type: "array", items: { type: "string" } };
const sendsProperties: Readonly<Record<string, JsonSchema>> = {
  done: names,
  failed: {
    type: "array",
    items: {
      type: "object",
      properties: { step: { type: "string" }, code: { type: "string" }, message: { type: "string" } },
    },
  },
  notTried: names,
};
