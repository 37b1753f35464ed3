import type { Db } from "../database/index.ts";
import { lockOrg, roleOf } from "../database/members.ts";
import { mayLookAfter, type Right, type Role, rolesWith } from "../policy/roles.ts";
import { IdentityError } from "./errors.ts";

/** Who changes something in which organisation. */
export interface Acting {
  readonly org: string;
  readonly actor: string;
  readonly requestId?: string;
}

/**
 * What the actor is at this moment. Until the transaction ends nobody else changes who is what there, so of two people
 * who demote each other the second one finds that they may not.
 * @throws IdentityError when they are not a member, or have not this right
 */
export async function actingRole(trx: Db, { org, actor }: Acting, right?: Right): Promise<Role> {
  const role = (await lockOrg(trx, org)) ? await roleOf(trx, { org, user: actor }) : undefined;
  if (!role) throw new IdentityError("NOT_A_MEMBER", "You are not a member of this organisation any more.");
  if (right && !mayLookAfter(role, right))
    throw new IdentityError("NO_RIGHT", `This is for ${inList(rolesWith(right))}.`);
  return role;
}

/** @throws IdentityError for somebody who is not a member */
export async function theirRole(trx: Db, org: string, user: string): Promise<Role> {
  const role = await roleOf(trx, { org, user });
  if (!role) throw new IdentityError("NOT_A_MEMBER", "There is no such member.");
  return role;
}

const inList = (roles: readonly Role[]) => roles.map((role) => `${role}s`).join(", ").replace(/, (\w+)$/, " and $1"); // biome-ignore format: one thought

export const eventOf = ({ org, actor, requestId }: Acting) =>
  ({ org, actor: { id: actor, type: "user" }, status: "success", requestId }) as const;
