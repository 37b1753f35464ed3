import { createAudit } from "../../gateway/audit/audit.ts";
import { refuseForeignTrail } from "../../gateway/audit/foreign-trail.ts";
import { retainEvents } from "../../gateway/audit/retention.ts";
import { openGateway } from "./open.ts";

/** Removes what organisations keep no longer, as the gateway does every hour. */
export async function retain(): Promise<number> {
  const { db, keys } = await openGateway();
  try {
    await refuseForeignTrail(db, keys.audit);
    const clock = { now: Date.now };
    const audit = createAudit({ db, keys: keys.audit, clock, sinks: [] });
    const done = await retainEvents({ db, audit, clock });
    for (const { org, through, removed } of done) console.log(`${org}: ${removed} events up to ${through} removed`);
    if (done.length === 0) console.log("Nothing to remove.");
    return 0;
  } finally {
    await db.destroy();
  }
}
