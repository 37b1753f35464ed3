import { describe, expect, it } from "vitest";
import { distil } from "../../generator/intake/distil.ts";
import { takeIn } from "../../generator/intake/intake.ts";
import { identifiersFor } from "../../generator/intake/names.ts";
import { extractText } from "../../generator/intake/report.ts";
import type { JsonObject } from "../../generator/model/json.ts";
import { problemText } from "../../generator/model/problem.ts";
import { answer, petShop } from "./fixtures.ts";

const take = (document: JsonObject, operations?: readonly string[]) =>
  takeIn({ name: "pets.json", document, ...(operations && { operations }) });
const problemsOf = (document: JsonObject, operations?: readonly string[]) =>
  take(document, operations).problems.map(problemText);
const one = (schema: JsonObject, schemas: JsonObject = {}): JsonObject => ({
  openapi: "3.1.0",
  paths: { "/x": { get: { responses: answer(schema) } } },
  components: { schemas },
});
const rootOf = (document: JsonObject) =>
  take(document).document.paths["/x"]?.get?.responses["200"]?.content?.["application/json"]?.schema;

describe("distilling a description to its facts (FAC-04)", () => {
  it("keeps none of the vendor's words, servers, security or ids", () => {
    const text = extractText(take(petShop()).document);
    for (const words of [
      "finest",
      "Everything",
      "lovely",
      "called",
      "born",
      "friend",
      "Here you are",
      "Rex",
      "sales",
      "example.com",
      "operationId",
      "security",
      "tags",
    ]) {
      expect(text).not.toContain(words);
    }
  });

  it("keeps paths, parameters, types, required and errors", () => {
    const { document, problems } = take(petShop(), ["GET /pets", "POST /pets"]);
    expect(problems).toEqual([]);
    expect(Object.keys(document.paths)).toEqual(["/pets"]);
    expect(document.paths["/pets"]).toEqual({
      get: {
        parameters: [{ name: "name", in: "query", schema: { type: "string" } }],
        responses: {
          200: {
            description: "OK",
            content: { "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Pet" } } } },
          },
        },
      },
      post: {
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
        },
        responses: { 201: { description: "Created" } },
      },
    });
    expect(document.components.schemas).toEqual({
      Owner: {
        type: "object",
        properties: { name: { type: "string" }, pets: { type: "array", items: { $ref: "#/components/schemas/Pet" } } },
      },
      Pet: {
        type: "object",
        required: ["name"],
        properties: {
          age: { type: "integer" },
          name: { type: "string" },
          owner: { $ref: "#/components/schemas/Owner" },
        },
      },
    });
  });

  it("is the same after a second time, byte for byte", () => {
    const first = take(petShop()).document;
    const second = takeIn({ name: "pets.json", document: JSON.parse(extractText(first)) }).document;
    expect(extractText(second)).toBe(extractText(first));
  });

  it("does not depend on the order in which the vendor writes", () => {
    const turned = (value: unknown): unknown =>
      typeof value === "object" && value && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, child]) => [key, turned(child)]),
          )
        : value;
    expect(extractText(take(turned(petShop()) as JsonObject).document)).toBe(extractText(take(petShop()).document));
  });

  it("keeps our own words where asked, for descriptions we write ourselves", () => {
    const { document } = distil(petShop(), { name: "pets", wording: true });
    expect(document.paths["/pets"]?.get?.summary).toBe("Lists all the lovely pets.");
  });

  it("mends types that are no types of JSON Schema", () => {
    const properties = {
      a: { type: "int" },
      b: { type: "Double" },
      c: { type: "DateTime" },
      d: { type: "List<bool>" },
      e: { type: "guid" },
      f: { type: "any" },
    };
    expect(rootOf(one({ properties }))).toEqual({
      type: "object",
      properties: {
        a: { type: "integer" },
        b: { type: "number" },
        c: { type: "string", format: "date-time" },
        d: { type: "array", items: { type: "boolean" } },
        e: { type: "string", format: "uuid" },
        f: {},
      },
    });
  });

  it("turns type lists into nullable in OpenAPI 3.0, which has no lists", () => {
    const schema = { type: "object", properties: { a: { type: ["string", "null"] } } };
    expect(rootOf({ ...one(schema), openapi: "3.0.3" })?.properties).toEqual({ a: { type: "string", nullable: true } });
    expect(rootOf(one(schema))?.properties).toEqual({ a: { type: ["string", "null"] } });
  });

  it("moves the values of an array's elements to the elements", () => {
    expect(rootOf(one({ type: "array", enum: ["a", "b"], items: { type: "string" } }))).toEqual({
      type: "array",
      items: { type: "string", enum: ["a", "b"] },
    });
  });

  it("keeps properties that are called like keywords", () => {
    const properties = JSON.parse(
      '{ "$ref": {"type":"string"}, "example": {"type":"string"}, "description": {"type":"string"}, "properties": {"type":"string"}, "__proto__": {"type":"string"}, "constructor": {"type":"string"} }',
    );
    expect(Object.keys(rootOf(one({ type: "object", properties }))?.properties ?? {}).sort()).toEqual([
      "$ref",
      "__proto__",
      "constructor",
      "description",
      "example",
      "properties",
    ]);
  });

  it("gives schemas names that are identifiers, and follows them", () => {
    const document = one(
      { $ref: "#/components/schemas/Pet%20%5BBig%5D" },
      { "Pet [Big]": { type: "object", properties: { next: { $ref: "#/components/schemas/Pet [Big]" } } } },
    );
    expect(take(document).document.components.schemas).toEqual({
      PetBig: { type: "object", properties: { next: { $ref: "#/components/schemas/PetBig" } } },
    });
    expect([...identifiersFor(["A B", "AB", "A.B", "1st", "__proto__"])]).toEqual([
      ["AB", "AB"],
      ["1st", "Schema1st"],
      ["A B", "AB2"],
      ["A.B", "AB3"],
      ["__proto__", "Schemaproto__"],
    ]);
  });

  it("calls schemas by the last part of their dotted names where an overlay asks for it", () => {
    const names = [
      "Acme.Models.Device",
      "Acme.Api.Contracts.Device",
      "Acme.Models.Disk",
      "Disk",
      "Acme.A.Tag",
      "Acme.B.Tag",
    ];
    expect(Object.fromEntries(identifiersFor([...names, "List_Acme.Tag_"], { short: true }))).toEqual({
      "Acme.Models.Device": "Device",
      "Acme.Api.Contracts.Device": "ContractsDevice",
      "Acme.Models.Disk": "ModelsDisk",
      Disk: "Disk",
      "Acme.A.Tag": "ATag",
      "Acme.B.Tag": "BTag",
      "List_Acme.Tag_": "List_AcmeTag_",
    });
  });

  it("uses the shared type where an answer writes it out again", () => {
    const written = { properties: { name: { type: "string", description: "Again." } } };
    const schemas = {
      "A Pet": { type: "object", properties: { name: { type: "string" } } },
      Other: { properties: { name: { type: "integer" } } },
    };
    expect(rootOf(one(written, schemas))).toEqual({ $ref: "#/components/schemas/APet" });
    expect(rootOf(one({ properties: { name: { type: "boolean" } } }, schemas))).toEqual({
      type: "object",
      properties: { name: { type: "boolean" } },
    });
  });

  it("gives a schema that is referred to inside a path a name of its own", () => {
    const pointer = "#/paths/~1a/get/responses/200/content/application~1json/schema/properties/inner";
    const document = {
      ...one({ type: "object", properties: { copy: { $ref: pointer }, again: { $ref: pointer } } }),
      paths: {
        "/a": {
          get: {
            responses: answer({
              type: "object",
              properties: { inner: { type: "object", properties: { n: { type: "integer" } } } },
            }),
          },
        },
        "/x": {
          get: {
            responses: answer({ type: "object", properties: { copy: { $ref: pointer }, again: { $ref: pointer } } }),
          },
        },
      },
    };
    const { document: extract, problems } = take(document, ["GET /x"]);
    expect(problems).toEqual([]);
    const [[name, schema]] = Object.entries(extract.components.schemas) as [[string, unknown]];
    expect(schema).toEqual({ type: "object", properties: { n: { type: "integer" } } });
    expect(rootOf(document)?.properties).toEqual({
      again: { $ref: `#/components/schemas/${name}` },
      copy: { $ref: `#/components/schemas/${name}` },
    });
  });

  it("keeps what a discriminator maps to, under its new name", () => {
    const schemas = {
      Pet: {
        type: "object",
        properties: { kind: { type: "string" } },
        discriminator: { propertyName: "kind", mapping: { dog: "#/components/schemas/Big Dog", cat: "Cat" } },
      },
      "Big Dog": { type: "object", properties: { woof: { type: "string" } } },
      Cat: { type: "object", properties: { meow: { type: "string" } } },
    };
    const extract = take(one({ $ref: "#/components/schemas/Pet" }, schemas)).document.components.schemas;
    expect(Object.keys(extract)).toEqual(["BigDog", "Cat", "Pet"]);
    expect(extract.Pet?.discriminator?.mapping).toEqual({
      cat: "#/components/schemas/Cat",
      dog: "#/components/schemas/BigDog",
    });
  });

  it("writes shared parameters and answers out, merges repeated parameters, drops cookies and credentials", () => {
    const document: JsonObject = {
      openapi: "3.0.0",
      paths: {
        "x/{id}": {
          parameters: [{ $ref: "#/components/parameters/Id" }, { name: "q", in: "query", schema: { type: "integer" } }],
          get: {
            parameters: [
              { name: "q", in: "query", schema: { type: "string" } },
              { name: "sid", in: "cookie", schema: { type: "string" } },
              { name: "Authorization", in: "header", schema: { type: "string" } },
              { name: "bare", in: "query" },
            ],
            responses: { 200: { $ref: "#/components/responses/Fine" } },
          },
        },
      },
      components: {
        parameters: { Id: { name: "id", in: "path", required: true, schema: { type: "string" } } },
        responses: {
          Fine: { description: "Fine.", content: { "text/json": { schema: { type: "string" } }, "text/xml": {} } },
        },
      },
    };
    const { document: extract, problems, notes } = take(document);
    expect(problems).toEqual([]);
    expect(extract.paths["/x/{id}"]?.get).toEqual({
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "string" } },
        { name: "bare", in: "query", schema: { type: "string" } },
        { name: "q", in: "query", schema: { type: "string" } },
      ],
      responses: { 200: { description: "OK", content: { "application/json": { schema: { type: "string" } } } } },
    });
    expect([...notes.keys()]).toEqual(
      expect.arrayContaining(["parameters given twice and merged", "parameters dropped: cookies"]),
    );
  });

  it("says an error type once when all errors share it", () => {
    const error = {
      content: { "application/json": { schema: { type: "object", properties: { error: { type: "string" } } } } },
    };
    const other = { content: { "application/json": { schema: { type: "string" } } } };
    const responses = (more: JsonObject) => ({
      ...petShop(),
      paths: { "/x": { get: { responses: { ...answer({ type: "string" }), 400: error, 500: error, ...more } } } },
    });
    expect(Object.keys(take(responses({})).document.paths["/x"]?.get?.responses ?? {})).toEqual(["200", "default"]);
    expect(Object.keys(take(responses({ 409: other })).document.paths["/x"]?.get?.responses ?? {})).toEqual([
      "200",
      "400",
      "409",
      "500",
    ]);
  });
});

describe("what cannot be taken in is named (FAC-04)", () => {
  it("refuses references that leave the document, without asking the network", () => {
    const document = one({
      type: "object",
      properties: { a: { $ref: "https://evil.example.com/pets.json#/Pet" }, b: { $ref: "other.yaml#/Pet" } },
    });
    expect(problemsOf(document)).toEqual([
      expect.stringMatching(
        /^pets\.json GET \/x 200\.a: refers to https:\/\/evil\.example\.com\/pets\.json#\/Pet, outside this document/,
      ),
      expect.stringMatching(/^pets\.json GET \/x 200\.b: refers to other\.yaml#\/Pet, outside this document/),
    ]);
  });

  it("names references to nothing and references that go round", () => {
    const document = one(
      { type: "object", properties: { a: { $ref: "#/components/schemas/No" }, b: { $ref: "#/components/schemas/A" } } },
      { A: { $ref: "#/components/schemas/B" }, B: { $ref: "#/components/schemas/A" } },
    );
    expect(problemsOf(document)).toEqual([
      "pets.json GET /x 200.a: refers to #/components/schemas/No, which does not exist",
      "pets.json GET /x 200.b: refers to #/components/schemas/A, which only refers to itself",
    ]);
  });

  it("takes types that contain themselves, and names those that are part of themselves", () => {
    expect(problemsOf(petShop())).toEqual([]);
    const document = one(
      { $ref: "#/components/schemas/A" },
      { A: { allOf: [{ $ref: "#/components/schemas/B" }] }, B: { oneOf: [{ $ref: "#/components/schemas/A" }] } },
    );
    expect(problemsOf(document)).toEqual([expect.stringMatching(/^pets\.json schema A: is composed of itself/)]);
  });

  it("names path parameters that are not declared, or not in the path", () => {
    const paths = {
      "/pets/{id}/toys/{toy}": {
        get: {
          parameters: [
            { name: "id", in: "path" },
            { name: "key", in: "path" },
          ],
          responses: answer({ type: "string" }),
        },
      },
    };
    expect(problemsOf(petShop({ paths }), ["GET /pets/{id}/toys/{toy}"])).toEqual([
      expect.stringContaining("does not declare its path parameter toy"),
      expect.stringContaining("declares a path parameter key that its path does not have"),
    ]);
  });

  it("ignores operationIds, so that their being used twice does no harm (FAC-06)", () => {
    const paths = { "/toys": { get: { operationId: "list", responses: answer({ type: "string" }) } } };
    const { problems, notes, document } = take(petShop({ paths }), ["GET /pets", "GET /toys"]);
    expect(problems).toEqual([]);
    expect(notes.get("operationIds that were used twice")).toBe(1);
    expect(Object.keys(document.paths)).toEqual(["/pets", "/toys"]);
  });

  it("names operations that are not there, have no success, answer nothing, or are the same route", () => {
    const paths = {
      "/only-errors": { get: { responses: { 404: { description: "no" } } } },
      "/empty": { get: { responses: answer({ type: "object" }) } },
      "/silent": { get: { responses: { 200: { description: "ok" } } } },
      "/twin/{a}": { get: { parameters: [{ name: "a", in: "path" }], responses: answer({ type: "string" }) } },
      "/twin/{b}": { get: { parameters: [{ name: "b", in: "path" }], responses: answer({ type: "string" }) } },
    };
    const operations = ["GET /nowhere", ...Object.keys(paths).map((path) => `GET ${path}`)];
    expect(problemsOf(petShop({ paths }), operations)).toEqual([
      "pets.json: has no operation GET /nowhere",
      expect.stringMatching(/GET \/empty: answers a type without fields/),
      expect.stringMatching(/GET \/only-errors: has no 2xx answer/),
      expect.stringMatching(/GET \/silent: is a read without an answer/),
      expect.stringMatching(/GET \/twin\/\{b\}: is the same route as GET \/twin\/\{a\}/),
    ]);
  });

  it("does not mind what is wrong with operations that nobody maps", () => {
    const paths = { "/broken": { get: { responses: answer({ $ref: "https://elsewhere.example.com/x" }) } } };
    expect(problemsOf(petShop({ paths }), ["GET /pets"])).toEqual([]);
  });

  it("stops at schemas that are nested without end", () => {
    let schema: JsonObject = { type: "string" };
    for (let depth = 0; depth < 5000; depth++) schema = { type: "array", items: schema };
    expect(problemsOf(one(schema))).toEqual([expect.stringContaining("nested more than 100 deep")]);
  });
});
