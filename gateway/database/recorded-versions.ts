import type { Db } from "./index.ts";

/** The events that store a version of a credential. */
const TYPES = ["connection.create", "connection.replace", "connection.renew"];

const PAGE = 1000;

/** The latest version of each connection's credential that an organisation's audit events know. */
export async function recordedVersions(db: Db, org: string): Promise<Map<string, number>> {
  const latest = new Map<string, number>();
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const events = await db
      .selectFrom("audit_events")
      .select(["seq", "detail"])
      .where("org_id", "=", org)
      .where("type", "in", TYPES)
      .where("status", "=", "success")
      .where("seq", "<", before)
      .orderBy("seq", "desc")
      .limit(PAGE)
      .execute();
    for (const { detail } of events) {
      const { connection, version } = JSON.parse(detail) as { connection?: string; version?: number };
      if (connection && typeof version === "number")
        latest.set(connection, Math.max(latest.get(connection) ?? 0, version));
    }
    if (events.length < PAGE) return latest;
    before = events.at(-1)!.seq;
  }
}
