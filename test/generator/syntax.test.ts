import { describe, expect, it } from "vitest";
import { readVendors } from "../../generator/read/vendors.ts";

const said = (text: string) => readVendors(text, "v.yaml").problems.map(({ where, message }) => `${where} ${message}`);

describe("YAML that cannot be parsed", () => {
  it("names the line that stands wrong, and nothing that follows from it", () => {
    expect(said("tools:\n  a:\n   title: One\n    description: Two\n    input: {}\n  b: {}\n")).toEqual([
      "v.yaml:3:11 does not line up, or a text with a colon in it",
    ]);
  });

  it("names the tabs, wherever the parser stumbled first", () => {
    expect(said("tools:\n  a:\n\ttitle: One\n    description: Two\n")).toEqual(["v.yaml:3:1 a tab in the indentation"]);
  });

  it("asks for quotes around a text with a colon", () => {
    const [problem] = readVendors("title: One: two\n", "v.yaml").problems;
    expect(problem?.hint).toContain("between quotes");
  });

  it("names every key that is there twice", () => {
    expect(said("title: a\ntitle: b\nspec: c\nspec: d\n")).toEqual([
      "v.yaml:2:1 this key is there twice",
      "v.yaml:4:1 this key is there twice",
    ]);
  });

  it("unfolds no aliases without end, and does not fall over them", () => {
    const rows = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, of] of ["ba", "cb", "dc", "ed", "fe"]) rows.push(`${name}: &${name} [${`*${of}, `.repeat(9)}]`);
    for (const bomb of [`${rows.join("\n")}\n`, "a: &a { <<: *a }\n"])
      expect(said(bomb)).toEqual(["v.yaml:1:1 YAML aliases repeat too much"]);
  });

  it("says in its own words what is rarer", () => {
    expect(said('title: "a\n')[0]).toMatch(/^v\.yaml:\d+:\d+ Missing closing/);
  });
});
