import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { acrossCatalog, catalogOf, unlockedTools } from "../../gateway/calls/catalog.ts";
import contract from "../../generated/contract.json" with { type: "json" };
import { across, vendors } from "../../generated/index.ts";
import { snapshotsOf } from "../../scripts/tool-snapshots.ts";

/** One file per tool, as clients see it in tools/list. A changed file is a changed product: `npm test -- -u` writes them. */
const owners = [
  ...vendors.map((vendor) => ({ owner: vendor, catalog: catalogOf(vendor, contract) })),
  ...across.map((set) => ({ owner: set, catalog: acrossCatalog(set, contract) })),
].map(({ owner, catalog }) => [owner.slug, owner, catalog] as const);

describe.each(owners)("tools/list of %s", (slug, { tools }, catalog) => {
  it.each(snapshotsOf(catalog))("%s", async (name, snapshot) => {
    await expect(`${JSON.stringify(snapshot, null, 2)}\n`).toMatchFileSnapshot(`${slug}/${name}.json`);
  });

  it("keeps no file of a tool that is gone", () => {
    const names = new Set(snapshotsOf(catalog).map(([name]) => name));
    const files = globSync(`test/tools/${slug}/*.json`).map((file) => basename(file, ".json"));
    expect(files.filter((name) => !names.has(name))).toEqual([]);
  });

  it("is what the committed lock holds, tool by tool, and nothing else (FAC-14)", () => {
    const locked = (contract as Record<string, Record<string, string>>)[slug]!;
    expect(unlockedTools(catalog)).toEqual([]);
    expect(Object.keys(locked).sort()).toEqual(tools.map(({ name }) => name).sort());
  });
});

it("keeps no folder of a vendor that is gone, and none in the lock", () => {
  const slugs = owners.map(([slug]) => slug);
  // A new vendor's folder is written when these tests have ended.
  const folders = globSync("test/tools/*/").map((folder) => basename(folder));
  expect(folders.filter((folder) => !slugs.includes(folder))).toEqual([]);
  expect(Object.keys(contract).sort()).toEqual(slugs.sort());
});
