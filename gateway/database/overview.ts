import type { Db } from "./index.ts";
import type { ConnectionRow } from "./schema.ts";

/** How many connections of each vendor are in which state, and how many of the working ones failed at their last call. */
export async function connectionStates(
  db: Db,
  org: string,
): Promise<{ vendor: string; status: ConnectionRow["status"]; failing: boolean; count: number }[]> {
  const rows = await db
    .selectFrom("connections")
    .select(["vendor", "status", ({ fn }) => fn.countAll<number>().as("count"), ({ eb }) => eb("last_error", "is not", null).as("failing")]) // biome-ignore format: one thought
    .where("org_id", "=", org)
    .where("status", "!=", "revoked")
    .groupBy(["vendor", "status", "failing"])
    .orderBy("vendor")
    .execute();
  return rows.map(({ vendor, status, failing, count }) => ({
    vendor,
    status,
    failing: Boolean(failing),
    count: Number(count),
  }));
}
