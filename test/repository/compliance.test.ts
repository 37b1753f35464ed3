import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync("docs/compliance.md", "utf8");
const controls = [...page.matchAll(/^\| (C\d+) [^|]+\|[^|]+\|([^|]+)\|$/gm)].map(([, id, proof]) => ({
  id,
  proof: proof!,
}));
const rows = (heading: string) =>
  (page.split(`\n## ${heading}`)[1] ?? "").split("\n## ")[0]!.split("\n").filter((line) => /^\| (?!---|article|standard|criterion)/.test(line)); // biome-ignore format: one thought

describe("the map of controls", () => {
  it("names for each control tests that exist (CMP-01)", () => {
    expect(controls.length).toBeGreaterThan(15);
    for (const { id, proof } of controls) {
      const tests = [...proof.matchAll(/`(test\/[\w./-]+)` "([^"]+)"/g)];
      expect([id, tests.length > 0]).toEqual([id, true]);
      for (const [, file, title] of tests) {
        expect([id, file, existsSync(file!)]).toEqual([id, file, true]);
        const named = readFileSync(file!, "utf8").split(/\bit(?:\.\w+)?\(/).slice(1).some((one) => one.slice(0, 400).includes(title!)); // biome-ignore format: one thought
        expect([id, file, title, named]).toEqual([id, file, title, true]);
      }
    }
  });

  it("covers GDPR 30 and 32, the HIPAA technical safeguards and the SOC 2 criteria, with controls that exist (CMP-01)", () => {
    const known = new Set(controls.map(({ id }) => id));
    for (const [heading, atLeast] of [
      ["GDPR", 8],
      ["HIPAA", 7],
      ["SOC 2", 9],
    ] as const) {
      const lines = rows(heading);
      expect([heading, lines.length >= atLeast]).toEqual([heading, true]);
      for (const line of lines) {
        const named =
          line
            .split("|")
            .at(-2)!
            .match(/\bC\d+\b/g) ?? [];
        expect([line, named.filter((id) => !known.has(id))]).toEqual([line, []]);
      }
    }
    const used = new Set(page.split("\n## GDPR")[1]!.match(/\bC\d+\b/g));
    expect([...known].filter((id) => !used.has(id!))).toEqual([]);
  });
});
