import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerfileText, stagesOf } from "./dockerfile.ts";

/**
 * Lays out below a folder what the Dockerfile puts into the image's /app: the sources that it copies, and of the packages
 * those that `npm ci --omit=dev` installs, less what the Dockerfile removes. No engine is asked.
 * @returns the folder that stands for /app
 */
export function layOutImage(parent: string): string {
  const app = join(mkdtempSync(join(parent, "image-")), "app");
  mkdirSync(app, { recursive: true });
  for (const { sources, target } of copies()) for (const source of sources) place(source, join(app, target), source);
  // What is inside a package comes along with it.
  copyPackages(
    productionPackages().filter((path) => !/node_modules\/.*node_modules/.test(path)),
    app,
  );
  execFileSync("sh", ["-c", takenAway()], { cwd: app });
  return app;
}

/** COPY from the context, in the stage that has the sources. */
export function copies(): { sources: string[]; target: string }[] {
  return stagesOf(dockerfileText)
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword, flags }) => keyword === "COPY" && !flags["from"])
    .map(({ words }) => ({ sources: words.slice(0, -1), target: words.at(-1)! }));
}

/** As package-lock.json says, without what only development needs; on this platform. */
export function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== "" && !dev && existsSync(path))
    .map(([path]) => path);
}

/** What the Dockerfile takes away again after the install, as it says it. */
function takenAway(): string {
  const install = stagesOf(dockerfileText)[0]!.instructions.find(({ keyword }) => keyword === "RUN")!;
  return install.text.split("&&").slice(1).join("&&");
}

/** A folder's contents go to the target; a file goes into a target that ends with a slash. */
function place(source: string, target: string, name: string) {
  const file = target.endsWith("/") ? join(target, name.split("/").at(-1)!) : target;
  cpSync(source, file, { recursive: true });
}

/** Links where one file system holds both: this is a hundred megabytes. */
function copyPackages(packages: readonly string[], app: string) {
  const copy = (...flags: string[]) => execFileSync("cp", ["--recursive", ...flags, "--parents", ...packages, app], { stdio: "ignore" }); // biome-ignore format: one thought
  try {
    copy("--link");
  } catch {
    copy("--remove-destination");
  }
}
