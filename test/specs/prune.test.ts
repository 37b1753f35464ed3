import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distil } from "../../generator/intake/distil.ts";
import { prune } from "../../generator/intake/prune.ts";
import type { JsonObject } from "../../generator/model/json.ts";
import { answer, petShop } from "./fixtures.ts";

const facts = (document: JsonObject) => distil(document, { name: "pets" }).document;
const get = (schema: JsonObject, schemas: JsonObject) =>
  facts({ openapi: "3.1.0", paths: { "/x": { get: { responses: answer(schema) } } }, components: { schemas } });

describe("pruning (FAC-04)", () => {
  it("keeps the named operations and what they reach", () => {
    const pruned = prune(
      facts(petShop({ paths: { "/other": { get: { responses: answer({ $ref: "#/components/schemas/Unused" }) } } } })),
      { operations: ["GET /pets/{id}"] },
    );
    expect(Object.keys(pruned.paths)).toEqual(["/pets/{id}"]);
    expect(Object.keys(pruned.components.schemas)).toEqual(["Owner", "Pet"]);
  });

  it("keeps of answers only the fields in use, through arrays and shared types", () => {
    const pruned = prune(facts(petShop()), {
      operations: ["GET /pets"],
      fields: { "GET /pets": ["name", "owner.name"] },
    });
    expect(pruned.components.schemas).toEqual({
      Owner: { type: "object", properties: { name: { type: "string" } } },
      Pet: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, owner: { $ref: "#/components/schemas/Owner" } },
      },
    });
  });

  it("leaves parts of which nothing is used open, so that they do not deny the rest", () => {
    const part = (name: string) => ({ type: "object", properties: { [name]: { type: "string" } } });
    const whole = { allOf: [{ $ref: "#/components/schemas/Base" }, { $ref: "#/components/schemas/More" }, part("c")] };
    const pruned = prune(
      get({ $ref: "#/components/schemas/Whole" }, { Base: part("a"), More: part("b"), Whole: whole }),
      {
        operations: ["GET /x"],
        fields: { "GET /x": ["a"] },
      },
    );
    const open = { type: "object", additionalProperties: true };
    expect(pruned.components.schemas).toEqual({
      Base: part("a"),
      More: open,
      Whole: { allOf: [{ $ref: "#/components/schemas/Base" }, { $ref: "#/components/schemas/More" }, open] },
    });
  });

  it("keeps all of a field that is named without its parts, and all that a body sends", () => {
    const fields = { "GET /pets": ["owner"], "GET /pets/{id}": ["age"] };
    const pruned = prune(facts(petShop()), { operations: ["GET /pets", "GET /pets/{id}"], fields });
    expect(Object.keys(pruned.components.schemas.Pet?.properties ?? {})).toEqual(["age", "name", "owner"]);
    const sent = prune(facts(petShop()), {
      operations: ["GET /pets/{id}", "POST /pets"],
      fields: { "GET /pets/{id}": ["age"] },
    });
    expect(Object.keys(sent.components.schemas.Pet?.properties ?? {})).toEqual(["age", "name", "owner"]);
  });

  it("unites what several operations use of one type", () => {
    const fields = { "GET /pets": ["name"], "GET /pets/{id}": ["age"] };
    const pruned = prune(facts(petShop()), { operations: Object.keys(fields), fields });
    expect(Object.keys(pruned.components.schemas.Pet?.properties ?? {})).toEqual(["age", "name"]);
    expect(Object.keys(pruned.components.schemas)).toEqual(["Pet"]);
  });

  it("sees through unions and maps, and keeps discriminators with what they map to", () => {
    const schemas = {
      Dog: {
        type: "object",
        properties: { kind: { type: "string" }, woof: { type: "string" }, fur: { type: "string" } },
      },
      Cat: { type: "object", properties: { kind: { type: "string" }, meow: { type: "string" } } },
    };
    const union = {
      oneOf: [{ $ref: "#/components/schemas/Dog" }, { $ref: "#/components/schemas/Cat" }],
      discriminator: { propertyName: "kind", mapping: { d: "Dog", c: "Cat" } },
    };
    const pruned = prune(
      get(
        {
          type: "object",
          properties: {
            pet: union,
            rest: { type: "string" },
            byName: { type: "object", additionalProperties: { $ref: "#/components/schemas/Dog" } },
          },
        },
        schemas,
      ),
      {
        fields: { "GET /x": ["pet.woof", "pet.meow", "byName.rex.fur"] },
      },
    );
    expect(Object.keys(pruned.components.schemas.Dog?.properties ?? {})).toEqual(["fur", "woof"]);
    expect(Object.keys(pruned.components.schemas.Cat?.properties ?? {})).toEqual(["meow"]);
    expect(JSON.stringify(pruned.paths)).not.toContain("rest");
  });

  it("ends on types that contain themselves, however deep the fields go", () => {
    const schemas = {
      Node: {
        type: "object",
        properties: {
          next: { $ref: "#/components/schemas/Node" },
          value: { type: "string" },
          junk: { type: "string" },
        },
      },
    };
    const pruned = prune(get({ $ref: "#/components/schemas/Node" }, schemas), {
      fields: { "GET /x": ["next.next.next.value"] },
    });
    expect(Object.keys(pruned.components.schemas.Node?.properties ?? {})).toEqual(["next", "value"]);
  });

  it("leaves a document without dangling references, whatever is selected", () => {
    const names = ["A", "B", "C", "D"];
    const property = fc.oneof(
      fc.constant({ type: "string" }),
      fc.constantFrom(...names).map((name) => ({ $ref: `#/components/schemas/${name}` })),
    );
    const schema = fc
      .dictionary(fc.constantFrom("a", "b", "c"), property)
      .map((properties) => ({ type: "object", properties }));
    fc.assert(
      fc.property(
        fc.tuple(schema, schema, schema, schema),
        fc.array(
          fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }).map((path) => path.join(".")),
        ),
        (list, fields) => {
          const schemas = Object.fromEntries(list.map((each, index) => [names[index] as string, each]));
          const pruned = prune(get({ $ref: "#/components/schemas/A" }, schemas as JsonObject), {
            fields: { "GET /x": fields },
          });
          const referred = JSON.stringify(pruned).matchAll(/"#\/components\/schemas\/(\w+)"/g);
          for (const [, name] of referred) expect(pruned.components.schemas).toHaveProperty(name as string);
          expect(prune(pruned, { fields: { "GET /x": fields } })).toEqual(pruned);
        },
      ),
    );
  });
});
