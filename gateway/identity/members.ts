import { closeEverythingOf, forgetDeleted } from "../database/erasure.ts";
import type { Db } from "../database/index.ts";
import { revokeInvitationsBy } from "../database/invitations.ts";
import { membersIn, setRole } from "../database/members.ts";
import { endMembership, findPersonalOrg } from "../database/orgs.ts";
import { endStandingBy } from "../database/standing-approvals.ts";
import { mayChange, mayLookAfter, type Right, type Role, rolesToGive, rolesWith } from "../policy/roles.ts";
import { type Acting, actingRole, eventOf, theirRole } from "./acting.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";

type Context = Pick<IdentityContext, "db" | "audit" | "clock" | "vault">;

/** The active members whose role has this right. */
export const membersWith = (db: Db, org: string, right: Right): Promise<string[]> =>
  membersIn(db, org, rolesWith(right));

/** @throws IdentityError when the actor may not give this role, or not to this person, or nobody would own the organisation */
export async function changeRole(
  { audit, clock }: Context,
  { user, role, ...acting }: Acting & { user: string; role: Role },
): Promise<void> {
  const { org } = acting;
  await audit.atomically(async (trx, record) => {
    const own = await actingRole(trx, acting, "members");
    const before = await theirRole(trx, org, user);
    if (before === role) return;
    if (!mayChange(own, before)) throw aboveYou();
    if (!rolesToGive(own).includes(role))
      throw new IdentityError("NO_RIGHT", "Ownership is offered rather than given, and no role above your own can be.");
    if (before === "owner") await keepAnOwner(trx, org, user);
    await setRole(trx, { org, user }, role);
    await revokeInvitationsBy(trx, { org, user, except: rolesToGive(role), now: clock.now() });
    if (!mayLookAfter(role, "approve")) await endStandingBy(trx, { org, user, now: clock.now() });
    await record({ ...eventOf(acting), type: "member.role", detail: { member: user, before, role } });
  });
}

/** As removing, of oneself. */
export async function leaveOrg(context: Context, acting: Acting): Promise<string[]> {
  return await endMember(context, acting, acting.actor);
}

/**
 * Everything that acts for this person in the organisation ends with it, at their next request: browsers, applications, their own
 * connections, what waits for an answer. What they made for the organisation stays.
 * @returns the connections that were closed
 */
export async function removeMember(
  context: Context,
  { user, ...acting }: Acting & { user: string },
): Promise<string[]> {
  return await endMember(context, acting, user);
}

async function endMember({ db, audit, clock, vault }: Context, acting: Acting, user: string): Promise<string[]> {
  const { org, actor } = acting;
  const closed = await audit.atomically(async (trx, record) => {
    const own = await actingRole(trx, acting, actor === user ? undefined : "members");
    const role = await theirRole(trx, org, user);
    if (actor !== user && !mayChange(own, role)) throw aboveYou();
    if ((await findPersonalOrg(trx, user))?.id === org)
      throw new IdentityError("PERSONAL", "Nobody leaves their own organisation: it ends with the account.");
    if (role === "owner") await keepAnOwner(trx, org, user);
    await vault.destroyOwner(org, user, trx);
    const connections = await closeEverythingOf(trx, { org, user }, clock.now());
    await endMembership(trx, { org, user });
    const type = actor === user ? "member.leave" : "member.remove";
    await record({ ...eventOf(acting), type, detail: { member: user, role, connections: connections.length } });
    return connections;
  });
  await forgetDeleted(db);
  return closed;
}

async function keepAnOwner(trx: Db, org: string, user: string) {
  const others = (await membersIn(trx, org, ["owner"])).filter((id) => id !== user);
  if (others.length === 0)
    throw new IdentityError("LAST_OWNER", "An organisation always has an owner: hand it on first, or delete it.");
}

const aboveYou = () => new IdentityError("NO_RIGHT", "This person stands above you in the organisation.");
