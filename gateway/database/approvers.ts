import { type Role, rolesWith } from "../policy/roles.ts";
import type { Db } from "./index.ts";

export interface Approver {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** Members with one of these roles who can sign in, and are not limited to some customers unless they could lift that limit. */
export const membersWithRoles = (db: Db, org: string, roles: readonly Role[]): Promise<Approver[]> =>
  db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["users.id", "users.email", "users.name", "memberships.role"])
    .where("memberships.org_id", "=", org)
    .where("memberships.active", "=", 1)
    .where("memberships.role", "in", roles)
    .where((is) => is.or([is("memberships.limited", "=", 0), is("memberships.role", "in", rolesWith("members"))]))
    .where("users.disabled_at", "is", null)
    .where("users.erased_at", "is", null)
    .orderBy("users.id")
    .execute();

/** What these connections are now, as approvals write it: replaced or revoked ones read differently. */
export async function connectionVersions(db: Db, org: string, ids: readonly string[]): Promise<string> {
  if (ids.length === 0) return "";
  const rows = await db
    .selectFrom("connections")
    .select(["id", "version"])
    .where("org_id", "=", org)
    .where("id", "in", ids)
    .where("status", "!=", "revoked")
    .execute();
  return rows
    .map(({ id, version }) => `${id}@${version}`)
    .sort()
    .join(" ");
}

/** A person is themselves; behind a program of the organisation is whoever made it, or its newest secret. */
export async function personBehind(db: Db, org: string, id: string): Promise<string> {
  const program = await db
    .selectFrom("service_clients")
    .select("created_by")
    .where("org_id", "=", org)
    .where("id", "=", id)
    .executeTakeFirst();
  return program?.created_by ?? id;
}

export async function orgNameOf(db: Db, org: string): Promise<string> {
  const row = await db.selectFrom("orgs").select("name").where("id", "=", org).executeTakeFirst();
  return row?.name ?? "";
}
