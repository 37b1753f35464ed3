import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { openConformanceHouse } from "./house.ts";
import { suite } from "./suite.ts";
import { startTokenProxy } from "./token-proxy.ts";

it("2026-07-28 passes fully against the protected route (MCP-15, MCP-04)", { timeout: 60_000 }, async () => {
  const house = await openConformanceHouse();
  onTestFinished(() => house.close());
  const proxy = await startTokenProxy(house.url, await house.token("conformance"));
  onTestFinished(() => proxy.close());
  const out = "node_modules/.cache/vendorsmith/conformance-test";
  const outcomes = await suite({ revision: "2026-07-28", url: `${proxy.url}/v1/conformance`, out });
  expect(outcomes.filter(({ passed }) => !passed)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(35);
});

it("gaps on older revisions are listed with their reason (MCP-15)", () => {
  const [reason, gaps] = readFileSync("test/conformance/baseline-2025.yml", "utf8").split("server:\n");
  expect(reason).toMatch(/^# .*because|why/i);
  expect(gaps!.match(/^ {2}- /gm)).toHaveLength(5);
});
