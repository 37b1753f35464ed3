import { type Kysely, SqliteAdapter, sql } from "kysely";

/** A table as rows are carried from one database to another. */
export interface TableShape {
  readonly name: string;
  /** In one order on both databases: by name. */
  readonly columns: readonly string[];
  /** Those of its columns that hold bytes. */
  readonly bytes: ReadonlySet<string>;
  /** The columns of its primary key. */
  readonly key: readonly string[];
}

interface Found {
  readonly columns: { readonly table: string; readonly column: string; readonly type: string; readonly key: number }[];
  readonly references: { readonly from: string; readonly to: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: whatever tables there are
export type AnyDb = Kysely<any>;

/** Counters that PostgreSQL itself forgets in a crash (unlogged tables): not worth a copy. */
export const SHORT_LIVED: ReadonlySet<string> = new Set(["call_counters", "budget_slots"]);

/**
 * Every table that outlives a restart, in an order in which rows find what they refer to. Read from the catalogue, so
 * that a table that comes later is carried by itself.
 */
export async function tablesOf(db: AnyDb): Promise<TableShape[]> {
  const { columns, references } = await (isSqlite(db) ? ofSqlite(db) : ofPostgres(db));
  const lasting = columns.filter(({ table }) => !SHORT_LIVED.has(table));
  const byTable = Map.groupBy(lasting, ({ table }) => table);
  const shapes = [...byTable].map(([name, own]) => shapeOf(name, own));
  return inOrder(shapes, references);
}

export const isSqlite = (db: AnyDb): boolean => db.getExecutor().adapter instanceof SqliteAdapter;

function shapeOf(name: string, own: Found["columns"]): TableShape {
  const keyed = own.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  if (keyed.length === 0) throw new Error(`The table ${name} has no primary key, so its rows cannot be read in order.`);
  return {
    name,
    columns: own.map(({ column }) => column).sort(),
    bytes: new Set(own.filter(({ type }) => /^(blob|bytea)$/i.test(type)).map(({ column }) => column)),
    key: keyed.map(({ column }) => column),
  };
}

function inOrder(shapes: readonly TableShape[], references: Found["references"]): TableShape[] {
  const placed: TableShape[] = [];
  const waiting = new Set([...shapes].sort((a, b) => (a.name < b.name ? -1 : 1)));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ name }) => !references.some(({ from, to }) => from === name && to !== name && [...waiting].some((one) => one.name === to))); // biome-ignore format: one thought
    if (ready.length === 0)
      throw new Error(`These tables refer to each other: ${[...waiting].map(({ name }) => name)}.`);
    for (const one of ready) waiting.delete(one);
    placed.push(...ready);
  }
  return placed;
}

/** The migrator's own. */
const BOOKS = "kysely_%";

async function ofSqlite(db: AnyDb): Promise<Found> {
  const columns = await sql<Found["columns"][number]>`select m.name as "table", c.name as "column", c.type, c.pk as key
    from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like ${BOOKS} and m.name not like 'sqlite_%'`.execute(db);
  const references = await sql<Found["references"][number]>`select m.name as "from", f."table" as "to"
    from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'`.execute(db);
  return { columns: columns.rows, references: references.rows };
}

async function ofPostgres(db: AnyDb): Promise<Found> {
  const columns = await sql<Found["columns"][number]>`select t.relname as "table", a.attname as "column",
    a.atttypid::regtype::text as type, coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1 as key
    from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index i on i.indrelid = t.oid and i.indisprimary
    where t.relkind = 'r' and t.relname not like ${BOOKS}`.execute(db);
  const references = await sql<Found["references"][number]>`select f.relname as "from", t.relname as "to"
    from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
    where c.contype = 'f'`.execute(db);
  return { columns: columns.rows, references: references.rows };
}
