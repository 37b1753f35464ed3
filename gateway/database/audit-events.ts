import { isUnsuccessful } from "./audit-search.ts";
import type { Db } from "./index.ts";
import { preparedInsert } from "./prepared.ts";
import type { AuditEventRow, AuditHeadRow } from "./schema.ts";

/** Events nobody's organisation owns: a failed sign-in of an unknown account, a registration of a client. */
export const SYSTEM_ORG = "system";

/** The end of an organisation's chain. */
type Head = Pick<AuditHeadRow, (typeof HEAD)[number]>;

const HEAD = ["org_id", "seq", "mac"] as const;

/**
 * Reserves places at the ends of organisations' chains, `seq` of them for each, and holds their heads until the transaction ends.
 * @param wanted each organisation once and in one order everywhere, so that two batches never wait for each other
 * @returns by organisation, the number of its last place, and the mac of the event before its first
 */
export async function reservePlaces(
  trx: Db,
  wanted: readonly Omit<Head, "mac">[],
): Promise<ReadonlyMap<string, { last: number; mac: string }>> {
  const heads = await moveHeads(trx, wanted.map((each) => ({ ...each, mac: "" }))); // biome-ignore format: one thought
  return new Map(heads.map(({ org_id, seq, mac }) => [org_id, { last: seq, mac }]));
}

const moveHeads = preparedInsert<Head, Head>(HEAD, (db, rows) =>
  db
    .insertInto("audit_heads")
    .values(rows)
    .onConflict((conflict) =>
      conflict.column("org_id").doUpdateSet((row) => ({ seq: row("audit_heads.seq", "+", row.ref("excluded.seq")) })),
    )
    .returning(HEAD),
);

/** Fills the reserved places; `rows` are in order within each organisation. */
export async function appendEvents(trx: Db, rows: readonly AuditEventRow[]): Promise<void> {
  await insertEvents(trx, rows);
  await setHeads(trx, [...new Map(rows.map((row) => [row.org_id, row])).values()]);
}

const insertEvents = preparedInsert<AuditEventRow>(
  [
    "org_id",
    "seq",
    "at",
    "type",
    "status",
    "actor_id",
    "actor_type",
    "vendor",
    "tool",
    "request_id",
    "call_id",
    "detail",
    "key_id",
    "prev_mac",
    "mac",
    "client",
    "customer",
    "rule",
    "tier",
  ],
  (db, rows) => db.insertInto("audit_events").values(rows),
);

const setHeads = preparedInsert<Head>(HEAD, (db, rows) =>
  db
    .insertInto("audit_heads")
    .values(rows)
    .onConflict((conflict) => conflict.column("org_id").doUpdateSet(({ ref }) => ({ mac: ref("excluded.mac") }))),
);

export const findHead = (db: Db, org: string) =>
  db.selectFrom("audit_heads").selectAll().where("org_id", "=", org).executeTakeFirst();

const MOST_HEADS = 20;

/** Ids of the keys that linked the last events of some organisations. */
export async function keysOfHeads(db: Db): Promise<ReadonlySet<string>> {
  const rows = await heads(db).select("event.key_id").limit(MOST_HEADS).execute();
  return new Set(rows.map(({ key_id }) => key_id));
}

/** Whether one of these keys linked the last event of any organisation. */
export const headLinkedBy = async (db: Db, keys: readonly string[]): Promise<boolean> =>
  Boolean(await heads(db).select("event.seq").where("event.key_id", "in", keys).limit(1).executeTakeFirst());

/** Organisations whose last event another key linked. */
export async function orgsLinkedByOthers(db: Db, keys: readonly string[]): Promise<string[]> {
  const rows = await heads(db)
    .select("head.org_id")
    .where("event.key_id", "not in", keys)
    .orderBy("head.org_id")
    .execute();
  return rows.map(({ org_id }) => org_id);
}

/** Ids of all keys that linked an organisation's events or signed its anchors. */
export async function keysOfTrail(db: Db, org: string): Promise<string[]> {
  const events = await db.selectFrom("audit_events").select("key_id").distinct().where("org_id", "=", org).execute();
  const anchors = await db.selectFrom("audit_anchors").select("key_id").distinct().where("org_id", "=", org).execute();
  return [...new Set([...events, ...anchors].map(({ key_id }) => key_id))];
}

/** Those of a rare type, in order. */
export const eventsOfType = (db: Db, org: string, type: string): Promise<AuditEventRow[]> =>
  db.selectFrom("audit_events").selectAll().where("org_id", "=", org).where("type", "=", type).orderBy("seq").execute();

const heads = (db: Db) =>
  db
    .selectFrom("audit_heads as head")
    .innerJoin("audit_events as event", (join) =>
      join.onRef("event.org_id", "=", "head.org_id").onRef("event.seq", "=", "head.seq"),
    );

/** Organisations with a head, an event or an anchor: to lose one of these is no way to hide from a check. */
export async function chainedOrgs(db: Db): Promise<string[]> {
  const found = new Set<string>();
  for (const row of await db.selectFrom("audit_heads").select("org_id").execute()) found.add(row.org_id);
  for (const table of ["audit_events", "audit_anchors"] as const) {
    // One step in the index for each organisation, where a distinct reads every entry.
    for (let after = ""; ; ) {
      const next = await db
        .selectFrom(table)
        .select("org_id")
        .where("org_id", ">", after)
        .orderBy("org_id")
        .limit(1)
        .executeTakeFirst();
      if (!next) break;
      after = next.org_id;
      found.add(after);
    }
  }
  return [...found].sort();
}

/** In order, from `after` on. */
export const readEvents = (db: Db, org: string, after: number, limit: number): Promise<AuditEventRow[]> =>
  db
    .selectFrom("audit_events")
    .selectAll()
    .where("org_id", "=", org)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute();

/** Newest first. */
export const listEvents = (
  db: Db,
  { org, status, limit }: { org: string; status?: AuditEventRow["status"]; limit: number },
): Promise<AuditEventRow[]> =>
  db
    .selectFrom("audit_events")
    .selectAll()
    .where("org_id", "=", org)
    .$if(status !== undefined, (query) => query.where("status", "=", status!))
    .$if(status !== undefined && status !== "success", (query) => query.where(isUnsuccessful))
    .orderBy("seq", "desc")
    .limit(limit)
    .execute();

/** The number of an event that no walk from the first to the head meets; undefined when there is none. */
export async function strayEvent(db: Db, org: string): Promise<number | undefined> {
  const rows = () => db.selectFrom("audit_events").select("seq").where("org_id", "=", org).orderBy("seq").limit(1);
  const early = await rows().where("seq", "<", 1).executeTakeFirst();
  if (early) return early.seq;
  // One statement, so that an event and the head that moved with it are seen together.
  const late = await rows()
    .where("seq", ">", (head) =>
      head
        .selectFrom("audit_heads")
        .select(({ fn, val }) => fn.coalesce(fn.max("seq"), val(0)).as("seq"))
        .where("org_id", "=", org),
    )
    .executeTakeFirst();
  return late?.seq;
}
