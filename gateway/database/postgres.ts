import { createHash } from "node:crypto";
import { PostgresDialect } from "kysely";
import pg from "pg";
import { SETTING } from "./row-security.ts";
import { EVERY_ORG, scopeNow } from "./scope.ts";
import { type Saying, ScopedQuery } from "./scoped-query.ts";
import { orUnavailable } from "./unavailable.ts";

export interface PoolSettings {
  /** Most connections of this process. */
  readonly connections: number;
  /** How long a query waits for one of them, or for a new one. */
  readonly waitMs: number;
  /** After it the server ends a statement; 0 for never. */
  readonly statementMs: number;
}

export const POOL: PoolSettings = { connections: 10, waitMs: 5000, statementMs: 30_000 };

/** How many connections there are, how many of them rest, and how many queries wait for one. */
export type PoolState = Pick<pg.Pool, "totalCount" | "idleCount" | "waitingCount">;

/** What a query reaches outside of any scope. */
export type Outside = "every organisation" | "nothing";

/**
 * Kysely over pg, with numbers for int8 and named statements. Queries reject with DatabaseUnavailable in an outage.
 * @param outside undefined for a role that row-level security does not bind: then nothing is said about scopes
 */
export function postgresDialect(
  url: string,
  settings: PoolSettings,
  outside?: Outside,
  onPool?: (pool: PoolState) => void,
): PostgresDialect {
  const pool = new PatientPool({
    ...connectionTo(url, settings),
    Client: ScopedClient,
    max: settings.connections,
    types: { getTypeParser },
    outside,
  } as pg.PoolConfig);
  // A connection that the server closes is replaced by the pool; without these listeners it would end the process, while it
  // is idle and while a transaction has it and asks nothing. Whoever asks next is told.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  onPool?.(pool);
  return new PostgresDialect({ pool });
}

/** How one connection is made, for the pool and for the look at the server before it. */
export const connectionTo = (url: string, { waitMs, statementMs }: PoolSettings): pg.ClientConfig => ({
  connectionString: strictTls(url),
  application_name: "vendorsmith",
  connectionTimeoutMillis: waitMs,
  keepAlive: true,
  // A process that vanished must not hold the locks of its transaction for hours.
  idle_in_transaction_session_timeout: 60_000,
  // The second is for a server that vanished without a word, and so cannot end the statement.
  ...(statementMs > 0 && { statement_timeout: statementMs, query_timeout: statementMs + 5000 }),
});

/** Every sslmode that asks for TLS verifies certificate and name, as pg reads it, without its warning. */
const strictTls = (url: string) => url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");

const INT8 = 20;

/** pg hands out int8 as text; ours are counts and epoch milliseconds, far below 2^53. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser;

class PatientPool extends pg.Pool {
  // pg.Pool.connect has an overload with a callback; kysely calls the one without.
  override async connect(): Promise<never> {
    return (await super.connect().catch(rethrow)) as never;
  }
}

/** Names each statement by its text, so that the server plans it once per connection: half the CPU of a query. */
class NamedClient extends pg.Client {
  readonly #names = new Map<string, string>();

  // pg.Client.query has a dozen overloads; kysely calls this one.
  override query(text: unknown, values: unknown = []): never {
    if (typeof text !== "string" || !Array.isArray(values)) return super.query(text as string, values as []) as never;
    const named = values.length > 0 && !text.includes("*");
    const statement = named ? { name: this.#nameOf(text), text, values } : { text, values };
    return this.ask(statement).catch((error: Error) => this.#giveUp(error)) as never;
  }

  protected ask(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    return super.query(statement);
  }

  /** Not for `select *`: after a migration adds a column, the server refuses the old plan of such a statement. */
  #nameOf(text: string): string {
    const name = this.#names.get(text) ?? createHash("sha1").update(text).digest("base64url");
    if (this.#names.size < MOST_NAMES) this.#names.set(text, name);
    return name;
  }

  #giveUp(error: Error): never {
    // The answer may still come: nobody else may take it for theirs.
    if (error.message === "Query read timeout") this.connection.stream.destroy();
    return rethrow(error);
  }
}

/** Says to the server whose rows are meant, together with the query, where that is not what this connection said last. */
class ScopedClient extends NamedClient {
  readonly #outside: Outside | undefined;
  /** Undefined as long as nothing was said, or what was said may have been rolled back. */
  #said: string | undefined;
  /** Of the queries under way, those that say something. */
  #saying = 0;
  #prepared: Promise<unknown> | undefined;

  constructor(config: pg.ClientConfig & { outside?: Outside } = {}) {
    super(config);
    this.#outside = config.outside;
  }

  protected override ask(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    if (this.#outside === undefined) return super.ask(statement);
    const wanted = scopeNow() ?? outsideScope(this.#outside);
    if (BEGINS.test(statement.text)) return super.ask(statement); // after anything else it could not choose its isolation
    if (ENDS.test(statement.text)) return this.#end(statement);
    if (wanted === this.#said && this.#saying === 0) return super.ask(statement);
    return this.#askIn(wanted, statement);
  }

  /** What a transaction said is taken back with it. */
  async #end(statement: pg.QueryConfig) {
    await this.#prepared?.catch(() => {}); // what was asked before goes first
    const said = this.#said;
    this.#said = undefined;
    const answer = await super.ask(statement);
    if (answer.command === "COMMIT") this.#said = said;
    return answer;
  }

  async #askIn(org: string, statement: pg.QueryConfig) {
    this.#said = undefined;
    this.#saying++;
    try {
      this.#prepared ??= this.#prepare();
      await this.#prepared;
      const answer = await this.#askTogether(statement, { statement: SAY.name, values: [SETTING, org] });
      this.#said = org;
      return answer;
    } catch (error) {
      this.#said = undefined;
      throw error;
    } finally {
      this.#saying--;
    }
  }

  /** Makes what is said known to the server, once per connection. Until more is said no row is seen. */
  #prepare() {
    return super.ask({ ...SAY, values: [SETTING, ""] }).catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
  }

  #askTogether(statement: pg.QueryConfig, saying: Saying): Promise<pg.QueryResult> {
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    const done = (error: Error | null, answer: pg.QueryResult) => (error ? reject(error) : resolve(answer));
    const send = pg.Client.prototype.query.bind(this) as (query: ScopedQuery, told: typeof done) => unknown;
    send(new ScopedQuery(statement, saying), done);
    return promise;
  }
}

const SAY = { name: "say_scope", text: "select set_config($1, $2, false)" };

const BEGINS = /^(begin|start transaction)/;
const ENDS = /^(commit|rollback)/;

function outsideScope(outside: Outside): string {
  if (outside === "every organisation") return EVERY_ORG;
  throw new Error("A query in no scope: wrap what runs it in inSystemScope or inOrgScope.");
}

/** Texts of the gateway are a few hundred; lists of values of every length could make more. */
const MOST_NAMES = 1000;

function rethrow(error: unknown): never {
  throw orUnavailable(error);
}
