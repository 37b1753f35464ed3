import { type Expression, type SqlBool, sql } from "kysely";
import type { Db } from "./index.ts";
import type { AuditEventRow } from "./schema.ts";

/** What an auditor asks for; all of it must hold. */
export interface AuditFilter {
  /** Epoch milliseconds: from then on, and before then. */
  readonly from?: number;
  readonly to?: number;
  /** A whole type, or the beginning of several, ending with a dot: `connection.`. */
  readonly type?: string;
  readonly status?: AuditEventRow["status"];
  readonly actor?: string;
  readonly client?: string;
  readonly vendor?: string;
  readonly tool?: string;
  readonly tier?: string;
  readonly customer?: string;
  readonly rule?: string;
  readonly call?: string;
  readonly request?: string;
}

/** An event's place in a list: the page goes on behind it. */
export interface AuditPlace {
  readonly at: number;
  readonly seq: number;
}

const COLUMNS = {
  status: "status",
  actor: "actor_id",
  client: "client",
  vendor: "vendor",
  tool: "tool",
  tier: "tier",
  customer: "customer",
  rule: "rule",
  call: "call_id",
  request: "request_id",
} as const;

/**
 * One page, by time and place in the chain. What is rare has an index of its own; what most events share, such as a vendor, is
 * found on the way through the index by time, without reading the events in between.
 */
export function searchEvents(
  db: Db,
  org: string,
  filter: AuditFilter,
  { limit, after, oldestFirst = false }: { limit: number; after?: AuditPlace; oldestFirst?: boolean },
) {
  const direction = oldestFirst ? "asc" : "desc";
  return (
    db
      .selectFrom("audit_events")
      .selectAll()
      .where("org_id", "=", org)
      .$if(filter.from !== undefined, (query) => query.where("at", ">=", filter.from!))
      .$if(filter.to !== undefined, (query) => query.where("at", "<", filter.to!))
      .$if(filter.type !== undefined, (query) => query.where(isOfType(filter.type!)))
      .where(({ and, eb }) =>
        and(
          Object.entries(COLUMNS).flatMap(([name, column]) => {
            const wanted = filter[name as keyof typeof COLUMNS];
            return wanted === undefined ? [] : [eb(column, "=", wanted)];
          }),
        ),
      )
      // Said once more in the words of the index, which holds no other rows.
      .$if(filter.rule !== undefined && filter.rule !== "allowed", (query) =>
        query.where(sql<SqlBool>`rule <> 'allowed'`),
      )
      .$if(filter.tier !== undefined && filter.tier !== "read", (query) => query.where(sql<SqlBool>`tier <> 'read'`))
      .$if(filter.status !== undefined && filter.status !== "success", (query) => query.where(isUnsuccessful))
      .$if(filter.type !== undefined && !COMMON.some((type) => type.startsWith(filter.type!)), (query) =>
        query.where(sql<SqlBool>`type not in ('tool.call', 'credential.open')`),
      )
      .$if(after !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("at", "seq"), oldestFirst ? ">" : "<", tuple(after!.at, after!.seq)),
        ),
      )
      .orderBy("at", direction)
      .orderBy("seq", direction)
      .limit(limit)
  );
}

/** Every call leaves these. */
const COMMON = ["tool.call", "credential.open"];

/** The words of an index. */
export const isUnsuccessful = sql<SqlBool>`status <> 'success'`;

/** Compared by letters alone: what comes between two words in a database's own order depends on its language. */
const isOfType = (type: string): Expression<SqlBool> =>
  type.endsWith(".") ? sql<SqlBool>`substr(type, 1, ${sql.lit(type.length)}) = ${type}` : sql<SqlBool>`type = ${type}`;

export const findEvent = (db: Db, org: string, seq: number): Promise<AuditEventRow | undefined> =>
  db.selectFrom("audit_events").selectAll().where("org_id", "=", org).where("seq", "=", seq).executeTakeFirst();

/** Everything that a filter finds, oldest first, a page in memory at a time. */
export async function* eachEvent(db: Db, org: string, filter: AuditFilter): AsyncGenerator<readonly AuditEventRow[]> {
  for (let after: AuditPlace | undefined; ; ) {
    const rows = await searchEvents(db, org, filter, { limit: PAGE, after, oldestFirst: true }).execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last;
  }
}

const PAGE = 500;
