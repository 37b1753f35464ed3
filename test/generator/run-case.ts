import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Generated, generate } from "../../generator/generate.ts";

export const casesFolder = join(import.meta.dirname, "cases");

/** Folders of test/generator/cases; shared descriptions stand beside them. */
export const cases = readdirSync(casesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** Generates a case in memory. The expected files are its disk: what equals them is not opened by the compiler again. */
export function runCase(name: string): Promise<Generated> {
  const root = join(casesFolder, name);
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined);
  return generate({ root, files: ["vendors.yaml"], out: "generated", docs: "generated/docs", only: undefined, read });
}
