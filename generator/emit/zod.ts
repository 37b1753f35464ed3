import type { OutputModel, ScalarType, Shape } from "../model/output.ts";
import type { InputModel, InputType } from "../model/tool.ts";
import { isFields } from "./json-schema.ts";
import { literal, propertyKey } from "./literal.ts";

/** Names from the runtime that the printed text needs. */
export type Use = (name: string) => string;

/** Strict towards the model: what is not named is refused. */
export function zodInput(inputs: readonly InputModel[], use: Use): string {
  return `z.strictObject({${inputs.map((input) => `${propertyKey(input.name)}: ${zodProperty(input, use)},`).join("\n")}})`;
}

function zodProperty({ type, about, presence, default: value }: InputModel, use: Use): string {
  const end = presence === "optional" ? ".optional()" : presence === "default" ? `.default(${literal(value)})` : "";
  return `${zodType(type, use)}${end}.describe(${literal(about)})`;
}

function zodType(type: InputType, use: Use): string {
  switch (type.kind) {
    case "string": {
      const pattern = type.pattern ? `.regex(new RegExp(${literal(type.pattern)}))` : "";
      const start = type.usual ? `${use("text")}(${type.max === USUAL_MAX ? "" : literal(type.max)})` : "z.string()";
      return `${start}${least(type.min)}${type.usual ? "" : `.max(${literal(type.max)})`}${pattern}`;
    }
    case "enum":
      return `z.enum(${literal(type.values)})`;
    case "date":
      return use("date");
    case "datetime":
      return use("dateTime");
    case "boolean":
      return "z.boolean()";
    case "integer":
      if (type.usual) return type.max === Number.MAX_SAFE_INTEGER ? use("idNumber") : `${use("upTo")}(${type.max})`;
      return `z.int().min(${literal(type.min)}).max(${literal(type.max)})`;
    case "number":
      return `z.number().min(${literal(type.min)}).max(${literal(type.max)})`;
    case "array":
      return `z.array(${zodType(type.items, use)})${least(type.min)}.max(${literal(type.max)})`;
    case "object":
      return zodInput(type.fields, use);
    case "map":
      return `z.record(z.string(), ${type.values === "string" ? `${use("text")}(2000)` : "z.unknown()"})`;
  }
}

/** What `text()` of the runtime allows without being told. */
const USUAL_MAX = 200;

const least = (min: number | undefined) => (min === undefined ? "" : `.min(${literal(min)})`);

/** Lenient towards the vendor: only what we make ourselves is required. */
export function zodOutput(outputs: readonly OutputModel[], use: Use): string {
  const lines = outputs.flatMap(({ name, about, required, shape }) => {
    if (shape.kind === "sends") return [`...${use("sendsShape")},`];
    const end = `${required ? "" : ".optional()"}${about ? `.describe(${literal(about)})` : ""}`;
    const line = `${propertyKey(name)}: ${zodShape(shape, use)}${end},`;
    return shape.kind === "truncated" && shape.cursor ? [line, "next_cursor: z.string().optional(),"] : [line];
  });
  return `z.object({${lines.join("\n")}})`;
}

function zodShape(shape: Shape, use: Use): string {
  switch (shape.kind) {
    case "scalar":
    case "constant":
      return scalar(shape.type);
    case "scalars":
      return `z.array(${scalar(shape.type)})`;
    case "open":
      return shape.list ? "z.array(z.record(z.string(), z.unknown()))" : "z.record(z.string(), z.unknown())";
    case "object":
      return zodOutput(shape.fields, use);
    case "array":
      return `z.array(${isFields(shape.item) ? zodOutput(shape.item, use) : zodShape(shape.item, use)})`;
    case "totals":
      return "z.object({ count: z.number().optional(), by: z.record(z.string(), z.unknown()).optional() })";
    case "sum":
      return shape.by.length === 0
        ? "z.number()"
        : "z.object({ sum: z.number().optional(), by: z.record(z.string(), z.unknown()).optional() })";
    case "count":
    case "total":
      return "z.number()";
    case "truncated":
      return "z.boolean()";
    case "coverage":
      return `${use("coverageSchema")}()`;
    case "partial":
    case "notConnected":
      return "z.array(z.string())";
    case "sends":
      return "z.never()"; // spread above
  }
}

const scalar = (type: ScalarType) => `z.${type}()`;
