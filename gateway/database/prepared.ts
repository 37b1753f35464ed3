import type { Compilable, CompiledQuery } from "kysely";
import type { Db } from "./index.ts";

/** Stands in a query for a value that comes with each execution. */
class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A stand-in goes where a value goes; nothing looks at it before it is replaced. */
const standIn = (name: string) => new Parameter(name) as never;

/**
 * A query whose text is made once per kind of database and executed with other values each time: for what every call does,
 * where making the text costs more than answering it. `build` puts every parameter into the query as a value.
 * @returns the first row
 */
export const prepared =
  <Values extends object>() =>
  <Row>(
    build: (db: Db, value: <Name extends keyof Values & string>(name: Name) => Values[Name]) => Compilable<Row>,
  ): ((db: Db, values: Values) => Promise<Row | undefined>) => {
    const textOf = once((db) => build(db, standIn).compile());
    return async (db, values) => {
      const text = textOf(db, 0);
      const parameters = text.parameters.map((each) =>
        each instanceof Parameter ? values[each.name as keyof Values] : each,
      );
      const { rows } = await db.executeQuery<Row>({ ...text, parameters });
      return rows[0];
    };
  };

/** An insert of so many rows, the text of which is made once for each number of them. @returns what it answers */
export function preparedInsert<Row extends object, Answer = unknown>(
  columns: readonly (keyof Row & string)[],
  build: (db: Db, rows: readonly Row[]) => Compilable<Answer>,
): (db: Db, rows: readonly Row[]) => Promise<Answer[]> {
  const blank = Object.fromEntries(columns.map((column) => [column, standIn(column)])) as Row;
  const textOf = once((db, count) => build(db, new Array<Row>(count).fill(blank)).compile());
  return async (db, rows) => {
    const parameters = rows.flatMap((row) => columns.map((column) => row[column]));
    return (await db.executeQuery<Answer>({ ...textOf(db, rows.length), parameters })).rows;
  };
}

/** By the adapter, which a transaction shares with its database. */
function once<Row>(make: (db: Db, count: number) => CompiledQuery<Row>) {
  const texts = new WeakMap<object, Map<number, CompiledQuery<Row>>>();
  return (db: Db, count: number): CompiledQuery<Row> => {
    const { adapter } = db.getExecutor();
    const known = texts.get(adapter) ?? new Map<number, CompiledQuery<Row>>();
    texts.set(adapter, known);
    const text = known.get(count) ?? make(db, count);
    known.set(count, text);
    return text;
  };
}
