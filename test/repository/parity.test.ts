import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { vendors } from "../../generated/index.ts";

const page = readFileSync("docs/parity.md", "utf8");
const sections = new Map(
  page
    .split("\n## ")
    .slice(1)
    .map((part) => [part.split("\n", 1)[0]!, part] as const),
);

describe("the page that sets our tools beside other servers' (DOC-02)", () => {
  it("has a section for every vendor", () => {
    expect([...sections.keys()].sort()).toEqual(vendors.map(({ title }) => title).sort());
  });

  it.each(vendors.map((vendor) => [vendor.title, vendor] as const))(
    "names every tool for %s in its last column, and the extended ones in bold",
    (title, { prefix, tools }) => {
      const rows = sections
        .get(title)!
        .split("\n")
        .filter((line) => /^\| (?!area)\w/.test(line));
      const ours = rows.map((row) => row.split("|").at(-2)!).join(" ");
      const bold = [...ours.matchAll(/\*\*`(\w+)`\*\*/g)].map(([, name]) => `${prefix}_${name}`);
      const plain = [...ours.replaceAll(/\*\*`\w+`\*\*/g, "").matchAll(/`(\w+)`/g)].map(
        ([, name]) => `${prefix}_${name}`,
      );
      const names = (isExtended: boolean) =>
        tools.filter((tool) => (tool.extended ?? false) === isExtended).map(({ name }) => name);
      expect([...new Set(bold)].sort()).toEqual(names(true).sort());
      expect([...new Set(plain)].sort()).toEqual(names(false).sort());
    },
  );
});
