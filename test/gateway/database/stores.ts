import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { PGlite } from "@electric-sql/pglite";
import { PGliteDialect } from "kysely";
import { type Db, migrated, openDatabase } from "../../../gateway/database/index.ts";
import { type PostgresServer, startPostgres } from "../../setup/postgres.ts";

export interface Store {
  readonly name: string;
  /** Opens the store once more, as a second process would; undefined where one process is the rule. */
  readonly again?: () => Promise<Db>;
  readonly db: Db;
  close(): Promise<void>;
}

/** Each kind of database the gateway runs on, empty and migrated. PGlite is PostgreSQL's dialect without a server. */
export const openers: readonly { name: string; open: () => Promise<Store | { missing: string }> }[] = [
  { name: "SQLite", open: sqlite },
  { name: "PGlite", open: pglite },
  { name: "PostgreSQL", open: postgres },
];

async function sqlite(): Promise<Store> {
  const folder = mkdtempSync(`${tmpdir()}/vendorsmith-`);
  const db = await openDatabase({ file: `${folder}/test.db` });
  return {
    name: "SQLite",
    db,
    async close() {
      await db.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

async function pglite(): Promise<Store> {
  const INT8 = 20;
  const pglite = new PGlite({ parsers: { [INT8]: Number } });
  const db = await migrated(new PGliteDialect({ pglite }), { bytes: "bytea", rowSecurity: true });
  return { name: "PGlite", db, close: () => db.destroy() };
}

async function postgres(): Promise<Store | { missing: string }> {
  const server: PostgresServer | { missing: string } = await startPostgres();
  if ("missing" in server) return server;
  const url = await server.newOwnDatabase(); // row-level security binds it
  const again = () => openDatabase({ url });
  const db = await again();
  return {
    name: "PostgreSQL",
    db,
    again,
    async close() {
      await db.destroy();
      await server.stop();
    },
  };
}

/** All of them but `installation`, which always has its one row, in an order in which they can be emptied. */
export const TABLES = [
  "audit_events",
  "audit_heads",
  "audit_anchors",
  "audit_cursors",
  "audit_webhooks",
  "alerts",
  "alert_thresholds",
  "alert_seen",
  "approvals",
  "service_connections",
  "service_clients",
  "standing_approvals",
  "outbox",
  "approval_notices",
  "credentials",
  "connection_users",
  "connections",
  "vendor_sign_ins",
  "oauth_artifacts",
  "grant_connections",
  "oauth_grants",
  "oauth_clients",
  "rate_counters",
  "call_counters",
  "budget_slots",
  "result_generations",
  "usage_days",
  "usage_latencies",
  "usage_progress",
  "tool_versions",
  "sessions",
  "identities",
  "passkeys",
  "totp_secrets",
  "recovery_codes",
  "sso_states",
  "pending_sign_ins",
  "passkey_challenges",
  "setup_tokens",
  "user_keys",
  "key_rotations",
  "key_checks",
  "key_holders",
  "policies",
  "invitations",
  "ownership_offers",
  "member_customers",
  "customer_links",
  "customer_imports",
  "customers",
  "memberships",
  "orgs",
  "users",
] as const;

export async function empty(db: Db) {
  for (const table of TABLES) await db.deleteFrom(table).execute();
  await db.updateTable("installation").set({ tools_off: "" }).execute();
}
