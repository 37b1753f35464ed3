import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeIn } from "../../generator/intake/intake.ts";
import { problemText } from "../../generator/model/problem.ts";
import { parseSpec, readSpec } from "../../generator/read/spec.ts";
import { bytesOf, petShop } from "./fixtures.ts";

const problemsOf = (content: unknown, name = "pets.json") =>
  parseSpec(bytesOf(content), name).problems.map(problemText);

describe("reading a description", () => {
  it("takes JSON and YAML, plain or gzipped", () => {
    const yaml = "openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths: {}\n";
    for (const bytes of [bytesOf(petShop()), gzipSync(bytesOf(petShop())), bytesOf(yaml), gzipSync(yaml)]) {
      expect(parseSpec(bytes, "pets")).toMatchObject({
        problems: [],
        document: { openapi: expect.stringMatching(/^3/) },
      });
    }
  });

  it("says where JSON ends too early (FAC-04)", () => {
    const text = JSON.stringify(petShop(), null, 2);
    const [problem] = problemsOf(text.slice(0, text.length / 2));
    expect(problem).toMatch(/^pets\.json:\d+:\d+: the JSON ends too early/);
  });

  it("says that something is nested too deep, in place of falling over it", () => {
    const deep = (levels: number) =>
      `{"openapi":"3.0.0","paths":{},"x":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;
    expect(problemsOf(deep(5000))).toEqual(["pets.json: is nested deeper than 300 levels; is it a description?"]);
    expect(problemsOf(deep(200))).toEqual([]);
  });

  it("says where JSON is broken", () => {
    expect(problemsOf('{\n  "openapi": "3.0.0",\n  "paths": {,}\n}')).toEqual(["pets.json:3:13: is not JSON"]);
  });

  it("says where YAML is indented by tabs (FAC-04)", () => {
    expect(problemsOf("openapi: 3.0.0\npaths:\n\t/pets: {}\n", "pets.yaml")).toContainEqual(
      expect.stringMatching(/^pets\.yaml:3:1: YAML is not indented by tabs/),
    );
  });

  it("refuses YAML aliases that repeat without end", () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(", ")}]`,
    );
    const [problem] = problemsOf(["l0: &l0 [x]", ...levels, "paths: {}"].join("\n"), "laughs.yaml");
    expect(problem).toContain("aliases repeat too much");
  });

  it.each([
    ["nothing", ""],
    ["a list", "[]"],
    ["text", "hello"],
    ["another object", { hello: "world" }],
    ["a version from the future", { openapi: "4.0.0", paths: {} }],
    ["no paths", { openapi: "3.1.0" }],
    ["paths that are a list", { swagger: "2.0", paths: [] }],
  ])("has a problem, not an error, for %s", (_, content) => {
    expect(problemsOf(content)).toHaveLength(1);
  });

  it("has a problem for bytes that are neither text nor gzip, and for a file that is not there", () => {
    expect(parseSpec(Buffer.from([0x1f, 0x8b, 0x08, 0xff]), "x").problems).toHaveLength(1);
    expect(parseSpec(Buffer.from([0xc3, 0x28, 0xa0, 0xa1]), "x").problems).toHaveLength(1);
    expect(readSpec("test/specs/no-such-file.json").problems).toHaveLength(1);
  });

  it("lifts Swagger 2.0 to OpenAPI 3.0 (FAC-04)", () => {
    const swagger = {
      swagger: "2.0",
      info: { title: "Old pets", version: "1" },
      paths: {
        "/pets/{id}": {
          get: {
            parameters: [{ name: "id", in: "path", required: true, type: "integer", format: "int32" }],
            responses: { 200: { description: "ok", schema: { $ref: "#/definitions/List[Pet]" } } },
          },
        },
      },
      definitions: {
        "List[Pet]": { properties: { $ref: { type: "string" }, example: { type: "string" }, ok: { type: "bool" } } },
      },
    };
    const { document } = parseSpec(bytesOf(swagger), "old.json");
    const { document: extract, problems } = takeIn({ name: "old.json", document: document! });
    expect(problems).toEqual([]);
    expect(extract.openapi).toMatch(/^3\.0/);
    expect(extract.paths["/pets/{id}"]?.get?.parameters).toEqual([
      { name: "id", in: "path", required: true, schema: { type: "integer", format: "int32" } },
    ]);
    expect(extract.components.schemas).toEqual({
      ListPet: {
        type: "object",
        properties: { $ref: { type: "string" }, example: { type: "string" }, ok: { type: "boolean" } },
      },
    });
  });

  it("names odd types of a Swagger 2.0 document where they are", () => {
    const swagger = {
      swagger: "2.0",
      info: { title: "Odd", version: "1" },
      paths: { "/x": { get: { responses: { 200: { description: "ok", schema: { $ref: "#/definitions/X" } } } } } },
      definitions: {
        X: { type: "object", properties: { a: { type: "Foo" }, b: { type: 5 }, c: { type: "List<int>" } } },
      },
    };
    const { document } = parseSpec(bytesOf(swagger), "odd.json");
    expect(takeIn({ name: "odd.json", document: document! }).problems.map(({ where }) => where)).toEqual([
      "odd.json schema X.a",
      "odd.json schema X.b",
    ]);
  });

  it("never throws, whatever a document holds", () => {
    const names = fc.constantFrom("get", "post", "parameters", "responses", "schema", "$ref", "type", "properties", "allOf", "in", "name", "200", "content", "application/json", "__proto__", "/a/{b}", "items", "required", "default"); // biome-ignore format: a list
    const leaves = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.constantFrom("#/components/schemas/A", "#/paths", "#", "query", "path", "object", "array"),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7 },
        leaves,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 5 }),
      ),
    }));
    const item = fc.dictionary(fc.constantFrom("get", "put", "parameters"), tree);
    fc.assert(
      fc.property(
        fc.constantFrom("3.0.0", "3.1.0", "2.0"),
        fc.dictionary(names, item),
        fc.dictionary(fc.constantFrom("A", "B c", "__proto__"), tree),
        (version, paths, schemas) => {
          const old = version === "2.0";
          const content = {
            [old ? "swagger" : "openapi"]: version,
            paths,
            ...(old ? { definitions: schemas } : { components: { schemas } }),
          };
          const { document, problems } = parseSpec(bytesOf(content), "any.json");
          if (document) JSON.stringify(takeIn({ name: "any.json", document }));
          else expect(problems).not.toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
