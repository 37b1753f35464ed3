import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { vendors } from "../../generated/index.ts";

it("the suite's fixtures are not in what ships", () => {
  expect(vendors.map(({ slug }) => slug)).not.toContain("conformance");
  expect(vendors.flatMap(({ tools }) => tools).filter(({ name }) => /^test_|conformance/.test(name))).toEqual([]);
  expect(readFileSync("gateway/main.ts", "utf8")).not.toMatch(/servers|conformance/);
});
