import type { Caller } from "../calls/caller.ts";
import { admittedRows, isLimited } from "../database/customer-limits.ts";
import type { Db } from "../database/index.ts";
import { customersOf } from "../policy/customers.ts";

/** One more query, for people who are limited; what they may see is what holds at this request. */
export async function customerLimit(
  db: Db,
  { limited, ...member }: { org: string; user: string; limited: boolean },
): Promise<Pick<Caller, "limited" | "customers">> {
  if (!limited) return { limited: false };
  return { limited: true, customers: customersOf(await admittedRows(db, member)) };
}

/** The same for a member of whom it is not known yet; who is no member sees nothing. */
export async function memberLimit(db: Db, member: { org: string; user: string }) {
  return await customerLimit(db, { ...member, limited: (await isLimited(db, member)) ?? true });
}
