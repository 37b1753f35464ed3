import type { Recorder } from "../audit/audit.ts";
import { newId, newToken, tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import * as invitations from "../database/invitations.ts";
import { lockOrg, putMember, roleOf } from "../database/members.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import type { User } from "../database/users.ts";
import { findUser } from "../database/users.ts";
import { type Role, rolesToGive } from "../policy/roles.ts";
import { type Acting, actingRole, eventOf } from "./acting.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { addPerson, emailOf, prepareUser } from "./users.ts";

const VALID_MS = 7 * 24 * 3_600_000;

/** An invitation as whoever opens its link may see it. */
export interface Offered {
  readonly org: string;
  readonly orgName: string;
  readonly role: Role;
  /** Whose account may use it; undefined for whoever has the link. */
  readonly email?: string;
  readonly expiresAt: number;
}

/**
 * A link that makes somebody a member, once.
 * @param email whose account may use it; left out, everybody who has the link
 * @returns the bearer value, of which only a hash is stored
 */
export async function invite(
  { audit, clock }: IdentityContext,
  { role, email, ...acting }: Acting & { role: Role; email?: string },
): Promise<{ token: string }> {
  const { org, actor } = acting;
  const bound = email === undefined ? null : emailOf(email);
  const token = newToken();
  const now = clock.now();
  const id = newId("inv");
  await audit.atomically(async (trx, record) => {
    const own = await actingRole(trx, acting, "members");
    if (!rolesToGive(own).includes(role)) throw new IdentityError("NO_RIGHT", "You may not give this role.");
    if ((await findPersonalOrg(trx, actor))?.id === org)
      throw new IdentityError("PERSONAL", "This organisation is yours alone. Make another one to invite people to.");
    await invitations.addInvitation(trx, {
      id,
      org_id: org,
      token_hash: tokenHash(token),
      email: bound,
      role,
      created_by: actor,
      created_at: now,
      expires_at: now + VALID_MS,
      used_at: null,
      revoked_at: null,
    });
    await record({
      ...eventOf(acting),
      type: "invitation.create",
      detail: { invitation: id, role, bound: bound !== null },
    });
  });
  return { token };
}

export async function revokeInvitation(
  { audit, clock }: IdentityContext,
  { id, ...acting }: Acting & { id: string },
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await actingRole(trx, acting, "members");
    if (!(await invitations.revokeInvitation(trx, { org: acting.org, id, now: clock.now() }))) throw over();
    await record({ ...eventOf(acting), type: "invitation.revoke", detail: { invitation: id } });
  });
}

/** Undefined for a link that is over. */
export async function readInvitation(
  { db, clock }: Pick<IdentityContext, "db" | "clock">,
  token: string,
): Promise<Offered | undefined> {
  const row = await invitations.findInvitation(db, tokenHash(token), clock.now());
  return row && (await isGood(db, row)) ? offeredIn(row) : undefined;
}

/** Somebody with an account comes in. Somebody who is in already stays as they are, and the link stays good. */
export async function acceptInvitation(
  { audit, clock }: IdentityContext,
  { token, user: id, requestId }: { token: string; user: string; requestId?: string },
): Promise<Offered> {
  return await audit.atomically(async (trx, record) => {
    const user = await findUser(trx, id);
    if (!user || user.disabled_at !== null) throw over();
    return await join(trx, record, { token, user, now: clock.now(), requestId });
  });
}

/** Somebody without an account gets one and comes in: both or neither. */
export async function joinWithNewAccount(
  context: IdentityContext,
  { token, requestId, ...given }: { token: string; email: string; name: string; password: string; requestId?: string },
): Promise<{ user: User; offered: Offered }> {
  // Before the password is hashed, so that strangers cannot make the gateway work hard.
  if (!(await readInvitation(context, token))) throw over();
  const person = await prepareUser(context, given);
  return await context.audit.atomically(async (trx, record) => {
    const user = await addPerson(trx, record, person);
    return { user, offered: await join(trx, record, { token, user, now: person.now, requestId }) };
  });
}

interface Joining {
  readonly token: string;
  readonly user: User;
  readonly now: number;
  readonly requestId?: string;
}

async function join(trx: Db, record: Recorder, { token, user, now, requestId }: Joining): Promise<Offered> {
  const row = await invitations.findInvitation(trx, tokenHash(token), now);
  if (!row) throw over();
  const { id, org_id: org, role, email, created_by: from } = row;
  if (email !== null && email !== user.email)
    throw new IdentityError("OTHER_ADDRESS", "This invitation is for another e-mail address.");
  if (!(await lockOrg(trx, org)) || !(await isGood(trx, row))) throw over();
  if (await roleOf(trx, { org, user: user.id })) return offeredIn(row);
  if (!(await invitations.useInvitation(trx, row, now))) throw over();
  await putMember(trx, { org_id: org, user_id: user.id, role, active: 1, created_at: now });
  const detail = { member: user.id, role, invitation: id, from };
  await record({ ...eventOf({ org, actor: user.id, requestId }), type: "member.join", detail });
  return offeredIn(row);
}

/** Whoever made it is still there and may still give this role. */
async function isGood(db: Db, { org_id: org, created_by: user, role }: invitations.Invitation): Promise<boolean> {
  const own = await roleOf(db, { org, user });
  return own !== undefined && rolesToGive(own).includes(role);
}

const offeredIn = (row: invitations.Invitation & { org_name: string }): Offered => ({
  org: row.org_id,
  orgName: row.org_name,
  role: row.role,
  email: row.email ?? undefined,
  expiresAt: row.expires_at,
});

const over = () =>
  new IdentityError("INVITATION_OVER", "This invitation was used or taken back, or is older than a week.");
