import type { Db } from "./index.ts";

/** One line of an export: what it is of, and the row without anything secret. */
export interface ExportedRow {
  readonly kind: string;
  readonly [column: string]: unknown;
}

/** Whose data: everything of an organisation, or what one person has there. */
export interface ExportOf {
  readonly org: string;
  readonly user?: string;
}

const AT_ONCE = 500;

/**
 * What is stored of an organisation, or of a person in it, besides the audit log: page by page, so that a large one needs no
 * memory. Keys, credentials, tokens, and sealed texts have no column here.
 */
export async function* exportedRows(db: Db, { org, user }: ExportOf): AsyncGenerator<ExportedRow[]> {
  yield (await db.selectFrom("orgs").select(["id", "name", "policy_version", "created_at"]).where("id", "=", org).execute()).map(as("organisation")); // biome-ignore format: one thought
  yield* pages("member", (after) =>
    db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .select(["users.id", "users.name", "users.email", "memberships.role", "memberships.active"])
      .select(["memberships.limited", "memberships.created_at"])
      .where("memberships.org_id", "=", org)
      .$if(user !== undefined, (query) => query.where("users.id", "=", user!))
      .where("users.id", ">", after)
      .orderBy("users.id")
      .limit(AT_ONCE)
      .execute(),
  );
  if (user !== undefined)
    yield (await db.selectFrom("identities").select(["issuer", "label", "created_at"]).where("user_id", "=", user).execute()).map(as("sign-in")); // biome-ignore format: one thought
  yield* pages("connection", (after) =>
    db
      .selectFrom("connections")
      .select(["id", "owner_id", "vendor", "label", "status", "version", "created_at", "updated_at", "last_used_at"])
      .where("org_id", "=", org)
      .$if(user !== undefined, (query) => query.where("owner_id", "=", user!))
      .where("id", ">", after)
      .orderBy("id")
      .limit(AT_ONCE)
      .execute(),
  );
  yield* pages("app", (after) =>
    db
      .selectFrom("oauth_grants")
      .select(["id", "user_id", "client_id", "client_name", "vendor", "scopes", "created_at", "last_used_at"])
      .select(["expires_at", "revoked_at"])
      .where("org_id", "=", org)
      .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
      .where("id", ">", after)
      .orderBy("id")
      .limit(AT_ONCE)
      .execute(),
  );
  yield* pages("approval", (after) =>
    db
      .selectFrom("approvals")
      .select(["id", "user_id", "client_id", "vendor", "tool", "access", "status", "rule", "approver_id"])
      .select(["decided_at", "created_at", "expires_at", "outcome"])
      .where("org_id", "=", org)
      .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
      .where("id", ">", after)
      .orderBy("id")
      .limit(AT_ONCE)
      .execute(),
  );
  if (user === undefined) yield* ofOrgAlone(db, org);
}

async function* ofOrgAlone(db: Db, org: string): AsyncGenerator<ExportedRow[]> {
  yield* pages(
    "customer",
    (after) =>
    db.selectFrom("customers").select(["id", "name", "archived", "created_at"]).where("org_id", "=", org).where("id", ">", after).orderBy("id").limit(AT_ONCE).execute(), // biome-ignore format: one thought
  );
  yield (await db.selectFrom("customer_links").select(["customer_id", "vendor", "vendor_id", "vendor_name"]).where("org_id", "=", org).execute()).map(as("customer-link")); // biome-ignore format: one thought
  yield (await db.selectFrom("service_clients").select(["id", "name", "role", "scopes", "created_by", "created_at", "expires_at", "revoked_at"]).where("org_id", "=", org).execute()).map(as("program")); // biome-ignore format: one thought
  const policies = await db.selectFrom("policies").select(["version", "document", "created_by", "created_at"]).where("org_id", "=", org).orderBy("version").execute(); // biome-ignore format: one thought
  yield policies.map((row) => ({ kind: "policy", ...row, document: JSON.parse(row.document) }));
  yield (await db.selectFrom("audit_heads").select(["seq", "base_seq", "keep_days"]).where("org_id", "=", org).execute()).map(as("retention")); // biome-ignore format: one thought
}

const as =
  (kind: string) =>
  (row: object): ExportedRow => ({ kind, ...row });

/** Rows in the order of their ids, page after page. */
async function* pages<Row extends { id: string }>(kind: string, read: (after: string) => Promise<Row[]>) {
  for (let after = ""; ; ) {
    const rows = await read(after);
    if (rows.length > 0) yield rows.map(as(kind));
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)!.id;
  }
}
