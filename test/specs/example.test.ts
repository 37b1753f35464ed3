import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distil } from "../../generator/intake/distil.ts";
import { schemaOfExample } from "../../generator/intake/example.ts";
import type { Json, JsonObject } from "../../generator/model/json.ts";

const described = (media: JsonObject, status = "200") =>
  distil(
    {
      openapi: "3.0.0",
      paths: {
        "/x": { get: { responses: { [status]: { description: "", content: { "application/json": media } } } } },
      },
    },
    { name: "pets.json" },
  );
const schemaIn = (media: JsonObject, status = "200") =>
  described(media, status).document.paths["/x"]?.get?.responses[status]?.content?.["application/json"]?.schema;

describe("types read from examples (FAC-04)", () => {
  it("has optional fields only, and leaves the type of null and of empty lists open", () => {
    const example = { pet: { id: 1, name: "Rex", weight: 3.5, vet: null, tags: [], extra: {}, tame: true } };
    expect(schemaIn({ example })).toEqual({
      type: "object",
      properties: {
        pet: {
          type: "object",
          properties: {
            extra: { type: "object", additionalProperties: true },
            id: { type: "integer" },
            name: { type: "string" },
            tags: { type: "array", items: {} },
            tame: { type: "boolean" },
            vet: {},
            weight: { type: "number" },
          },
        },
      },
    });
  });

  it("takes the elements of a list together", () => {
    expect(schemaOfExample([{ id: 1 }, { id: 2.5, name: null }, { name: "Rex", id: 3 }])).toEqual({
      type: "array",
      items: { type: "object", properties: { id: { type: "number" }, name: { type: "string" } } },
    });
    expect(schemaOfExample([[1, "Rex"]])).toEqual({ type: "array", items: { type: "array", items: {} } });
  });

  it("reads the first of several examples, and none where a schema says it", () => {
    expect(schemaIn({ examples: { one: { value: [true] } } })).toEqual({ type: "array", items: { type: "boolean" } });
    expect(schemaIn({ schema: { type: "string" }, example: 7 })).toEqual({ type: "string" });
    const { paths } = described({ example: { error: "No." } }, "422").document;
    expect(paths["/x"]?.get?.responses.default?.content?.["application/json"]?.schema).toEqual({});
    expect(described({ example: { id: 1 } }).notes.get("answers described by an example alone")).toBe(1);
  });

  it("drops what is said about the body of a 204, which has none", () => {
    const { document, notes } = described({ schema: { type: "object" } }, "204");
    expect(document.paths["/x"]?.get?.responses["204"]).toEqual({ description: "No Content" });
    expect(notes.get("bodies of 204 dropped")).toBe(1);
  });

  it("describes any JSON without keeping any of its values", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const schema = JSON.stringify(schemaOfExample(["vendor's words", value] as Json));
        expect(schema).not.toContain("vendor's words");
      }),
    );
  });
});
