import { giveCustomers, isLimited, type Member, setLimited, takeCustomers } from "../../database/customer-limits.ts";
import type { IdentityContext } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { type Change, changing } from "./changes.ts";

export { givenCustomers, isLimited, limitedTo } from "../../database/customer-limits.ts";

export interface LimitChange extends Change {
  readonly user: string;
  /** False for all customers. */
  readonly limited: boolean;
  /** What they may see besides, when they are limited, and what no longer. */
  readonly give?: readonly string[];
  readonly take?: readonly string[];
}

/** Limits a member to some customers, or to none any more. It holds at their next request. @throws IdentityError */
export async function limitMember(
  context: Pick<IdentityContext, "audit">,
  { user, limited, give = [], take = [], ...change }: LimitChange,
): Promise<void> {
  const member: Member = { org: change.org, user };
  await changing(context, change, async (trx, record) => {
    if ((await isLimited(trx, member)) === undefined)
      throw new IdentityError("NOT_A_MEMBER", "This person is not a member of the organisation any more.");
    await setLimited(trx, member, limited);
    const taken = await takeCustomers(trx, member, take);
    const given = await giveCustomers(trx, member, give);
    await record({ type: "member.limit", detail: { member: user, limited, given, taken } });
  });
}
