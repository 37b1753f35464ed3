import { findHead } from "./audit-events.ts";
import type { Db } from "./index.ts";

/** The events that store a version of a credential. */
const TYPES = ["connection.create", "connection.replace", "connection.renew"];

/** Events that one statement walks over: with SQLite nothing else runs meanwhile. */
const WINDOW = 5000;

/**
 * The latest version of each connection's credential that an organisation's audit events know.
 * @param pace waits between two statements, told how many events the last one walked over
 */
export async function recordedVersions(
  db: Db,
  org: string,
  pace: (events: number) => Promise<void> = async () => {},
): Promise<Map<string, number>> {
  const latest = new Map<string, number>();
  const { seq: end, base_seq: base } = (await findHead(db, org)) ?? { seq: 0, base_seq: 0 };
  for (let after = base; after < end; after += WINDOW) {
    const events = await db
      .selectFrom("audit_events")
      .select("detail")
      .where("org_id", "=", org)
      .where("seq", ">", after)
      .where("seq", "<=", Math.min(end, after + WINDOW))
      .where("type", "in", TYPES)
      .where("status", "=", "success")
      .execute();
    for (const { detail } of events) {
      const { connection, version } = JSON.parse(detail) as { connection?: string; version?: number };
      if (connection && typeof version === "number")
        latest.set(connection, Math.max(latest.get(connection) ?? 0, version));
    }
    await pace(Math.min(WINDOW, end - after));
  }
  return latest;
}
