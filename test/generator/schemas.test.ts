import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { across, vendors } from "../../generated/index.ts";
import { annotationsOf, type JsonSchema, toolHash, type Vendor } from "../../runtime/index.ts";
import { casesFolder } from "./run-case.ts";

const golden = ["reads", "choices", "changes", "fan-out", "leaves", "json-api", "hostile"];
const goldenVendors = await Promise.all(
  golden.map(async (name): Promise<Vendor> => {
    const { vendors: found } = await import(`./cases/${name}/generated/index.ts`);
    return found[0];
  }),
);
const tools = [...vendors, ...across, ...goldenVendors].flatMap((vendor) =>
  vendor.tools.map((tool) => ({ vendor, tool, name: `${vendor.slug} ${tool.name}` })),
);

/** What the printed schemas leave out, because it says nothing and every conversation would pay for it. */
function withoutNoise(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNoise);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => {
    const text = JSON.stringify(value);
    return (
      key !== "$schema" &&
      !(key === "propertyNames" && text === '{"type":"string"}') &&
      !(key === "additionalProperties" && text === "{}")
    );
  });
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isTold(key, value) ? { type: "array" } : withoutNoise(value)]),
  );
}

/** What every tool of a kind has, which is a list of texts in all of them. */
const isTold = (key: string, schema: unknown) =>
  (key === "partial" || key === "notConnected") &&
  JSON.stringify(schema) === '{"type":"array","items":{"type":"string"}}';

describe("printed JSON Schemas (FAC-08, FAC-14)", () => {
  it.each(tools)("of $name are what zod makes of the emitted schemas", ({ vendor, tool }) => {
    const printed = vendor.schemas[tool.name]!;
    expect(printed.input).toEqual(withoutNoise(z.toJSONSchema(tool.input, { io: "input" })));
    // Any call may have to wait for a person and answers that instead, so nothing is promised at the root.
    const { required: _, ...open } = withoutNoise(z.toJSONSchema(tool.output, { io: "input" })) as JsonSchema;
    expect(printed.output).toEqual(open);
  });

  it.each(tools)(
    "of $name have an object at the root and a description for every input (FAC-12)",
    ({ vendor, tool }) => {
      const { input, output } = vendor.schemas[tool.name] as Record<"input" | "output", JsonSchema>;
      for (const schema of [input, output]) {
        expect(schema.type).toBe("object");
        expect(Object.keys(schema).filter((key) => ["anyOf", "oneOf", "allOf", "$ref"].includes(key))).toEqual([]);
      }
      for (const [name, property] of Object.entries((input.properties ?? {}) as Record<string, JsonSchema>))
        expect(property.description, name).toBeTruthy();
      if (tool.lists.length > 0) expect(Object.keys(output.properties as object)).toContain("truncated");
    },
  );

  it("hash to what the committed lock says (FAC-14)", () => {
    const lock = JSON.parse(readFileSync(join(casesFolder, "../../../generated/contract.json"), "utf8"));
    for (const { slug, tools: own, schemas } of vendors) {
      const hashes = own.map(({ name, title, description, access, idempotent }) => {
        const { input, output } = schemas[name]!;
        return [
          name,
          toolHash({
            name,
            title,
            description,
            inputSchema: input,
            outputSchema: output,
            annotations: annotationsOf(access, idempotent),
          }),
        ];
      });
      expect(Object.fromEntries(hashes)).toEqual(lock[slug]);
    }
  });
});
