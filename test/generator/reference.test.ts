import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { keysOf, maps, withTables } from "../../generator/read/reference.ts";
import { acrossYaml, vendorYaml } from "../../generator/read/schema.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/vendors-yaml.md"), "utf8");
const documented = Object.entries(maps).flatMap(([map, schema]) =>
  keysOf(schema).map((doc) => [`${map}: ${doc.key}`, doc] as const),
);

describe("the reference of the language is the language (FAC-05, DOC-01)", () => {
  it.each(documented)("%s has words and an example that it takes", (_, { about, example, schema }) => {
    expect(about).toMatch(/^\S.*[.?]$/);
    expect(example).toBeDefined();
    expect(schema.safeParse(example).error?.issues).toBeUndefined();
  });

  it("every key of the language is in a table", () => {
    const known = new Set<unknown>(documented.map(([, { schema }]) => schema.def));
    const missing = [...fieldsIn([vendorYaml, acrossYaml])].filter(([, { def }]) => !known.has(def));
    expect(missing.map(([path]) => path)).toEqual([]);
  });

  it("the page has every table as the language is now", () => {
    expect(withTables(page)).toBe(page);
    for (const map of Object.keys(maps)) expect(page).toContain(`<!-- keys: ${map} -->`);
  });
});

/** Every key at any depth, with the path to where it was first seen. */
function fieldsIn(roots: readonly z.ZodType[]): Map<string, z.ZodType> {
  const fields = new Map<string, z.ZodType>();
  const seen = new Set<unknown>();
  const visit = (schema: z.ZodType, path: string): void => {
    if (seen.has(schema.def)) return;
    seen.add(schema.def);
    for (const [name, inner] of partsOf(schema)) {
      if (schema instanceof z.ZodObject && name !== "*") fields.set(`${path}.${name}`, inner);
      visit(inner, name === "" ? path : `${path}.${name}`);
    }
  };
  for (const each of roots) visit(each, "");
  return fields;
}

/** What a schema is made of, by the name under which it stands there. */
function partsOf(schema: z.ZodType): [string, z.ZodType][] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodLazy) return [["", schema.unwrap() as z.ZodType]];
  if (schema instanceof z.ZodArray) return [["", schema.element as z.ZodType]];
  if (schema instanceof z.ZodRecord) return [["*", schema.valueType as z.ZodType]];
  if (schema instanceof z.ZodUnion) return schema.options.map((each) => ["", each as z.ZodType]);
  if (!(schema instanceof z.ZodObject)) return [];
  const { catchall } = schema.def;
  return [
    ...Object.entries(schema.shape as Record<string, z.ZodType>),
    ...(catchall ? [["*", catchall as z.ZodType] as [string, z.ZodType]] : []),
  ];
}
