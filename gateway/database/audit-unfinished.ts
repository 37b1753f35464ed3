import { type SqlBool, sql } from "kysely";
import type { Db } from "./index.ts";
import type { AuditEventRow } from "./schema.ts";

const AT_ONCE = 100;

/** Changes that were begun in this time and whose end is on record nowhere, oldest first. */
export const unfinishedCalls = (
  db: Db,
  { after, until, call }: { after: number; until: number; call?: string },
): Promise<AuditEventRow[]> =>
  db
    .selectFrom("orgs")
    .innerJoin("audit_events as begun", "begun.org_id", "orgs.id")
    .selectAll("begun")
    .where("begun.status", "=", "started")
    .where(sql<SqlBool>`begun.status <> 'success'`) // in the words of the index, which holds no other rows
    .where("begun.at", ">", after)
    .where("begun.at", "<=", until)
    .$if(call !== undefined, (query) => query.where("begun.call_id", "=", call!))
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom("audit_events as ended")
            .select("ended.seq")
            .whereRef("ended.org_id", "=", "begun.org_id")
            .whereRef("ended.call_id", "=", "begun.call_id")
            .where("ended.type", "=", "tool.call")
            .where("ended.status", "<>", "started"),
        ),
      ),
    )
    .orderBy("begun.at")
    .limit(AT_ONCE)
    .execute();
