import { createHash } from "node:crypto";
import { PostgresDialect } from "kysely";
import pg from "pg";

/** Kysely over pg, with numbers for int8 and named statements. */
export function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    Client: NamedClient,
    max: 10,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser },
  } as pg.PoolConfig);
  // An idle connection that the server closes is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  return new PostgresDialect({ pool });
}

const INT8 = 20;

/** pg hands out int8 as text; ours are counts and epoch milliseconds, far below 2^53. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser;

/** Names each statement by its text, so that the server plans it once per connection: half the CPU of a query. */
class NamedClient extends pg.Client {
  // pg.Client.query has a dozen overloads; kysely calls this one.
  override query(text: unknown, values?: unknown): never {
    const send = super.query.bind(this) as (...input: unknown[]) => never;
    return typeof text === "string" && Array.isArray(values) && values.length > 0 && !text.includes("*")
      ? send({ name: nameOf(text), text, values })
      : send(text, values);
  }
}

/** Not for `select *`: after a migration adds a column, the server refuses the old plan of such a statement. */
const nameOf = (text: string) => createHash("sha1").update(text).digest("base64url");
