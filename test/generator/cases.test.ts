import { existsSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { problemText } from "../../generator/model/problem.ts";
import { cases, casesFolder, runCase } from "./run-case.ts";

/*
 * Golden cases: a folder with vendors.yaml in, a folder `generated` or the file `problems.txt` out.
 * `npm test -- -u` writes them; a changed golden is a changed product.
 */
describe("golden cases of the factory (FAC-02, FAC-07, FAC-08, FAC-12)", () => {
  it.each(cases)("%s", { timeout: 60_000 }, async (name) => {
    const folder = join(casesFolder, name);
    const { files, problems } = await runCase(name);
    if (problems.length > 0) {
      expect(existsSync(join(folder, "generated"))).toBe(false);
      await expect(`${problems.map(problemText).join("\n")}\n`).toMatchFileSnapshot(join(folder, "problems.txt"));
      return;
    }
    expect(existsSync(join(folder, "problems.txt"))).toBe(false);
    for (const [path, text] of files) {
      if (!path.endsWith("vendors.schema.json")) await expect(text).toMatchFileSnapshot(join(folder, path));
    }
    const left = filesIn(join(folder, "generated")).filter((path) => !files.has(posix.join("generated", path)));
    expect(left, "files that nothing makes any more").toEqual([]);
  });
});

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => posix.join(entry.parentPath.slice(folder.length + 1), entry.name))
    : [];
