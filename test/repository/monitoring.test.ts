import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { definitions } from "../../gateway/metrics/definitions.ts";

describe("the page about monitoring", () => {
  it("has every metric as it is declared (OPS-14)", () => {
    const check = spawnSync(process.execPath, ["scripts/metrics-table.ts", "--check"], { encoding: "utf8" });
    expect(check.stderr).toBe("");
    expect(check.status).toBe(0);
  });
});

it("no metric is labelled with what names a person, an organisation or a thing of theirs (OPS-14, MET-04)", () => {
  const labels = new Set(Object.values(definitions).flatMap((definition): readonly string[] => definition.labels));
  const bounded = "code grant limit method node operation outcome provider purpose queue reader reason result route rule state status to tool vendor version worker"; // biome-ignore format: one list
  expect([...labels].filter((label) => !bounded.split(" ").includes(label))).toEqual([]);
});
