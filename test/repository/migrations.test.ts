import { readdirSync, readFileSync } from "node:fs";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import { expect, it } from "vitest";
import { POSTGRES } from "../../gateway/database/migrate.ts";
import { migrations } from "../../gateway/database/migrations/index.ts";

const FOLDER = "gateway/database/migrations";

/** The newest of the release before; replicas of it go on while later ones run. */
const PREVIOUS = "0012";

/** What old replicas would miss or not fill. */
const TAKES_AWAY = /dropTable|dropColumn|renameTo|renameColumn|setNotNull|alterColumn|\bdrop (table|column)|\brename (to|column)|set not null/i; // biome-ignore format: one thought

/** Migrations that take something away nobody reads since the release before, each with the reason. Empty is good. */
const CONTRACTS: Readonly<Record<string, string>> = {};

const later = readdirSync(FOLDER).filter((name) => /^\d{4}-/.test(name) && name.slice(0, 4) > PREVIOUS);

it("no migration takes away what the release before still reads: expand first, contract a release later (OPS-09)", () => {
  const taking = later.filter((name) => TAKES_AWAY.test(readFileSync(`${FOLDER}/${name}`, "utf8")));
  expect(taking.filter((name) => !(name in CONTRACTS))).toEqual([]);
  expect(Object.keys(CONTRACTS).filter((name) => !later.includes(name))).toEqual([]);
});

it("makes indexes before it drops any: from a drop on nobody can read the table until its transaction ends (OPS-09)", async () => {
  for (const [name, { up }] of Object.entries(migrations(POSTGRES))) {
    const statements: string[] = [];
    await up(recording((text) => statements.push(text)));
    const last = (word: RegExp) => statements.findLastIndex((text) => word.test(text));
    const firstDrop = statements.findIndex((text) => /^drop index/.test(text));
    if (firstDrop >= 0) expect(last(/^create (unique )?index/), name).toBeLessThan(firstDrop);
  }
});

/** A PostgreSQL without rows that only hears what is asked of it. */
const recording = (hear: (text: string) => void) =>
  new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => hear(query.sql),
  });

it("every migration has a number of its own and is listed in its order (OPS-09)", () => {
  const files = readdirSync(FOLDER).filter((name) => /^\d{4}-/.test(name)).sort(); // biome-ignore format: one thought
  const numbers = files.map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(files.length);
  const listed = [...readFileSync(`${FOLDER}/index.ts`, "utf8").matchAll(/^ {2}"(\d{4}-[\w-]+)":/gm)].map(([, name]) => `${name}.ts`); // biome-ignore format: one thought
  expect(listed).toEqual(files);
});
