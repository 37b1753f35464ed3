import type { Db } from "./index.ts";
import type { ApprovalRow } from "./schema.ts";

export type Approval = ApprovalRow;

/** Stores a request, unless one for the same call waits already. @returns whether it was stored */
export async function addApproval(trx: Db, row: Approval): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("approvals")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export const findApproval = (
  db: Db,
  { id, org }: { readonly id: string; readonly org: string },
): Promise<Approval | undefined> =>
  db.selectFrom("approvals").selectAll().where("org_id", "=", org).where("id", "=", id).executeTakeFirst();

/** What was said to exactly this call, newest first. */
export const approvalsOfCall = (db: Db, org: string, callHash: string): Promise<Approval[]> =>
  db
    .selectFrom("approvals")
    .selectAll()
    .where("org_id", "=", org)
    .where("call_hash", "=", callHash)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(20)
    .execute();

/** What still waits for the same wish under another policy, tool version or connection. */
export const outdatedApprovals = (
  db: Db,
  { org_id, wish_hash, call_hash }: Pick<Approval, "org_id" | "wish_hash" | "call_hash">,
  now: number,
): Promise<Approval[]> =>
  db
    .selectFrom("approvals")
    .selectAll()
    .where("org_id", "=", org_id)
    .where("wish_hash", "=", wish_hash)
    .where("call_hash", "!=", call_hash)
    .where("status", "in", ["pending", "approved"])
    .where("expires_at", ">", now)
    .execute();

/** Of two who change a record at once one comes first; the other gets undefined. */
export const changeApproval = (
  trx: Db,
  { id, org_id, status }: Pick<Approval, "id" | "org_id" | "status">,
  change: Partial<Approval>,
): Promise<Approval | undefined> =>
  trx
    .updateTable("approvals")
    .set(change)
    .where("org_id", "=", org_id)
    .where("id", "=", id)
    .where("status", "=", status)
    .returningAll()
    .executeTakeFirst();

/** The one statement that makes a yes count once: no row, no call. */
export const consumeApproval = (
  trx: Db,
  { id, org_id, call_hash }: Pick<Approval, "id" | "org_id" | "call_hash">,
  use: { readonly call: string; readonly now: number; readonly until: number },
): Promise<Approval | undefined> =>
  trx
    .updateTable("approvals")
    .set({
      status: "consumed",
      outcome: "started",
      consumed_call_id: use.call,
      consumed_at: use.now,
      run_until: use.until,
    })
    .where("org_id", "=", org_id)
    .where("id", "=", id)
    .where("call_hash", "=", call_hash)
    .where("status", "=", "approved")
    .where("expires_at", ">", use.now)
    .returningAll()
    .executeTakeFirst();

/** Notes how a run ended, once. @returns false when it was given up as unknown before */
export async function finishApproval(
  trx: Db,
  { id, org }: { readonly id: string; readonly org: string },
  outcome: NonNullable<Approval["outcome"]>,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("approvals")
    .set({ outcome, finished_at: now })
    .where("org_id", "=", org)
    .where("id", "=", id)
    .where("outcome", "=", "started")
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Runs that should have ended by now, or all that are under way. */
export const overdueRuns = (db: Db, now: number | undefined): Promise<Approval[]> =>
  db
    .selectFrom("approvals")
    .selectAll()
    .where("outcome", "=", "started")
    .$if(now !== undefined, (query) => query.where("run_until", "<=", now!))
    .limit(500)
    .execute();

/** Requests for this call whose time is over, so that a new one has room. */
export async function expireApprovals(
  trx: Db,
  now: number,
  { org_id, call_hash }: Pick<Approval, "org_id" | "call_hash">,
): Promise<void> {
  await trx
    .updateTable("approvals")
    .set({ status: "expired" })
    .where("org_id", "=", org_id)
    .where("call_hash", "=", call_hash)
    .where("status", "in", ["pending", "approved"])
    .where("expires_at", "<=", now)
    .execute();
}

/** Requests of everybody whose time is over. */
export const expiredApprovals = (db: Db, now: number): Promise<Approval[]> =>
  db
    .selectFrom("approvals")
    .selectAll()
    .where("status", "in", ["pending", "approved"])
    .where("expires_at", "<=", now)
    .limit(500)
    .execute();
