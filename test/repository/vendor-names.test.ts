import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

/** Slugs, prefixes and titles of every vendor, and other names they go by: none of them is known left of vendors.yaml. */
const ALSO = ["connectwise", "centrastage", "kaseya"];
const shipped = parseAllDocuments(readFileSync("vendors.yaml", "utf8")).flatMap((document) => {
  const { vendor, prefix, title } = document.toJS() as Record<string, string>;
  return vendor === undefined ? [] : [vendor, prefix!, title!];
});
const names = [...new Set([...shipped, ...ALSO])];

it("no vendor is named in generator/, runtime/ or gateway/ (FAC-10)", () => {
  const pattern = new RegExp(`\\b(${names.map((name) => name.replace(/[ -]/g, "[ _-]?")).join("|")})`, "i");
  const named = globSync("{generator,runtime,gateway}/**/*.{ts,hbs,css,json}").flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ line, place }) => `${place} ${line.trim()}`),
  );
  expect(named).toEqual([]);
});
