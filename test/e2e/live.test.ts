import { expect, it } from "vitest";
import { demoKeys, wrongKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { liveChecks, liveKeys, variableOf } from "./live.ts";
import { vendorOf } from "./vendor.ts";

const fakes = useFakes();

it("checks keys and argument-free reads of a vendor, on request and with own keys (DOC-07)", async () => {
  for (const slug of ["datto-rmm", "itglue"] as const) {
    const vendor = vendorOf(slug);
    const env = Object.fromEntries(
      Object.entries(demoKeys[slug]).map(([name, value]) => [variableOf(slug, name), value]),
    );
    const { keys, missing } = liveKeys(vendor, env);
    expect([keys, missing]).toEqual([demoKeys[slug], []]);
    const checks = await liveChecks(vendor, keys, globalThis.fetch);
    expect(checks.length).toBeGreaterThan(4);
    expect(checks.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(JSON.stringify(checks)).not.toContain("Contoso");
  }
  expect(fakes.exchanges.filter(({ method, template }) => method !== "GET" && !template.startsWith("/auth"))).toEqual(
    [],
  );
});

it("stops at keys that do not work, and names the variables that are missing", async () => {
  const checks = await liveChecks(vendorOf("datto-rmm"), wrongKeys["datto-rmm"], globalThis.fetch);
  expect(checks).toMatchObject([{ name: "keys", outcome: "VENDOR_AUTH" }]);
  expect(liveKeys(vendorOf("datto-rmm"), {}).missing).toEqual(["DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"]);
});
