import type { Db } from "../database/index.ts";
import { type MemberOrg, orgsOfMember } from "../database/orgs.ts";
import type { IdentityContext } from "./context.ts";
import { changePolicy } from "./policies.ts";

export type { MemberOrg, Org } from "../database/orgs.ts";
export { findPersonalOrg } from "../database/orgs.ts";

/** The organisations a person is an active member of, their own first. */
export const orgsOf = (db: Db, userId: string): Promise<MemberOrg[]> => orgsOfMember(db, userId);

interface Switching {
  readonly org: string;
  readonly on: boolean;
  /** Whether they may do so is decided by the caller. */
  readonly actor: string;
  readonly requestId?: string;
}

/** Switches write tools on or off. */
export async function setWritesEnabled(
  context: Pick<IdentityContext, "audit" | "clock">,
  { on, ...who }: Switching,
): Promise<void> {
  await changePolicy(context, {
    ...who,
    type: "policy.writes",
    detail: { enabled: on },
    change: (policy) =>
      policy.switches.write === on ? policy : { ...policy, switches: { ...policy.switches, write: on } },
  });
}

/** Switches the extended tools of one vendor on or off. */
export async function setExtendedTools(
  context: Pick<IdentityContext, "audit" | "clock">,
  { vendor, on, ...who }: Switching & { vendor: string },
): Promise<void> {
  await changePolicy(context, {
    ...who,
    vendor,
    type: "policy.extended",
    detail: { enabled: on },
    change(policy) {
      if (policy.extended.includes(vendor) === on) return policy;
      const others = policy.extended.filter((each) => each !== vendor);
      return { ...policy, extended: on ? [...others, vendor].sort() : others };
    },
  });
}
