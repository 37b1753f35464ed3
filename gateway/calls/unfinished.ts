import type { FastifyInstance } from "fastify";
import { unfinishedCalls } from "../database/audit-unfinished.ts";
import { lockOrg } from "../database/members.ts";
import type { AuditEventRow } from "../database/schema.ts";
import { DEADLINE_MS } from "./call.ts";

const HOUR_MS = 3_600_000;

/** A change is waited for beyond its call's deadline, and then written down; after this it was not, and will not be. */
const SURELY_OVER_MS = DEADLINE_MS + 120_000;

/**
 * Says of changes whose process died before it wrote how they ended that nobody knows; they are never repeated.
 * @param atStart looks a week back, and of a database of one process also at what was begun just now
 * @returns how many
 */
export async function giveUpCalls(
  { db, audit, clock }: Pick<FastifyInstance, "db" | "audit" | "clock">,
  { atStart, alone }: { readonly atStart: boolean; readonly alone: boolean },
): Promise<number> {
  const now = clock.now();
  const until = atStart && alone ? now : now - SURELY_OVER_MS;
  const after = until - (atStart ? 7 * 24 * HOUR_MS : HOUR_MS);
  let unknown = 0;
  // Some at a time, until there are no more, or others mark them at this moment.
  for (let before = -1; before < unknown; ) {
    before = unknown;
    for (const begun of await unfinishedCalls(db, { after, until })) if (await giveUp(begun)) unknown++;
  }
  return unknown;

  async function giveUp({ org_id: org, call_id, ...begun }: AuditEventRow): Promise<boolean> {
    const call = call_id ?? "";
    return await audit.atomically(async (trx, record) => {
      await lockOrg(trx, org); // another replica may have found it, too
      if ((await unfinishedCalls(trx, { after, until, call })).length === 0) return false;
      const { client, tier } = begun;
      await record({
        org,
        type: "tool.call",
        actor: { id: begun.actor_id, type: begun.actor_type },
        ...(client !== null && { client }),
        ...(tier !== null && { tier }),
        vendor: begun.vendor ?? undefined,
        tool: begun.tool ?? undefined,
        status: "error",
        rule: "interrupted",
        requestId: begun.request_id ?? undefined,
        callId: call,
        detail: { code: "UNKNOWN" },
      });
      return true;
    });
  }
}
