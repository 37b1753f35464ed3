import { annotationsOf, type JsonSchema, toolHash } from "../../runtime/contract.ts";
import type { ToolModel } from "../model/tool.ts";
import type { VendorModel } from "../model/vendor.ts";
import type { Emitted } from "./emitted.ts";
import { inputSchema, outputSchema } from "./json-schema.ts";

/** What a client sees of a tool in `tools/list`. */
function listedTool(tool: ToolModel) {
  const { name, title, description, access, idempotent } = tool;
  return {
    name,
    title,
    description,
    inputSchema: inputSchema(tool.inputs) as JsonSchema,
    outputSchema: answerSchema(tool) as JsonSchema,
    annotations: annotationsOf(access, idempotent),
  };
}

/** Any call may have to wait for a person and answers that instead, so no answer promises anything at its root. */
function answerSchema({ output }: ToolModel) {
  const { required: _, ...open } = outputSchema(output);
  return open;
}

const byName = (a: ToolModel, b: ToolModel) => (a.name < b.name ? -1 : 1);

/** A vendor, or a set across vendors. */
type Owner = Pick<VendorModel, "slug" | "where" | "tools">;

export const listedTools = (vendor: Pick<Owner, "tools">) => [...vendor.tools].sort(byName).map(listedTool);

/** The frozen JSON Schemas of a vendor's tools. */
export function emitSchemas(vendor: Owner): Emitted {
  const entries = listedTools(vendor).map(
    (tool) => [tool.name, { input: tool.inputSchema, output: tool.outputSchema }] as const,
  );
  return { path: "schemas.json", text: json(Object.fromEntries(entries)), where: vendor.where };
}

/** The lock: a hash of everything a client approves when it approves a tool. */
export function emitContract(vendors: readonly Owner[]): Emitted {
  const sorted = [...vendors].sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const entries = sorted.map((vendor) => [
    vendor.slug,
    Object.fromEntries(listedTools(vendor).map((tool) => [tool.name, toolHash(tool)])),
  ]);
  return { path: "contract.json", text: json(Object.fromEntries(entries)), where: "" };
}

export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
