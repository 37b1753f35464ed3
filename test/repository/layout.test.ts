import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ENTRIES = ["package.json", "specs", "generator", "generated", "gateway", "vendors.yaml", "scripts", "test", "README.md"]; // biome-ignore format: one thought

it("is one TypeScript package with the entries people look for at its top (FAC-01)", () => {
  expect(ENTRIES.filter((entry) => !existsSync(entry))).toEqual([]);
  const manifests = globSync("**/package.json", { exclude: ["**/node_modules", "out", "data"] });
  expect(manifests).toEqual(["package.json"]);
  expect(JSON.parse(readFileSync("package.json", "utf8")).workspaces).toBeUndefined();
  const scripts = globSync("{generator,runtime,generated,gateway,scripts,test}/**/*.{js,mjs,cjs,jsx}");
  expect(scripts).toEqual([]);
});
