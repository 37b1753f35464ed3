import { newToken, tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import * as sessions from "../database/sessions.ts";

/** Unused for this long, a session is over; used, it goes on, at most for the second. */
export const IDLE_MS = 8 * 3_600_000;
export const LONGEST_MS = 7 * 24 * 3_600_000;
/** Noting each request would cost a write each. */
const NOTED_EVERY_MS = 60_000;

export interface SignedIn {
  user: { id: string; email: string; name: string };
  session: { orgId: string; createdAt: number; expiresAt: number };
}

/** The token goes into the cookie and nowhere else; only its hash is stored. */
export async function createSession(
  db: Db,
  { userId, now }: { userId: string; now: number },
): Promise<{ token: string }> {
  const org = await findPersonalOrg(db, userId);
  if (!org) throw new Error("A person without an organisation cannot sign in.");
  const token = newToken();
  await sessions.addSession(db, {
    id_hash: tokenHash(token),
    org_id: org.id,
    user_id: userId,
    created_at: now,
    last_seen_at: now,
    expires_at: now + IDLE_MS,
  });
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
  }
  return {
    user: { id: row.user_id, email: row.email, name: row.name },
    session: { orgId: row.org_id, createdAt: row.created_at, expiresAt },
  };
}

export const endSession = (db: Db, token: string): Promise<void> => sessions.deleteSession(db, tokenHash(token));
