import type { Audit } from "../audit/audit.ts";
import * as alerts from "../database/alerts.ts";
import type { AlertRow } from "../database/schema.ts";
import type { Kind, Threshold } from "./kinds.ts";

interface House {
  readonly audit: Pick<Audit, "atomically">;
  readonly clock: { now(): number };
}

interface By {
  readonly org: string;
  readonly actor: string;
  readonly requestId?: string;
}

const FROM = { acknowledged: ["open"], closed: ["open", "acknowledged"] } as const;

/** Somebody has seen it, or it is settled. @returns false when it is no longer in a state for that */
export async function decideAlert(
  { audit, clock }: House,
  { org, actor, requestId }: By,
  id: string,
  to: keyof typeof FROM,
): Promise<boolean> {
  return await audit.atomically(async (trx, record) => {
    const moved = await alerts.moveAlert(trx, { org, id, from: FROM[to], to, by: actor, now: clock.now() });
    if (!moved) return false;
    const { kind, subject } = (await alerts.findAlert(trx, org, id)) as AlertRow; // it was just moved
    const type = to === "closed" ? "alert.close" : "alert.acknowledge";
    const who = { org, actor: { id: actor, type: "user" as const }, requestId };
    await record({ ...who, type, status: "success", detail: { alert: id, kind, subject } });
    return true;
  });
}

export async function setThreshold(
  { audit }: Pick<House, "audit">,
  { org, actor, requestId }: By,
  kind: Kind,
  { enabled, count, minutes }: Threshold,
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await alerts.putThreshold(trx, { org_id: org, kind, enabled: enabled ? 1 : 0, count, minutes });
    const who = { org, actor: { id: actor, type: "user" as const }, requestId };
    await record({ ...who, type: "alert.threshold", status: "success", detail: { kind, enabled, count, minutes } });
  });
}
