import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "../../../gateway/app.ts";
import { readConfig } from "../../../gateway/config.ts";
import { createUser } from "../../../gateway/identity/users.ts";
import * as generated from "../../../generated/index.ts";
import { authorize } from "../../../test/e2e/authorize.ts";
import { createBrowser } from "../../../test/e2e/browser.ts";
import { demoKeys } from "../../../test/fakes/keys.ts";
import { letChange } from "../../../test/gateway/policies.ts";
import { freePort } from "../../../test/setup/free-port.ts";
import { report } from "../child.ts";

/**
 * Our full path: token, policy, limits, vault, vendor call, projection, audit, all on disk. A person connects the vendors
 * that the stand-in answers for, and an app gets a token for each through the whole authorization flow. Budgets are raised, not switched off.
 */
const vendors = generated.vendors.filter(({ slug }) => slug === "datto-rmm" || slug === "itglue");
const port = await freePort();
const config = readConfig({
  NODE_ENV: "test",
  PORT: String(port),
  DATA_DIR: mkdtempSync(join(tmpdir(), "vendorsmith-bench-")),
  CALLS_PER_MINUTE: "10000000",
  ORG_CALLS_PER_MINUTE: "10000000",
  DEV_VENDOR_ORIGINS: JSON.stringify(Object.fromEntries(vendors.map(({ slug }) => [slug, process.env["VENDOR_URL"]!]))),
});
const generous = { reads: { requests: 10_000_000, windowMs: 60_000 }, concurrency: 100 };
const app = await buildApp({
  config,
  vendors: vendors.map((vendor) => ({ ...vendor, limits: generous })),
  log: { write: () => {} },
});
await app.listen({ port, host: "127.0.0.1" });

const password = "correct horse battery staple 7";
const { id } = await createUser(app, { email: "bench@example.com", name: "Bench", password });
const person = { id, email: "bench@example.com", password };
const { org_id: org } = await app.db
  .selectFrom("memberships")
  .select("org_id")
  .where("user_id", "=", id)
  .executeTakeFirstOrThrow();
await letChange(app, { org, actor: id });

const headers: Record<string, string> = {};
for (const { slug } of vendors) {
  const wish = {
    vendor: slug,
    person,
    keys: demoKeys[slug as keyof typeof demoKeys],
    scopes: [`${slug}:read`, `${slug}:write`],
  };
  const { accessToken } = await authorize({ url: config.publicUrl }, createBrowser(config.publicUrl), wish);
  headers[slug] = `Bearer ${accessToken}`;
}
report({ url: config.publicUrl, headers });
