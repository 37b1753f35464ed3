import { expect, it } from "vitest";
import { demoKeys, type VendorSlug, wrongKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { suites } from "./cases.ts";
import { liveChecks, liveKeys, variableOf } from "./live.ts";
import { toolOf, vendorOf } from "./vendor.ts";

const fakes = useFakes();

it("checks keys and argument-free reads of a vendor, on request and with own keys (DOC-07)", async () => {
  for (const slug of Object.keys(demoKeys) as VendorSlug[]) {
    const vendor = vendorOf(slug);
    const env = Object.fromEntries(
      Object.entries(demoKeys[slug]).map(([name, value]) => [variableOf(slug, name), value]),
    );
    const { keys, missing } = liveKeys(vendor, env);
    expect([keys, missing]).toEqual([demoKeys[slug], []]);
    const checks = await liveChecks(vendor, keys, globalThis.fetch);
    expect(checks.length, slug).toBeGreaterThan(4);
    expect(checks.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(JSON.stringify(checks)).not.toContain("Contoso");
  }
  const usedBy = (isRead: boolean) =>
    Object.values(suites)
      .flatMap(({ cases }) => cases)
      .filter(({ tool }) => (toolOf(tool).access === "read") === isRead)
      .flatMap(({ uses }) => uses);
  const read = new Set(usedBy(true));
  const changes = usedBy(false).filter((use) => !read.has(use));
  for (const { method, template } of fakes.exchanges) expect(changes).not.toContain(`${method} ${template}`);
});

it("stops at keys that do not work, and names the variables that are missing", async () => {
  const checks = await liveChecks(vendorOf("datto-rmm"), wrongKeys["datto-rmm"], globalThis.fetch);
  expect(checks).toMatchObject([{ name: "keys", outcome: "VENDOR_AUTH" }]);
  expect(liveKeys(vendorOf("datto-rmm"), {}).missing).toEqual(["DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"]);
});
