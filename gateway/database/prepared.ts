import type { Compilable, CompiledQuery } from "kysely";
import type { Db } from "./index.ts";

/** Stands in a query for a value that comes with each execution. */
class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A query whose text is made once per database and executed with other values each time: for the reads of every call,
 * where making the text costs more than answering it. `build` puts every parameter into the query as a value.
 * @returns the first row
 */
export const prepared =
  <Values extends Record<string, unknown>>() =>
  <Row>(
    build: (db: Db, value: <Name extends keyof Values & string>(name: Name) => Values[Name]) => Compilable<Row>,
  ): ((db: Db, values: Values) => Promise<Row | undefined>) => {
    const texts = new WeakMap<Db, CompiledQuery<Row>>();
    return async (db, values) => {
      // A stand-in goes where a value goes; nothing looks at it before it is replaced.
      const text = texts.get(db) ?? build(db, (name) => new Parameter(name) as never).compile();
      texts.set(db, text);
      const parameters = text.parameters.map((each) => (each instanceof Parameter ? values[each.name] : each));
      const { rows } = await db.executeQuery<Row>({ ...text, parameters });
      return rows[0];
    };
  };
