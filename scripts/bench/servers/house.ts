import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../../gateway/app.ts";
import { readConfig } from "../../../gateway/config.ts";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { addMember, addOrg } from "../../../gateway/database/orgs.ts";
import { addUser } from "../../../gateway/database/users.ts";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import * as generated from "../../../generated/index.ts";
import { demoKeys } from "../../../test/fakes/keys.ts";
import { freePort } from "../../../test/setup/free-port.ts";

/**
 * A gateway in this process, on loopback, whose vendors answer at VENDOR_URL, with budgets that no load reaches.
 * @param env instead of ours; what is undefined is not set
 */
export async function openHouse(env: Record<string, string | undefined> = {}, { now }: { now?: () => number } = {}) {
  const port = env["PORT"] ?? String(await freePort());
  const origins = Object.fromEntries(generated.vendors.map(({ slug }) => [slug, process.env["VENDOR_URL"]!]));
  const config = readConfig({
    NODE_ENV: "test",
    PORT: port,
    DATA_DIR: mkdtempSync(join(tmpdir(), "vendorsmith-bench-")),
    CALLS_PER_MINUTE: "10000000",
    ORG_CALLS_PER_MINUTE: "10000000",
    DEV_VENDOR_ORIGINS: JSON.stringify(origins),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
  });
  const generous = { reads: { requests: 10_000_000, windowMs: 60_000 }, concurrency: 100 };
  const app = await buildApp({
    config,
    vendors: generated.vendors.map((vendor) => ({ ...vendor, limits: generous })),
    log: { write: () => {} },
    now,
  });
  await app.listen({ port: Number(port), host: "127.0.0.1" });
  return { app, url: config.publicUrl, origins };
}

const FOR_MS = 86_400_000;

/**
 * Somebody with an organisation, a connection of the vendor and a token for it, as they are stored after all pages were gone
 * through. Nobody can sign in as them.
 */
export async function addPerson(
  app: FastifyInstance,
  vendor: "datto-rmm" | "itglue",
  { org = newId("org"), may = ["read"] }: { org?: string; may?: readonly ("read" | "write")[] } = {},
) {
  const now = app.clock.now();
  const user = newId("usr");
  const email = `${user}@example.test`;
  await addUser(app.db, {
    id: user,
    email,
    name: user,
    password: "-",
    created_at: now,
    disabled_at: null,
    erased_at: null,
  });
  const known = await app.db.selectFrom("orgs").select("id").where("id", "=", org).executeTakeFirst();
  if (!known) await addOrg(app.db, { id: org, name: org, personal_of: null, policy_version: 1, created_at: now });
  await addMember(app.db, { org_id: org, user_id: user, role: "owner", active: 1, created_at: now });
  const parsed = app.vendors.get(vendor)!.credentials.parse(demoKeys[vendor]);
  if (!parsed.ok) throw new Error(`The keys of the benchmark are none of ${vendor}.`);
  const { id } = await saveConnection(app, { org, user, vendor, credentials: parsed.value as object });
  const { token } = await createPersonalToken(app, {
    org,
    user,
    name: "bench",
    vendor,
    scopes: may.map((word) => `${vendor}:${word}`),
    connections: new Map([[vendor, id]]),
    expiresAt: now + FOR_MS,
  });
  return { org, user, authorization: `Bearer ${token}` };
}
