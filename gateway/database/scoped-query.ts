import pg from "pg";

/** What the server is told before a query: a statement that it knows already, and the values. */
export interface Saying {
  readonly statement: string;
  readonly values: readonly string[];
}

/** What pg's own query does with a connection and with what comes back; its types know the first alone. */
interface Asked {
  submit(connection: pg.Connection): Error | null;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
}

const Query = pg.Query as unknown as new (config: pg.QueryConfig & { queryMode: "extended" }) => Asked;

/**
 * A query and what has to be said before it, sent together: no round trip of its own, and should it fail, the server passes over
 * the query too.
 */
export class ScopedQuery extends Query {
  readonly #saying: Saying;
  #isSaid = false;

  constructor(query: pg.QueryConfig, saying: Saying) {
    super({ ...query, queryMode: "extended" });
    this.#saying = saying;
  }

  override submit(connection: pg.Connection) {
    const { statement, values } = this.#saying;
    connection.stream.cork();
    try {
      connection.bind({ statement, values: [...values] }, true);
      connection.execute({}, true);
      return super.submit(connection);
    } finally {
      connection.stream.uncork();
    }
  }

  /** The answers come in order: first, to what was said. */
  override handleDataRow(message: unknown) {
    if (this.#isSaid) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection) {
    if (this.#isSaid) super.handleCommandComplete(message, connection);
    this.#isSaid = true;
  }
}
