import { execFileSync } from "node:child_process";
import { acrossCatalog, catalogOf } from "../gateway/calls/catalog.ts";
import { type Change, type ToolSnapshot, toolChanges } from "../gateway/calls/tool-changes.ts";
import { across, vendors } from "../generated/index.ts";
import { snapshotsOf } from "./tool-snapshots.ts";

/** npm run tools:diff -- <revision>: what changed for clients since then. Exit code 1 when something breaks them. */
const [revision = "HEAD"] = process.argv.slice(2);

try {
  const catalogs = [...vendors.map((vendor) => catalogOf(vendor, {})), ...across.map((set) => acrossCatalog(set, {}))];
  const changes = toolChanges(snapshotsAt(revision), new Map(catalogs.flatMap(snapshotsOf)));
  print(changes);
  process.exitCode = changes.some((change) => change.breaks) ? 1 : 0;
} catch (error) {
  console.error(
    `Cannot read the tools of ${revision}; is it a revision here? ${error instanceof Error ? error.message.split("\n")[0] : error}`,
  );
  process.exitCode = 2;
}

function snapshotsAt(revision: string): Map<string, ToolSnapshot> {
  const files = git("ls-tree", "-r", "--name-only", `${revision}^{commit}`, "test/tools/").split("\n");
  const snapshots = files
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(git("show", `${revision}:${file}`)) as ToolSnapshot); // written by test/tools
  return new Map(snapshots.map((snapshot) => [snapshot.tool.name, snapshot]));
}

function print(changes: readonly Change[]) {
  for (const [tool, ofTool = []] of Object.entries(Object.groupBy(changes, ({ tool }) => tool))) {
    console.log(tool);
    for (const { breaks, what } of ofTool) console.log(`  ${breaks ? "BREAKS" : "ok    "}  ${what}`);
  }
  const breaking = changes.filter((change) => change.breaks);
  const tools = new Set(changes.map(({ tool }) => tool)).size;
  console.log(`${tools} tools changed since ${revision}; ${breaking.length} changes break clients.`);
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
}
