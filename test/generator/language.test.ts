import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { vendorJsonSchema } from "../../generator/read/schema.ts";
import { readVendors } from "../../generator/read/vendors.ts";

const page = readFileSync("docs/vendors-yaml.md", "utf8");

it("documents every key of the language", () => {
  const keys = new Set<string>();
  const visit = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties } = schema as { properties?: object };
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    Object.values(schema).forEach(visit);
  };
  visit(vendorJsonSchema());
  expect(keys.size).toBeGreaterThan(50);
  expect([...keys].filter((key) => !new RegExp(`[\`{, ]${key}[\`:]`).test(page))).toEqual([]);
});

it("shows a whole vendor that has the right shape", () => {
  const whole = /## A whole vendor.*?```yaml\n(.*?)```/s.exec(page)![1]!;
  const { sources, problems } = readVendors(whole, "page");
  expect(problems).toEqual([]);
  expect(Object.keys(sources[0]!.yaml.tools)).toHaveLength(3);
});
