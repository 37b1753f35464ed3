import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { Job } from "./job.ts";

/** What is on disk, by path relative to the root. */
export const diskOf = (root: string) => (path: string) => {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
};

/** Files that an earlier run made and this one does not: of deleted tools, and of vendors that are gone. */
export function staleFiles({ root, out, docs, only }: Job, files: ReadonlyMap<string, string>): string[] {
  const folders =
    only === undefined
      ? foldersIn(join(root, out)).filter((name) => existsSync(join(root, out, name, "schemas.json")))
      : [only];
  const made = folders.flatMap((name) => filesIn(root, posix.join(out, name)));
  const pages = only === undefined ? filesIn(root, docs) : [];
  return [...made, ...pages].filter((path) => !files.has(path) && isOurs(root, path)).sort();
}

/** Only what says that it was generated is removed. */
function isOurs(root: string, path: string): boolean {
  if (path.endsWith("schemas.json")) return true;
  return /generate/i.test(readFileSync(join(root, path), "utf8").slice(0, 200));
}

/** Writes what differs and removes what is stale. */
export function writeChanges(root: string, files: ReadonlyMap<string, string>, stale: readonly string[]) {
  const disk = diskOf(root);
  const written: string[] = [];
  for (const [path, text] of files) {
    if (disk(path) === text) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    written.push(path);
  }
  for (const path of stale) {
    rmSync(join(root, path));
    for (let folder = dirname(path); isEmpty(join(root, folder)); folder = dirname(folder))
      rmSync(join(root, folder), { recursive: true });
  }
  return { written, removed: stale };
}

const isEmpty = (folder: string) => existsSync(folder) && readdirSync(folder).length === 0;

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);
}

function filesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) =>
      posix.join(folder, each.parentPath.slice(join(root, folder).length).replaceAll("\\", "/"), each.name),
    );
}
