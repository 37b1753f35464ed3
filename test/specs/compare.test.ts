import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../generator/model/json.ts";
import { answer, petShop } from "./fixtures.ts";

const VENDORS = `vendor: pets
prefix: pets
title: Pets
spec: specs/pets.json
baseUrl: https://pets.example.com
credentials: { key: { title: Key, secret: true }, help: "https://pets.example.com/keys" }
auth: { scheme: headers, headers: { x-key: "{key}" } }
verify: GET /pets
customer: { none: This is a test. }
operations:
  listPets: { do: GET /pets, items: . }
  getPet: "GET /pets/{id}"
  addPet: POST /pets
tools:
  list_pets:
    title: List pets
    description: Pets of the shop.
    input: { name: { from: listPets.name, about: Name. } }
    steps: { pets: { list: listPets, with: { name: $name } } }
    output: { "pets[]": { name: name, owner: owner.name } }
  get_pet:
    title: Get pet
    description: One pet.
    input: { petId: { from: getPet.id, about: From pets_list_pets. } }
    steps: { pet: { get: getPet, with: { id: $petId } } }
    output: { pet: { name: name, age: age } }
  add_pet:
    title: Add pet
    description: Adds a pet.
    access: write
    input: { name: { from: addPet.name, about: Name. } }
    steps: { pet: { send: addPet, with: { name: $name } } }
    output: { added: true }
`;

const root = mkdtempSync(join(tmpdir(), "compare-"));
const spec = (...args: string[]) => {
  const script = join(import.meta.dirname, "..", "..", "scripts", "spec.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "pets", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};
const compare = (document: JsonObject) => {
  writeFileSync(join(root, "new.json"), JSON.stringify(document));
  return spec("--from", "new.json", "--compare");
};
const version8 = { info: { title: "Pet shop", version: "8" } };
const Pet = (properties: JsonObject, required = ["name"]) => ({ Pet: { type: "object", required, properties } });
const text = { type: "string" };
const owner = { $ref: "#/components/schemas/Owner" };

beforeAll(() => {
  writeFileSync(join(root, "vendors.yaml"), VENDORS);
  writeFileSync(join(root, "old.json"), JSON.stringify(petShop()));
  expect(spec("--from", "old.json")).toMatchObject({ status: 0, stderr: "" });
});

describe("a newer description against the pinned one (FAC-15)", () => {
  it("leaves tools alone when it says no less", () => {
    const before = readdirSync(join(root, "specs"));
    const { status, stdout } = compare(
      petShop({ root: version8, schemas: Pet({ name: text, age: { type: "integer" }, owner, colour: text }) }),
    );
    expect(stdout).toBe("From 7 to 8: of 3 tools 0 break, 0 change, 3 stay as they are.\n");
    expect(status).toBe(0);
    expect(readdirSync(join(root, "specs"))).toEqual(before);
  });

  it("names the tools whose route is gone", () => {
    const { "/pets/{id}": _, ...paths } = petShop().paths as JsonObject;
    const { status, stdout } = compare({ ...petShop({ root: version8 }), paths });
    expect(stdout).toMatch(
      /^BREAKS {2}pets_get_pet\n {2}breaks {2}GET \/pets\/\{id\}: has no operation GET \/pets\/\{id\}\n/,
    );
    expect(stdout).toContain("of 3 tools 1 break, 0 change, 2 stay as they are.");
    expect(status).toBe(1);
  });

  it("names the tools that read a field which is gone, or is of another type", () => {
    const { stdout } = compare(petShop({ root: version8, schemas: Pet({ name: text, age: text, owner: text }) }));
    expect(stdout).toMatch(/BREAKS {2}pets_get_pet\n {2}breaks {2}output\.pet\.age: type was number, is string/);
    expect(stdout).toMatch(/BREAKS {2}pets_list_pets\n {2}breaks {2}"name" is not a field/);
    expect(stdout).not.toContain("pets_add_pet");
  });

  it("names the tools that do not send what is required now", () => {
    const { stdout } = compare(
      petShop({ root: version8, schemas: Pet({ name: text, age: { type: "integer" }, owner }, ["name", "age"]) }),
    );
    expect(stdout).toMatch(/BREAKS {2}pets_add_pet\n {2}breaks {2}addPet needs age in with/);
    expect(stdout).toContain("1 break");
  });

  it("names the tools that take less than before", () => {
    const path = (petShop().paths as JsonObject)["/pets"] as JsonObject;
    const get = {
      parameters: [{ name: "name", in: "query", schema: { ...text, enum: ["Rex", "Tom"] } }],
      responses: answer({ type: "array", items: { $ref: "#/components/schemas/Pet" } }),
    };
    const { status, stdout } = compare(petShop({ root: version8, paths: { "/pets": { ...path, get } } }));
    expect(stdout).toMatch(/BREAKS {2}pets_list_pets\n {2}breaks {2}input\.name: takes only Rex, Tom now/);
    expect(status).toBe(1);
  });

  it("says so when there is nothing to compare with", () => {
    const script = join(import.meta.dirname, "..", "..", "scripts", "spec.ts");
    const { status, stderr } = spawnSync(process.execPath, [script, "cats", "--from", "old.json", "--compare"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("vendors.yaml: has no vendor cats to compare with");
  });
});
