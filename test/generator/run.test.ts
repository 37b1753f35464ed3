import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cases, casesFolder, runCase } from "./run-case.ts";

describe("a run of the factory", () => {
  it("gives the same bytes again, without dates or places on a disk (FAC-11)", async () => {
    const [first, second] = [await runCase("reads"), await runCase("reads")];
    expect([...first.files]).toEqual([...second.files]);
    for (const [path, text] of first.files) {
      expect(text, path).not.toContain(casesFolder);
      expect(text, path).not.toMatch(/\b20\d\d-\d\d-\d\d\b/);
    }
  });

  it("collects all problems at once, each with file, line and column (FAC-05, FAC-12)", async () => {
    const { problems, files } = await runCase("unknown-names");
    expect(problems.length).toBeGreaterThan(20);
    expect(files.size).toBe(0);
    for (const { where } of problems) expect(where).toMatch(/^vendors\.yaml:\d+:\d+ \S/);
  });

  it("names operations by METHOD and path, never by operationId (FAC-06)", async () => {
    const { files } = await runCase("reads");
    expect(files.get("generated/acme-rmm/client.ts")).toContain('http.GET("/devices/{deviceUid}"');
    expect([...files.values()].join("")).not.toContain("operationId");
  });

  it("prints one set of credential fields everywhere (FAC-18)", async () => {
    const { files } = await runCase("json-api");
    for (const path of ["generated/notes/credentials.ts", "generated/docs/notes.md"]) {
      const text = files.get(path)!;
      for (const part of [
        "Region",
        "API key",
        "Account",
        "Shown once.",
        "https://example.com/keys",
        "Reading is enough.",
      ])
        expect(text, path).toContain(part);
    }
  });

  it("lets a tool make several calls and answer chosen fields only (FAC-09)", async () => {
    const { files } = await runCase("reads");
    const tool = files.get("generated/acme-rmm/tools/device-health.ts")!;
    expect(tool.match(/acmeRmm\.\w+\(/g)).toHaveLength(3);
    expect(tool).not.toContain("adminPassword");
    expect(files.get("generated/acme-rmm/types.ts")).not.toContain("adminPassword");
  });

  it("knows a vendor by data alone: what goes into a golden case holds no code (FAC-10)", () => {
    expect(cases.length).toBeGreaterThanOrEqual(12);
    const given = globSync("*/**/*.*", { cwd: casesFolder }).filter((path) => path.split("/")[1] !== "generated");
    expect(given.length).toBeGreaterThanOrEqual(cases.length);
    expect(given.filter((path) => !/\.(yaml|json|graphql|txt|md)$/.test(path))).toEqual([]);
  });
});
