import { keysOfTrail, orgsLinkedByOthers } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import type { Audit } from "./audit.ts";
import { masterKey } from "./chain.ts";

export interface ForgottenTrail {
  /** Ids of the lost keys. */
  readonly keys: readonly string[];
  readonly orgs: number;
}

/** The event that tells of it, in `detail.audit` of which keys. */
export const FORGOTTEN = "keys.forget";

const ACTOR = { id: "keys", type: "system" } as const;

/**
 * Gives up audit keys that are lost: the trail of each organisation whose last event another key linked goes on with the first
 * of these, beginning with an event that says so. Nothing is changed of what was there; it can no longer be proven.
 */
export async function forgetAuditKeys(
  { db, audit, keys }: { db: Db; audit: Pick<Audit, "record">; keys: readonly Buffer[] },
  { dryRun }: { dryRun: boolean },
): Promise<ForgottenTrail> {
  const ours = keys.map((key) => masterKey(key).id);
  const orgs = await orgsLinkedByOthers(db, ours);
  const all = new Set<string>();
  for (const org of orgs) {
    const lost = (await keysOfTrail(db, org)).filter((id) => !ours.includes(id)).sort();
    for (const id of lost) all.add(id);
    if (!dryRun) await audit.record({ org, type: FORGOTTEN, actor: ACTOR, status: "success", detail: { audit: lost } });
  }
  return { keys: [...all].sort(), orgs: orgs.length };
}
