import type { Audit } from "../../gateway/audit/audit.ts";
import { DAY_MS } from "../../gateway/audit/usage.ts";
import { newId } from "../../gateway/database/ids.ts";
import type { Db } from "../../gateway/database/index.ts";
import { addMember } from "../../gateway/database/orgs.ts";
import { addUser } from "../../gateway/database/users.ts";
import { changePolicy } from "../../gateway/identity/policies.ts";
import { connectionOf } from "../gateway/rows.ts";

interface House {
  readonly db: Db;
  readonly audit: Audit;
  readonly clock: { now(): number };
}

const PEOPLE = [
  ["Bea Lindqvist", "admin"],
  ["Carlos Medina", "operator"],
  ["Dana Okafor", "operator"],
  ["Emil Novak", "approver"],
  ["Farah Haddad", "auditor"],
  ["Gus van Dijk", "member"],
] as const;

const CLIENTS = [
  ["https://claude.ai/oauth/client.json", "Claude"],
  ["client_vscode", "Visual Studio Code"],
] as const;

/** Makes an organisation look as it does after a month of work: people, connections, apps, calls and decisions. */
export async function makeBusy(
  { db, audit, clock }: House,
  {
    org,
    owner,
    vendors,
  }: { org: string; owner: string; vendors: readonly { slug: string; tools: readonly string[] }[] },
) {
  const now = clock.now();
  const people = [owner];
  for (const [name, role] of PEOPLE) {
    const id = newId("usr");
    const email = `${name.split(" ")[0]!.toLowerCase()}@northwind.example`;
    await addUser(db, { id, email, name, password: "-", created_at: now, disabled_at: null, erased_at: null });
    await addMember(db, { org_id: org, user_id: id, role, active: 1, created_at: now });
    people.push(id);
  }
  await db.updateTable("orgs").set({ name: "Northwind IT" }).where("id", "=", org).execute();
  for (const [place, { slug }] of vendors.entries())
    await db
      .insertInto("connections")
      .values({ ...connectionOf({ org, owner, id: `con_busy_${place}`, vendor: slug }, now), label: "Main", last_error: place === 1 ? "TIMEOUT" : null }) // biome-ignore format: one thought
      .execute();
  for (const [client_id, client_name] of CLIENTS)
    for (const user_id of people.slice(0, 3))
      await db
        .insertInto("oauth_grants")
        .values({ id: newId("grt"), org_id: org, user_id, client_id, client_name, resource: "r", vendor: vendors[0]!.slug, connection_id: null, scopes: `${vendors[0]!.slug}:read`, created_at: now, last_used_at: now - 3_600_000, expires_at: now + 1e10, revoked_at: null }) // biome-ignore format: one thought
        .execute();
  await countedCalls(db, { org, people, vendors, today: Math.floor(now / DAY_MS) });
  const change = { org, actor: owner, requestId: "r" };
  await changePolicy({ audit, clock }, { ...change, type: "policy.switches", change: (document) => ({ ...document, switches: { ...document.switches, write: true } }) }); // biome-ignore format: one thought
  await changePolicy({ audit, clock }, { ...change, actor: people[1]!, type: "policy.lists", change: (document) => ({ ...document, permissions: [{ id: "one", what: "vendor", name: vendors[0]!.slug, agentType: "registered", allowed: false }], windows: [{ days: [1, 2, 3, 4, 5], from: "07:00", to: "19:00" }], timeZone: "Europe/Berlin", approvals: { ...document.approvals, write: "self", tools: { [vendors[0]!.tools[0]!]: "other" } } }) }); // biome-ignore format: one thought
  for (const [place, rule] of ["writes-off", "role", "window"].entries())
    await audit.record({ org, type: "tool.call", actor: { id: people[place + 2]!, type: "user" }, vendor: vendors[0]!.slug, tool: vendors[0]!.tools[place % vendors[0]!.tools.length]!, status: "denied", rule }); // biome-ignore format: one thought
}

/** A month of figures, the same each time. */
async function countedCalls(
  db: Db,
  { org, people, vendors, today }: { org: string; people: string[]; vendors: readonly { slug: string; tools: readonly string[] }[]; today: number }, // biome-ignore format: one thought
) {
  let seed = 7;
  const random = (most: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  const tools = vendors.flatMap(({ slug, tools }) => tools.slice(0, 6).map((tool) => ({ slug, tool })));
  for (let day = today - 40; day <= today; day++)
    for (const [place, { slug, tool }] of tools.entries()) {
      const isWeekend = [2, 3].includes(day % 7);
      const success = random(isWeekend ? 6 : 40 - Math.min(30, place * 2));
      const counts = { success, error: random(9) === 0 ? random(6) : 0, timeout: random(14) === 0 ? 1 : 0, denied: random(11) === 0 ? random(4) : 0, cached: 0 }; // biome-ignore format: one thought
      await db
        .insertInto("usage_days")
        .values({ org_id: org, day, vendor: slug, tool, actor_id: people[random(people.length)]!, client: CLIENTS[random(2)]![0], customer: "", ...counts }) // biome-ignore format: one thought
        .execute();
      if (success > 0)
        await db
          .insertInto("usage_latencies")
          .values({ org_id: org, day, vendor: slug, tool, bucket: 50 + random(30), calls: success })
          .execute();
    }
}
