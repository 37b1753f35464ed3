import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import { addConnection } from "../../gateway/database/connections.ts";
import { giveCustomers as give, setLimited } from "../../gateway/database/customer-limits.ts";
import { addCustomers, addLinks } from "../../gateway/database/customers.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { createPersonalToken } from "../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../gateway/oauth/resources.ts";
import { type CallerFacts, decide, type ToolFacts } from "../../gateway/policy/decide.ts";
import { DEFAULT_POLICY, type Permission } from "../../gateway/policy/document.ts";
import { compile } from "../../gateway/policy/policy.ts";
import { connectionOf } from "../../test/gateway/rows.ts";
import { median } from "./load.ts";

const TOOLS = 200;
const RULES = 100;
const ROUNDS = 50;
const LISTS = 300;

/** Microseconds of one decision, of which 200 are made a round; milliseconds of one `tools/list` inside the process. */
export interface Deciding {
  readonly decision_us: number;
  readonly list_ms: number;
  readonly limited_list_ms: number;
}

export async function measureDeciding(progress: (line: string) => void): Promise<Deciding> {
  progress(`policy: ${TOOLS} tools, ${RULES} rules`);
  const decision_us = round(decisions());
  progress("policy: tools/list of somebody with all customers and of somebody with some, in turns");
  const [list_ms, limited_list_ms] = (await lists()).map(round) as [number, number];
  return { decision_us, list_ms, limited_list_ms };
}

function decisions(): number {
  const tools = Array.from(
    { length: TOOLS },
    (_, i): ToolFacts => ({
      name: `acme_do_${i}`,
      parts: [{ vendor: `vendor-${i % 9}`, access: i % 3 === 0 ? "write" : "read" }],
      access: i % 3 === 0 ? "write" : "read",
      tags: ["tickets", "devices"],
      hash: `sha256-${i}`,
    }),
  );
  const permissions = Array.from(
    { length: RULES },
    (_, i): Permission => ({
      id: `p${i}`,
      what: (["tool", "vendor", "tag", "access"] as const)[i % 4]!,
      name: i % 4 === 0 ? `acme_do_${i}` : `other-${i}`,
      agentType: i % 2 === 0 ? "*" : "claude.ai",
      allowed: i % 5 !== 0,
    }),
  );
  const windows = [{ days: [1, 2, 3, 4, 5], from: "08:00", to: "18:00" }];
  const switches = { write: true, destroy: true, reveal: true };
  const timeZone = "Europe/Berlin";
  const policy = compile("org", 1, { ...DEFAULT_POLICY, switches, permissions, windows, timeZone });
  const vendors = Array.from({ length: 9 }, (_, i) => `vendor-${i}`);
  const caller: CallerFacts = {
    orgId: "org",
    role: "member",
    clientId: "client",
    agentType: "claude.ai",
    reach: new Set(vendors),
    scopes: new Set(vendors.flatMap((vendor) => [`${vendor}:read`, `${vendor}:write`])),
    limited: true,
  };
  const lock = new Set(tools.map(({ hash }) => hash));
  const circumstances = { now: Date.UTC(2026, 10, 25, 12), lock, toolsOff: new Set<string>() };
  const took = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (const tool of tools) decide(tool, caller, policy, circumstances);
    return ((performance.now() - start) * 1000) / TOOLS;
  });
  return median(took);
}

/** Both kinds of people, one after the other, so that whatever slows the machine slows both. */
async function lists(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-bench-"));
  const app = await buildApp({ config: readConfig({ DATA_DIR: folder, AUDIT_LOG_FILE: "off", LOG_LEVEL: "silent" }) });
  const tokens = [await someone(app, false), await someone(app, true)];
  const took: [number[], number[]] = [[], []];
  for (let i = 0; i < LISTS; i++)
    for (const [kind, token] of tokens.entries()) {
      const start = performance.now();
      await list(app, token);
      if (i >= LISTS / 10) took[kind]!.push(performance.now() - start);
    }
  await app.close();
  return took.map(median);
}

async function someone(app: FastifyInstance, limited: boolean): Promise<string> {
  const email = `${limited}@example.com`;
  const { id: user } = await createUser(app, { email, name: "Bench", password: "correct horse battery staple 7" });
  const { id: org } = (await findPersonalOrg(app.db, user))!;
  const connections = new Map<string, string>();
  for (const vendor of app.vendors.keys()) {
    const row = connectionOf({ org, owner: user, id: `con_${vendor}_${limited}`, vendor }, Date.now());
    await addConnection(app.db, row);
    connections.set(vendor, row.id);
  }
  if (limited) {
    await setLimited(app.db, { org, user }, true);
    await giveCustomers(app, { org, user });
  }
  const scopes = [...app.vendors.keys()].map((vendor) => `${vendor}:read`);
  const expiresAt = Date.now() + 86_400_000;
  const wanted = { org, user, name: "bench", vendor: ALL_VENDORS, scopes, connections, expiresAt };
  return (await createPersonalToken(app, wanted)).token;
}

/** Twenty customers, known at every vendor. */
async function giveCustomers({ db, vendors }: FastifyInstance, { org, user }: { org: string; user: string }) {
  const names = Array.from({ length: 20 }, (_, i) => `customer ${i}`);
  const at = { created_at: Date.now() };
  await addCustomers(db, names.map((name, i) => ({ id: `cus_${i}`, org_id: org, name, name_key: name, archived: 0, ...at }))); // biome-ignore format: one thought
  const links = [...vendors.keys()].flatMap(
    (vendor) =>
    names.map((_, i) => ({ org_id: org, customer_id: `cus_${i}`, vendor, vendor_id: `${i}`, vendor_name: "", connection_id: "", gone_at: null, ...at })), // biome-ignore format: one thought
  );
  await addLinks(db, links);
  await give(db, { org, user }, names.map((_, i) => `cus_${i}`)); // biome-ignore format: one thought
}

async function list(app: FastifyInstance, token: string) {
  const answer = await app.inject({
    method: "POST",
    url: "/mcp",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json, text/event-stream",
      host: new URL(app.config.publicUrl).host,
    },
    payload: { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} },
  });
  if (answer.statusCode !== 200) throw new Error(`tools/list answered ${answer.statusCode}`);
}

const round = (value: number) => Math.round(value * 100) / 100;
