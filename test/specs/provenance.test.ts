import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { takeIn } from "../../generator/intake/intake.ts";
import { lint } from "../../generator/intake/lint.ts";
import { mappedOperations } from "../../generator/intake/mapped.ts";
import { extractText, intakeReport, sizeOfOriginal } from "../../generator/intake/report.ts";
import type { Source } from "../../generator/intake/sources.ts";
import { objectOf } from "../../generator/model/json.ts";
import { operationsIn } from "../../generator/model/openapi.ts";
import { parseOverlay, parseSpec, readSpec } from "../../generator/read/spec.ts";

const read = (file: string) => readFileSync(file, "utf8");
const sources = parse(read("specs/sources.yaml")) as Record<string, Source>;
const vendorsYaml = read("vendors.yaml");

/** Copies of the vendors' own documents, which are not ours to publish; the tests about them run where they are. */
const originals = ["../shared/vendor-specs", process.env.VENDOR_SPECS ?? ""].find(
  (folder) => folder && existsSync(folder),
);
const original = (file: string) => readFileSync(`${originals}/${file}`);

describe("specs/ (FAC-03)", () => {
  it("records address, date, version and sha256 of each description", () => {
    const shipped = parseAllDocuments(vendorsYaml).flatMap((document) => document.get("vendor") ?? []);
    expect(Object.keys(sources).sort()).toEqual(shipped.sort());
    for (const source of Object.values(sources)) {
      expect(source).toMatchObject({
        address: expect.stringMatching(/^https:\/\//),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        version: expect.any(String),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    }
  });

  it.each(["specs/datto-rmm.json", "specs/itglue.yaml"])("%s is whole: every operation can become a tool", (file) => {
    const { document, problems } = readSpec(file);
    expect([...problems, ...lint(document!, file)]).toEqual([]);
  });

  it.each(["specs/datto-rmm.json", "specs/itglue.yaml"])("%s is valid OpenAPI to another reader", async (file) => {
    const rules = { struct: "error", "no-unresolved-refs": "error", "path-params-defined": "error" } as const;
    const config = await createConfig({ rules });
    expect(await lintFromString({ source: read(file), absoluteRef: resolve(file), config })).toEqual([]);
  });

  it.each(["datto-rmm.json", "itglue.yaml"])("%s has every operation that vendors.yaml names (FAC-06)", (file) => {
    const vendor = file.slice(0, file.indexOf("."));
    const titles = [...operationsIn(readSpec(`specs/${file}`).document!)].map(([title]) => title);
    expect(titles).toEqual(expect.arrayContaining(mappedOperations(vendorsYaml, vendor) ?? []));
  });

  it("marks the routes of our own description that no reference page confirms", () => {
    const unverified = [...operationsIn(readSpec("specs/itglue.yaml").document!)].flatMap(([title, operation]) =>
      operation["x-unverified"] ? [title] : [],
    );
    expect(unverified).toEqual([
      "POST /documents",
      "GET /documents/{id}",
      "PATCH /documents/{id}/publish",
      "GET /documents/{id}/relationships/sections",
      "POST /documents/{id}/relationships/sections",
      "GET /organizations/{organization_id}/relationships/documents",
    ]);
  });
});

describe.runIf(originals)("with the vendors' originals at hand", () => {
  const file = "datto-rmm/datto-rmm-openapi.build235.json";
  const intake = (name: string, operations = mappedOperations(vendorsYaml, "datto-rmm")) => {
    const { document } = parseSpec(original(name), name);
    const overlay = {
      name: "datto-rmm.overlay.yaml",
      document: parseOverlay(readFileSync("specs/datto-rmm.overlay.yaml"), "overlay").document!,
    };
    return {
      document: document!,
      result: takeIn({ name, document: document!, overlay, ...(operations && { operations }) }),
    };
  };

  it("a fresh intake gives the committed extract and report, byte for byte (FAC-03) (FAC-04)", () => {
    const bytes = original(file);
    const { document, result } = intake(file);
    expect(result.problems).toEqual([]);
    expect(extractText(result.document)).toBe(read("specs/datto-rmm.json"));
    const { version } = result.document.info;
    expect(intakeReport("datto-rmm", version, sizeOfOriginal(document, bytes.length), result)).toBe(
      read("specs/datto-rmm.report.md"),
    );
    expect(sources["datto-rmm"]).toMatchObject({ version, sha256: createHash("sha256").update(bytes).digest("hex") });
    expect(sources["itglue"]?.sha256).toBe(
      createHash("sha256").update(original("itglue/itglue-operations.facts.json")).digest("hex"),
    );
  });

  it("none of the vendor's sentences is in the extract", () => {
    const { document } = parseSpec(original(file), file);
    const sentences = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        if (typeof child === "string" && /^(description|summary|title|externalValue)$/.test(key) && /\s/.test(child))
          sentences.add(child.trim());
        collect(child);
      }
    };
    collect(document);
    sentences.delete(String(objectOf(document?.info).title));
    const text = read("specs/datto-rmm.json");
    expect(sentences.size).toBeGreaterThan(100);
    expect([...sentences].filter((sentence) => text.includes(JSON.stringify(sentence).slice(1, -1)))).toEqual([]);
  });

  it("all 65 operations of the original can be taken in, not only those in use", () => {
    const { result } = intake(file, undefined as never);
    const all = takeIn({ name: file, document: parseSpec(original(file), file).document! });
    expect(result.problems).toEqual([]);
    expect([...operationsIn(all.document)]).toHaveLength(65);
    expect(all.problems).toEqual([]);
  });

  it("an older document that describes successes as errors is refused, each mapped operation by name (FAC-12)", () => {
    const old = "datto-rmm/datto-rmm-openapi.build118.json";
    const { document } = parseSpec(original(old), old);
    const withoutSuccess = Object.entries(
      document?.paths as Record<string, Record<string, { responses: object }>>,
    ).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { responses }]) =>
        Object.keys(responses).some((status) => status.startsWith("2")) ? [] : [`${method.toUpperCase()} ${path}`],
      ),
    );
    expect(withoutSuccess).toHaveLength(50);
    const mapped = (mappedOperations(vendorsYaml, "datto-rmm") ?? []).filter((each) => withoutSuccess.includes(each));
    const { problems } = takeIn({ name: old, document: document!, operations: mapped });
    expect(problems.map(({ where }) => where).sort()).toEqual(mapped.map((each) => `${old} ${each}`).sort());
    expect(problems.every(({ message, hint }) => message === "has no 2xx answer" && hint)).toBe(true);

    const repair = {
      "x-repairs": [{ repair: "errorIsSuccess", description: "Successes are described under 401." }],
      overlay: "1.0.0",
    };
    const repaired = takeIn({
      name: old,
      document: document!,
      operations: mapped,
      overlay: { name: "overlay", document: repair },
    });
    expect(repaired.problems.filter(({ message }) => message === "has no 2xx answer").length).toBeLessThan(
      mapped.length / 4,
    );
  });

  it.each([
    ["autotask/autotask-swagger.json.gz", 3009],
    ["atera/atera-swagger-v3.json", 138],
    ["halopsa/halo-api-v2.swagger.2025-03-27.json.gz", 1331],
    ["syncro/syncro-swagger.json", 170],
    ["connectwise-automate/automate-api-v1.merged.openapi.json.gz", 237],
  ])("%s is taken in or refused by named problems, never by an error", (name, operations) => {
    const { document, problems } = parseSpec(original(name), name);
    expect(problems).toEqual([]);
    const result = takeIn({ name, document: document! });
    expect([...operationsIn(result.document)]).toHaveLength(operations);
    for (const problem of result.problems) expect(problem.where).toMatch(/ (GET|POST|PUT|PATCH|DELETE) \/| schema /);
  });
});
