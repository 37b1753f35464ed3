import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";

/**
 * Kysely over node:sqlite: one connection, and every transaction takes the write lock when it begins; one that only
 * reads takes none, and sees the rows as they were at its first read.
 */
export function sqliteDialect(file: string, { readOnly = false } = {}): SqliteDialect {
  const config = { database: async () => openFile(file, readOnly) };
  return Object.assign(new SqliteDialect(config), {
    createDriver: () => (readOnly ? new ReadingDriver(config) : new ImmediateDriver(config)),
    createAdapter: () => new TransactionalAdapter(),
  });
}

/** A deferred transaction that turns into a writer fails with SQLITE_BUSY without waiting; an immediate one waits. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection) {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  /** A full disk ends the transaction by itself; what it complained of must reach whoever began it. */
  override async rollbackTransaction(connection: DatabaseConnection) {
    await super.rollbackTransaction(connection).catch((error: Error) => {
      if (!error.message.includes("no transaction is active")) throw error;
    });
  }
}

/** What it is asked about isolation, a transaction of SQLite does by itself. */
class ReadingDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection) {
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }
}

/** SQLite rolls back DDL too, so two starters migrate one after the other and a failed migration leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

const BUSY_TIMEOUT_MS = 10_000;

function openFile(file: string, readOnly: boolean): SqliteDatabase {
  // Made by us, because SQLite would let others read it; its journal files take over the mode.
  if (file !== ":memory:" && !readOnly) closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true, readOnly });
  // FULL: what was acknowledged survives a power cut. secure_delete: an erased key leaves no bytes in free pages.
  if (!readOnly) database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;");
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      if (statements.size >= MOST_STATEMENTS) statements.clear();
      const statement = adapt(database.prepare(sql));
      statements.set(sql, statement);
      return statement;
    },
  };
}

/** Query texts of the gateway are a few hundred; lists of values of every length could make more. */
const MOST_STATEMENTS = 1000;

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
