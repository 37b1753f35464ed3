import { describe, expect, it } from "vitest";
import { takeIn } from "../../generator/intake/intake.ts";
import { namedIn } from "../../generator/intake/mapped.ts";
import { answer, petShop } from "./fixtures.ts";

const vendors = `
vendor: pets
operations:
  listPets: { do: GET /pets, items: pets, always: { paged: true }, params: { kind: filter.kind }, about: Only prose speaks of chips. }
tools:
  list_pets:
    description: Prose speaks of colours.
    input: { who: { type: string, about: The keeper. } }
    steps: { pets: { list: listPets, with: { search: $who }, keep: { owner.city: Rome } } }
    output:
      pets[]:
        id: id
        called: name
        visits[]: { at: date }
labels: { breed: { from: listPets, id: breedId, label: breedName } }
`;

describe("keeping what is named (FAC-04)", () => {
  it("reads names from operations, steps, labels and outputs, not from prose or from our own names of outputs", () => {
    const names = namedIn(vendors, "pets");
    for (const name of [
      "pets",
      "paged",
      "search",
      "owner",
      "city",
      "id",
      "name",
      "visits",
      "date",
      "breedId",
      "breedName",
      "filter.kind",
    ])
      expect(names).toContain(name);
    for (const name of ["chips", "colours", "keeper", "called", "at"]) expect(names).not.toContain(name);
    expect(namedIn(vendors, "birds")).toBe(undefined);
  });

  const wide = (extra: object = {}) =>
    petShop({
      paths: {
        "/wide": {
          get: {
            parameters: [
              { name: "search", in: "query", schema: { type: "string" } },
              { name: "colour", in: "query", schema: { type: "string" } },
              { name: "must", in: "query", required: true, schema: { type: "string" } },
            ],
            responses: answer({
              type: "object",
              required: ["certain"],
              properties: {
                id: { type: "integer" },
                certain: { type: "boolean" },
                chip: { type: "string" },
                vet: { $ref: "#/components/schemas/Vet" },
                pets: {
                  type: "array",
                  items: { type: "object", properties: { name: { type: "string" }, chip: { type: "string" } } },
                },
              },
            }),
          },
        },
      },
      schemas: { Vet: { type: "object", properties: { name: { type: "string" } } } },
      ...extra,
    });
  const overlay = (keep: object) => ({ name: "overlay", document: { overlay: "1.0.0", ...keep } });
  const take = (keep: object) =>
    takeIn({
      name: "pets",
      document: wide(),
      overlay: overlay(keep) as never,
      operations: ["GET /wide"],
      names: namedIn(vendors, "pets")!,
    });

  it("drops other fields and parameters, counts them, and keeps what is required", () => {
    const { document, problems, notes } = take({ "x-keep": "named" });
    expect(problems).toEqual([]);
    const { get } = document.paths["/wide"]!;
    expect(get!.parameters!.map(({ name }) => name)).toEqual(["must", "search"]);
    const schema = get!.responses["200"]!.content!["application/json"]!.schema;
    expect(Object.keys(schema.properties!)).toEqual(["certain", "id", "pets"]);
    expect(Object.keys(schema.properties!.pets!.items!.properties!)).toEqual(["name"]);
    expect(document.components.schemas).toEqual({});
    expect(notes.get("fields that no tool names, dropped")).toBe(3);
    expect(notes.get("parameters that no tool names, dropped")).toBe(1);
  });

  it("leaves documents alone whose overlay does not ask for it", () => {
    const { document } = take({});
    expect(document.paths["/wide"]!.get!.parameters).toHaveLength(3);
  });
});
