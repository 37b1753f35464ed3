import type { CatalogTool } from "../../../calls/catalog.ts";
import { type ToolSnapshot, toolChanges } from "../../../calls/tool-changes.ts";
import type { Db } from "../../../database/index.ts";
import { findToolVersion, keepToolVersions } from "../../../database/tool-versions.ts";

/** Remembers what these tools are now, so that later it can be said how they differ. */
export const keepVersions = (db: Db, entries: readonly CatalogTool[]): Promise<void> =>
  keepToolVersions(
    db,
    entries.map((entry) => ({
      hash: entry.facts.hash,
      tool: entry.tool.name,
      snapshot: JSON.stringify(snapshotOf(entry)),
    })),
  );

/** How a tool differs from the version that was accepted, in words; undefined when that one is not known. */
export async function differencesSince(
  db: Db,
  entry: CatalogTool,
  hash: string,
): Promise<{ text: string; breaks: boolean }[] | undefined> {
  const row = await findToolVersion(db, hash);
  if (!row) return undefined;
  const { name } = entry.tool;
  const before = JSON.parse(row.snapshot) as ToolSnapshot; // written above
  const now = JSON.parse(JSON.stringify(snapshotOf(entry))) as ToolSnapshot;
  const changes = toolChanges(new Map([[name, before]]), new Map([[name, now]]));
  return changes.map(({ what, breaks }) => ({ text: what, breaks }));
}

const snapshotOf = ({ tool, definition }: CatalogTool): ToolSnapshot => ({ access: tool.access, tool: definition });
