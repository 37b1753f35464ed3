import type { Approval } from "./approvals.ts";
import type { Db } from "./index.ts";

/** Whose inbox: an approver sees what their organisation asks, others what they asked themselves. */
export interface Viewer {
  readonly org: string;
  readonly user: string;
  readonly approves: boolean;
}

/** Where a list goes on. */
export interface After {
  readonly at: number;
  readonly id: string;
}

const seenBy = (db: Db, { org, user, approves }: Viewer) =>
  db
    .selectFrom("approvals")
    .where("org_id", "=", org)
    .$if(!approves, (query) => query.where("user_id", "=", user));

/** What waits for an answer, oldest first: it expires first. */
export const pendingApprovals = (db: Db, viewer: Viewer, now: number, limit: number): Promise<Approval[]> =>
  seenBy(db, viewer)
    .selectAll()
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .orderBy("created_at")
    .orderBy("id")
    .limit(limit)
    .execute();

/** Everything else, newest first. */
export const closedApprovals = (
  db: Db,
  viewer: Viewer,
  { now, limit, after }: { readonly now: number; readonly limit: number; readonly after?: After },
): Promise<Approval[]> =>
  seenBy(db, viewer)
    .selectAll()
    .where((row) => row.or([row("status", "!=", "pending"), row("expires_at", "<=", now)]))
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row("created_at", "<", after!.at),
          row.and([row("created_at", "=", after!.at), row("id", "<", after!.id)]),
        ]),
      ),
    )
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();

/** How many wait, for the header of every page. */
export async function countPending(db: Db, viewer: Viewer, now: number): Promise<number> {
  const { waiting } = await seenBy(db, viewer)
    .select((row) => row.fn.countAll<number>().as("waiting"))
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .executeTakeFirstOrThrow();
  return Number(waiting);
}
