import { type ExpressionBuilder, sql } from "kysely";
import type { Role } from "../policy/roles.ts";
import type { Db } from "./index.ts";
import type { Database, MembershipRow } from "./schema.ts";

export interface Membership {
  readonly org: string;
  readonly user: string;
}

/** A member as a list of them shows it. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly since: number;
  readonly lastSeen: number | null;
  readonly secondFactor: boolean;
}

/** Where a page of the list goes on: after this member. */
interface MemberCursor {
  readonly name: string;
  readonly id: string;
}

/**
 * Keeps others from changing who is a member and which customers there are meanwhile, until the transaction ends: whatever is read after this holds.
 * @returns false when the organisation is not there any more
 */
export async function lockOrg(trx: Db, org: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("orgs")
    .set((row) => ({ policy_version: row.ref("policy_version") }))
    .where("id", "=", org)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The role of an active member who may sign in; undefined for everybody else. */
export async function roleOf(db: Db, { org, user }: Membership): Promise<Role | undefined> {
  const row = await active(db, org).select("memberships.role").where("users.id", "=", user).executeTakeFirst();
  return row?.role;
}

const active = (db: Db, org: string) =>
  db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.org_id", "=", org)
    .where("memberships.active", "=", 1)
    .where("users.disabled_at", "is", null);

const members = (db: Db, org: string, now: number) =>
  active(db, org)
    .select(["users.id", "users.name", "users.email", "memberships.role"])
    .select(["memberships.created_at as since", "memberships.last_seen_at"])
    .select((row) => [
      row
        .or([
          row.exists(row.selectFrom("passkeys").select("passkeys.id").whereRef("passkeys.user_id", "=", "users.id")),
          row.exists(
            row
              .selectFrom("totp_secrets")
              .select("totp_secrets.user_id")
              .whereRef("totp_secrets.user_id", "=", "users.id")
              .where("totp_secrets.confirmed_at", "<=", now),
          ),
        ])
        .as("second_factor"),
    ]);

type Row = Awaited<ReturnType<ReturnType<typeof members>["execute"]>>[number];

const memberOf = ({ id, name, email, role, since, last_seen_at, second_factor }: Row): Member => ({
  id,
  name,
  email,
  role,
  since,
  lastSeen: last_seen_at ?? null,
  secondFactor: Boolean(second_factor),
});

export async function findMember(
  db: Db,
  { org, user, now }: Membership & { now: number },
): Promise<Member | undefined> {
  const row = await members(db, org, now).where("users.id", "=", user).executeTakeFirst();
  return row && memberOf(row);
}

/** By name, `limit` at a time. @param search part of a name or an address */
export async function listMembers(
  db: Db,
  { org, now, after, search = "", limit }: MemberQuestion & { limit: number },
): Promise<Member[]> {
  let query = members(db, org, now);
  if (search) query = query.where((row) => matches(row, search));
  if (after)
    query = query.where((row) =>
      row.or([
        row("users.name", ">", after.name),
        row.and([row("users.name", "=", after.name), row("users.id", ">", after.id)]),
      ]),
    );
  const rows = await query.orderBy("users.name").orderBy("users.id").limit(limit).execute();
  return rows.map(memberOf);
}

interface MemberQuestion {
  readonly org: string;
  readonly now: number;
  readonly after?: MemberCursor;
  readonly search?: string;
}

type Where = ExpressionBuilder<Database, "memberships" | "users">;

/** Names and addresses of people may hold what a pattern would read otherwise. */
function matches(row: Where, search: string) {
  const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  const like = (column: "users.name" | "users.email") =>
    sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
  return row.or([like("users.name"), like("users.email")]);
}

/** @param email plain, as accounts have it */
export async function memberByEmail(db: Db, org: string, email: string): Promise<string | undefined> {
  return (await active(db, org).select("users.id").where("users.email", "=", email).executeTakeFirst())?.id;
}

/** The people whose role is one of these. */
export async function membersIn(db: Db, org: string, roles: readonly Role[]): Promise<string[]> {
  if (roles.length === 0) return [];
  const rows = await active(db, org).select("users.id").where("memberships.role", "in", roles).execute();
  return rows.map(({ id }) => id);
}

export async function countMembers(db: Db, org: string): Promise<number> {
  const { count } = await active(db, org)
    .select((row) => row.fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Makes somebody a member, again if they were one before. */
export async function putMember(trx: Db, row: MembershipRow): Promise<void> {
  const { role, active: isActive, created_at } = row;
  await trx
    .insertInto("memberships")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["org_id", "user_id"]).doUpdateSet({ role, active: isActive, created_at, last_seen_at: null }),
    )
    .execute();
}

export async function setRole(trx: Db, { org, user }: Membership, role: Role): Promise<void> {
  await trx.updateTable("memberships").set({ role }).where("org_id", "=", org).where("user_id", "=", user).execute();
}

/** Notes that somebody was there. */
export async function seeMember(db: Db, { org, user }: Membership, now: number): Promise<void> {
  await db
    .updateTable("memberships")
    .set({ last_seen_at: now })
    .where("org_id", "=", org)
    .where("user_id", "=", user)
    .execute();
}

/** Shared organisations that would have no owner without this person. */
export async function orgsOwnedAlone(trx: Db, user: string): Promise<{ id: string; name: string }[]> {
  return await trx
    .selectFrom("memberships as mine")
    .innerJoin("orgs", "orgs.id", "mine.org_id")
    .select(["orgs.id", "orgs.name"])
    .where("mine.user_id", "=", user)
    .where("mine.role", "=", "owner")
    .where("mine.active", "=", 1)
    .where("orgs.personal_of", "is", null)
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom("memberships as other")
            .innerJoin("users", "users.id", "other.user_id")
            .select("other.user_id")
            .whereRef("other.org_id", "=", "mine.org_id")
            .where("other.user_id", "!=", user)
            .where("other.role", "=", "owner")
            .where("other.active", "=", 1)
            .where("users.disabled_at", "is", null),
        ),
      ),
    )
    .orderBy("orgs.name")
    .execute();
}
