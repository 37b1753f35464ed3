import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, it } from "vitest";
import { annotationsOf, toolHash } from "../../runtime/index.ts";
import { across, vendors } from "./vendor.ts";

const lock = JSON.parse(readFileSync(new URL("../../generated/contract.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, string>
>;

it("holds the hash of every tool as it would be served, and no other (FAC-14)", () => {
  const now = Object.fromEntries(
    [...vendors, ...across].map(({ slug, tools, schemas }) => [
      slug,
      Object.fromEntries(
        tools.map(({ name, title, description, access, idempotent }) => {
          const { input: inputSchema, output: outputSchema } = schemas[name]!;
          return [
            name,
            toolHash({
              name,
              title,
              description,
              inputSchema,
              outputSchema,
              annotations: annotationsOf(access, idempotent),
            }),
          ];
        }),
      ),
    ]),
  );
  expect(now).toEqual(lock);
});

it("has schemas that every host can read: an object at the root, nothing remote, every input described", () => {
  const ajv = new Ajv2020.default({ strict: true, allowUnionTypes: false });
  addFormats.default(ajv);
  for (const { tools, schemas } of [...vendors, ...across]) {
    for (const { name } of tools) {
      for (const schema of Object.values(schemas[name]!)) {
        expect(schema).toMatchObject({ type: "object" });
        expect(JSON.stringify(schema)).not.toMatch(/"\$ref":"(?!#)/);
        for (const root of ["anyOf", "oneOf", "allOf"]) expect(schema).not.toHaveProperty(root);
        expect(() => ajv.compile(schema), name).not.toThrow();
      }
      const { properties = {} } = schemas[name]!.input as { properties?: Record<string, { description?: string }> };
      for (const [input, { description }] of Object.entries(properties))
        expect(description, `${name}.${input}`).toMatch(/\S{2}/);
    }
  }
});
