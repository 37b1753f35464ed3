import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { distil } from "../../generator/intake/distil.ts";
import { takeIn } from "../../generator/intake/intake.ts";
import { mappedOperations, namedIn } from "../../generator/intake/mapped.ts";
import type { JsonObject } from "../../generator/model/json.ts";
import { objectOf } from "../../generator/model/json.ts";
import { operationsIn, type Schema } from "../../generator/model/openapi.ts";
import { parseOverlay, parseSpec, readSpec } from "../../generator/read/spec.ts";

const original = "../shared/vendor-specs/halopsa/halo-api-v2.swagger.2025-03-27.json.gz";
const name = "halo.json";
const vendors = readFileSync("vendors.yaml", "utf8");
const operations = mappedOperations(vendors, "halopsa")!;

describe.runIf(existsSync(original))("the published description of Halo: 1,331 operations, none with an answer", () => {
  let document: JsonObject;
  beforeAll(() => {
    document = parseSpec(readFileSync(original), name).document!;
  });

  it("is read whole: 2,190 odd types are mended and parameters given twice are merged (FAC-04)", {
    timeout: 60_000,
  }, () => {
    const { document: facts, problems, notes } = distil(document, { name });
    expect(problems).toEqual([]);
    expect([...operationsIn(facts)]).toHaveLength(1331);
    const mended = [...notes].filter(([text]) => text.startsWith("types mended"));
    expect(mended.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(2000);
    expect(notes.get("parameters given twice and merged")).toBeGreaterThan(10);
    const types = new Set<unknown>();
    for (const [, { parameters = [] }] of operationsIn(facts))
      for (const { schema } of parameters) collect(schema, types);
    for (const schema of Object.values(facts.components.schemas)) collect(schema, types);
    expect([...types].sort()).toEqual(["array", "boolean", "integer", "number", "object", "string"]);
  });

  it("is refused without our overlay, each read in use by name, because no answer is described (FAC-12)", () => {
    const { problems } = takeIn({ name, document, operations });
    const reads = operations.filter((each) => each.startsWith("GET "));
    expect(problems.map(({ where }) => where).sort()).toEqual(reads.map((each) => `${name} ${each}`).sort());
    expect(problems.every(({ message, hint }) => message === "is a read without an answer" && hint)).toBe(true);
  });

  it("says so when the vendor describes what an action of the overlay adds or removes (FAC-04)", () => {
    const overlay = {
      name: "overlay",
      document: parseOverlay(readFileSync("specs/halopsa.overlay.yaml"), "overlay").document!,
    };
    const gone = structuredClone(document) as { paths: Record<string, unknown> };
    delete gone.paths["/Status"];
    const names = namedIn(vendors, "halopsa")!;
    const { problems } = takeIn({ name, document: gone as unknown as JsonObject, overlay, operations, names });
    expect(problems.map(({ message }) => message)).toEqual([
      "$.paths['/Status'].get.responses['200'] matches nothing",
      "has no operation GET /Status",
    ]);
  });

  it("leaves none of its sentences in the extract", () => {
    const sentences = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        if (typeof child === "string" && /^(description|summary)$/.test(key) && /\s\S+\s/.test(child))
          sentences.add(child);
        walk(child);
      }
    };
    walk(document);
    const text = readFileSync("specs/halopsa.json", "utf8");
    expect(sentences.size).toBeGreaterThan(500);
    expect([...sentences].filter((sentence) => text.includes(JSON.stringify(sentence).slice(1, -1)))).toEqual([]);
  });
});

describe("the extract of Halo", () => {
  const { document, problems } = readSpec("specs/halopsa.json");

  it("keeps of schemas of up to 890 fields those that the tools name, and all operations in use (FAC-04)", () => {
    expect(problems).toEqual([]);
    expect([...operationsIn(document!)].map(([title]) => title).sort()).toEqual(operations);
    for (const [schema, { properties = {} }] of Object.entries(document!.components.schemas))
      expect([schema, Object.keys(properties).length < 60]).toEqual([schema, true]);
  });

  it("holds no field that is a secret", () => {
    expect(readFileSync("specs/halopsa.json", "utf8")).not.toMatch(/"[^"]*(password|secret|apikey|token)[^"]*":/i);
  });

  it("comes with a reason for every correction", () => {
    const overlay = objectOf(parseAllDocuments(readFileSync("specs/halopsa.overlay.yaml", "utf8"))[0]!.toJS());
    const actions = overlay.actions as { description?: string }[];
    expect(actions.length).toBeGreaterThan(25);
    for (const { description } of actions) expect(description).toMatch(/\S/);
  });
});

function collect(schema: Schema, types: Set<unknown>): void {
  if (schema.type !== undefined) types.add(schema.type);
  for (const each of Object.values(schema.properties ?? {})) collect(each, types);
  if (schema.items) collect(schema.items, types);
}
