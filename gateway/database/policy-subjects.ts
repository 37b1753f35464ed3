import type { Role } from "../policy/roles.ts";
import type { Db } from "./index.ts";

/** A member, as a policy speaks of people: by role, not by name. */
export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** 1 for who sees some customers only. */
  readonly limited?: number;
}

const members = (db: Db, org: string) =>
  db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["users.id", "users.name", "users.email", "memberships.role", "memberships.limited"])
    .where("memberships.org_id", "=", org)
    .where("memberships.active", "=", 1)
    .where("users.disabled_at", "is", null);

/** Members by name, to choose one of. */
export const subjectsOf = (db: Db, org: string, limit: number): Promise<Subject[]> =>
  members(db, org).orderBy("users.name").limit(limit).execute();

/** The member with this id or address. */
export const findSubject = (db: Db, org: string, text: string): Promise<Subject | undefined> =>
  members(db, org)
    .where((is) => is.or([is("users.id", "=", text), is("users.email", "=", text.toLowerCase())]))
    .executeTakeFirst();

/** An application that somebody in the organisation lets act for them. */
export interface KnownClient {
  readonly id: string;
  readonly name: string;
  readonly people: number;
  readonly lastUsedAt: number | null;
}

/** Those with a grant that still admits somebody, by name. */
export async function clientsOf(db: Db, org: string, now: number): Promise<KnownClient[]> {
  const rows = await db
    .selectFrom("oauth_grants")
    .select(["client_id as id"])
    .select(({ fn }) => [
      fn.max("client_name").as("name"),
      fn.count<number>("user_id").distinct().as("people"),
      fn.max("last_used_at").as("last_used_at"),
    ])
    .where("org_id", "=", org)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .groupBy("client_id")
    .orderBy("name")
    .execute();
  return rows.map(({ id, name, people, last_used_at }) => ({
    id,
    name,
    people: Number(people),
    lastUsedAt: last_used_at === null ? null : Number(last_used_at),
  }));
}

/** What applications called themselves to the people of an organisation, by id; also of access that has ended. */
export async function clientNamesOf(db: Db, org: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("oauth_grants")
    .select(["client_id", ({ fn }) => fn.max("client_name").as("name")])
    .where("org_id", "=", org)
    .where("client_id", "in", ids)
    .groupBy("client_id")
    .execute();
  return new Map(rows.map(({ client_id, name }) => [client_id, name]));
}

/** Customers by id, for what the log knows by its id alone. */
export async function customerNamesOf(db: Db, org: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("customers")
    .select(["id", "name"])
    .where("org_id", "=", org)
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
