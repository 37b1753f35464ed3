import { CompiledQuery, createQueryId, type KyselyPlugin, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countPending } from "../../../gateway/database/approval-inbox.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import type { Db } from "../../../gateway/database/index.ts";
import { connectionStates } from "../../../gateway/database/overview.ts";
import { listPolicies } from "../../../gateway/database/policies.ts";
import { clientNamesOf, clientsOf, findSubject, subjectsOf } from "../../../gateway/database/policy-subjects.ts";
import { latenciesBy, readForCounting, usageBy, usageByDay } from "../../../gateway/database/usage-days.ts";
import { openers, type Store } from "./stores.ts";

const ROWS = 10_000;

describe("the pages of an organisation on 10,000 rows (UI-07)", () => {
  let store: Store;
  beforeAll(async () => {
    store = (await openers[0]!.open()) as Store; // SQLite needs nothing
    await seed(store.db);
  }, 60_000);
  afterAll(() => store?.close());

  const question = { org: "org_1", from: 20_000 };
  const cases: [string, (db: Db) => Promise<unknown>][] = [
    ["usage by tool", (db) => usageBy(db, question, "tool", 500)],
    ["usage by person", (db) => usageBy(db, { ...question, vendor: "v" }, "actor_id", 500)],
    ["usage by day", (db) => usageByDay(db, question)],
    ["times by tool", (db) => latenciesBy(db, question, "tool")],
    ["events to count", (db) => readForCounting(db, "org_1", 9000, 100)],
    ["refusals", (db) => listEvents(db, { org: "org_1", status: "denied", limit: 5 })],
    ["assistants", (db) => clientsOf(db, "org_1", 0)],
    ["names of assistants", (db) => clientNamesOf(db, "org_1", ["client_1", "client_2"])],
    ["members", (db) => subjectsOf(db, "org_1", 300)],
    ["a member", (db) => findSubject(db, "org_1", "usr_7@x.test")],
    ["versions of the policy", (db) => listPolicies(db, "org_1", { before: 50, limit: 21 })],
    ["approvals that wait", (db) => countPending(db, { org: "org_1", user: "", approves: true }, 0)],
    ["connections by state", (db) => connectionStates(db, "org_1")],
  ];

  it.each(cases)("%s are found by an index, not by reading a table", async (_name, ask) => {
    const asked: CompiledQuery[] = [];
    await ask(store.db.withPlugin(noting(store.db, asked)));
    expect(asked.length).toBeGreaterThan(0);
    for (const query of asked) {
      const explained = await store.db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters])); // biome-ignore format: one thought
      const steps = explained.rows.map(({ detail }) => detail);
      expect(
        steps.filter((step) => step.startsWith("SCAN")),
        query.sql,
      ).toEqual([]);
      expect(steps.some((step) => /USING .*(INDEX|PRIMARY KEY)/.test(step))).toBe(true);
    }
  });
});

/** Notes each query on its way. */
const noting = (db: Db, asked: CompiledQuery[]): KyselyPlugin => ({
  transformQuery({ node }) {
    asked.push(db.getExecutor().compileQuery(node, createQueryId()));
    return node;
  },
  transformResult: async ({ result }) => result,
});

/** Of two organisations, the same much. */
async function seed(db: Db) {
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})`;
  const org = sql`'org_' || (i % 2 + 1)`;
  const statements = [
    sql`insert into orgs (id, name, policy_version, created_at) values ('org_1', 'A', 1, 0), ('org_2', 'B', 1, 0)`,
    sql`insert into users (id, email, name, password, created_at) ${numbers} select 'usr_' || i, 'usr_' || i || '@x.test', 'N' || i, '-', 0 from n`,
    sql`insert into usage_days ${numbers} select ${org}, 19990 + i % 90, 'v', 't' || (i % 300), 'usr_' || i, 'client_' || (i % 9), '', 1, 0, 0, 0, 0 from n`,
    sql`insert into usage_latencies ${numbers} select ${org}, 19990 + i % 90, 'v', 't' || (i % 300), i, 1 from n`,
    sql`insert into audit_events (org_id, seq, at, type, status, actor_id, actor_type, tool, detail, key_id, prev_mac, mac) ${numbers} select ${org}, i, i, 'tool.call', case when i % 9 = 0 then 'denied' else 'success' end, 'usr_1', 'user', 't', '{}', '', '', '' from n`,
    sql`insert into oauth_grants (id, org_id, user_id, client_id, client_name, resource, vendor, scopes, created_at, expires_at) ${numbers} select 'grt_' || i, ${org}, 'usr_' || i, 'client_' || (i % 9), 'C', 'r', 'v', 's', 0, 99999 from n`,
    sql`insert into memberships (org_id, user_id, role, active, created_at) ${numbers} select ${org}, 'usr_' || i, 'member', 1, 0 from n`,
    sql`insert into policies ${numbers} select ${org}, i, '{}', 'usr_1', 0 from n`,
    sql`analyze`,
  ];
  for (const statement of statements) await statement.execute(db);
}
