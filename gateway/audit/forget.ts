import { keysOfHeads, orgsLinkedByOthers } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import type { Audit } from "./audit.ts";
import { masterKey } from "./chain.ts";

export interface ForgottenTrail {
  /** Ids of the lost keys, as far as they are known. */
  readonly keys: readonly string[];
  readonly orgs: number;
}

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
  const lost = [...(await keysOfHeads(db))].filter((id) => !ours.includes(id)).sort();
  if (!dryRun)
    for (const org of orgs)
      await audit.record({ org, type: "keys.forget", actor: ACTOR, status: "success", detail: { audit: lost } });
  return { keys: lost, orgs: orgs.length };
}
