import { newToken, tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { seeMember } from "../database/members.ts";
import { type MemberOrg, orgsOfMember, startingOrg } from "../database/orgs.ts";
import * as sessions from "../database/sessions.ts";
import type { Role } from "../policy/roles.ts";

/** Unused for this long, a session is over; used, it goes on, at most for the second. */
export const IDLE_MS = 8 * 3_600_000;
export const LONGEST_MS = 7 * 24 * 3_600_000;
/** Noting each request would cost a write each. */
const NOTED_EVERY_MS = 60_000;

/**
 * How a person shows who they are. A passkey is two factors in one: the device, and what unlocks it. `mfa` goes with
 * `sso` where the provider says that it asked for two.
 */
export type Method = "password" | "sso" | "mfa" | "passkey" | "totp" | "recovery";

export interface SignedIn {
  user: { id: string; email: string; name: string };
  /** Where they are a member, their own organisation first. */
  orgs: readonly MemberOrg[];
  session: {
    orgId: string;
    /** What the person is in that organisation. */
    role: Role;
    createdAt: number;
    expiresAt: number;
    /** How and when the person last showed who they are. */
    methods: readonly Method[];
    authenticatedAt: number;
  };
}

interface NewSession {
  readonly userId: string;
  readonly now: number;
  readonly methods?: readonly Method[];
  /** An organisation they are a member of; the one they were in last, unless said. */
  readonly org?: string;
  /** When the person showed who they are; now, unless somebody else was shown. */
  readonly authenticatedAt?: number | undefined;
}

/** The token goes into the cookie and nowhere else; only its hash is stored. */
export async function createSession(
  db: Db,
  { userId, now, methods = ["password"], authenticatedAt = now, org: wanted }: NewSession,
): Promise<{ token: string }> {
  const org = wanted ?? (await startingOrg(db, userId));
  if (!org) throw new Error("A person without an organisation cannot sign in.");
  const token = newToken();
  await sessions.addSession(db, {
    id_hash: tokenHash(token),
    org_id: org,
    user_id: userId,
    created_at: now,
    last_seen_at: now,
    expires_at: now + IDLE_MS,
    methods: methods.join(" "),
    authenticated_at: Math.min(authenticatedAt, now),
  });
  await seeMember(db, { org, user: userId }, now);
  return { token };
}

/** Undefined for an unknown, ended or expired session, and for a person who was disabled or erased. */
export async function findSession(db: Db, token: string | undefined, now: number): Promise<SignedIn | undefined> {
  if (!token) return undefined;
  const row = await sessions.findLiveSession(db, tokenHash(token), now);
  if (!row) return undefined;
  let expiresAt = row.expires_at;
  if (now - row.last_seen_at >= NOTED_EVERY_MS) {
    expiresAt = Math.min(now + IDLE_MS, row.created_at + LONGEST_MS);
    await sessions.touchSession(db, row.id_hash, now, expiresAt);
    await seeMember(db, { org: row.org_id, user: row.user_id }, now);
  }
  return {
    user: { id: row.user_id, email: row.email, name: row.name },
    orgs: await orgsOfMember(db, row.user_id),
    session: { orgId: row.org_id, role: row.role, createdAt: row.created_at, expiresAt, ...how(row) },
  };
}

const how = (row: { methods: string; authenticated_at: number }) => ({
  methods: row.methods.split(" ") as Method[], // written here alone
  authenticatedAt: row.authenticated_at,
});

/** The person showed again who they are: the same session under a new value. Undefined when it has ended meanwhile. */
export async function refreshSession(
  db: Db,
  token: string,
  { methods, now }: { methods: readonly Method[]; now: number },
): Promise<{ token: string } | undefined> {
  const next = newToken();
  const row = { id_hash: tokenHash(next), methods: methods.join(" "), authenticated_at: now };
  return (await sessions.renewSession(db, tokenHash(token), row)) ? { token: next } : undefined;
}

/** The browser goes on in another organisation of the person. @returns false unless they are a member there */
export async function switchOrg(
  db: Db,
  token: string,
  { user, org, now }: { user: string; org: string; now: number },
): Promise<boolean> {
  if (!(await sessions.moveSession(db, tokenHash(token), { user, org }))) return false;
  await seeMember(db, { org, user }, now);
  return true;
}

export const endSession = (db: Db, token: string): Promise<void> => sessions.deleteSession(db, tokenHash(token));
