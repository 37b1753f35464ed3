import { expect, it } from "vitest";
import { buildAcross } from "../../generator/build/across.ts";
import { openVendor } from "../../generator/build/vendor.ts";
import { readSources } from "../../generator/sources.ts";

const { described, across } = readSources(["vendors.yaml"], process.cwd());
const opened = described.map(({ source, document }) => openVendor(source, document));

it.each(opened.map((vendor) => [vendor.source.yaml.vendor, vendor] as const))(
  "knows whose everything is that %s answers and changes, or why it cannot (TEN-04)",
  (_, { context, problems }) => {
    expect(problems).toEqual([]);
    const unknown = [...context.operations.values()].filter(({ customer }) => customer === undefined);
    expect(unknown.map(({ name }) => name)).toEqual([]);
    for (const { name, customer: rule, reads } of context.operations.values()) {
      if (rule?.kind !== "bounded") continue;
      const ways = rule.named.length + rule.through.length + (rule.rows ? 1 : 0);
      expect(ways, name).toBeGreaterThan(0);
      if (!reads) expect(rule.rows, name).toBeUndefined();
      for (const { operation } of rule.through) expect(context.operations.get(operation)?.reads, name).toBe(true);
    }
  },
);

it("tells of tools across vendors what it tells of the operations they borrow (TEN-04)", () => {
  const lenders = new Map(opened.map((vendor) => [vendor.source.yaml.vendor, vendor]));
  for (const set of across) {
    const { model, problems } = buildAcross(set, lenders);
    expect(problems).toEqual([]);
    for (const tool of model.tools) expect(["bounded", "shared", "refused"]).toContain(tool.customers.kind);
  }
});
