import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Db, openDatabase } from "../../../gateway/database/index.ts";
import { POOL } from "../../../gateway/database/postgres.ts";
import { inOrgScope, inSystemScope } from "../../../gateway/database/scope.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { oneRowEverywhere, tablesOfOrgs } from "./one-row-everywhere.ts";

const server = await startPostgres();
const [OURS, THEIRS] = ["org_ours", "org_theirs"];

if (!("missing" in server)) {
  describe("row-level security, with queries that filter nothing", () => {
    let url: string;
    let db: Db;
    let tables: { name: string; column: string }[];

    beforeAll(async () => {
      url = await server.newOwnDatabase();
      db = await openDatabase({ url, pool: { ...POOL, connections: 2 } }, { outside: "nothing" });
      tables = [...(await inSystemScope(() => tablesOfOrgs(db))), { name: "orgs", column: "id" }];
      await inSystemScope(() => oneRowEverywhere(db, [OURS, THEIRS]));
    });
    afterAll(async () => {
      await db?.destroy();
      await server.stop();
    });

    const count = async (table: string) =>
      Number((await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db)).rows[0]!.rows);

    it("knows every table that says whose a row is (TEN-01)", () => {
      expect(tables.length).toBeGreaterThan(30);
      expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["credentials", "audit_events", "orgs"]));
    });

    it("shows an organisation its own rows and nobody else's, in every such table (TEN-01, TEN-05)", async () => {
      const seen: Record<string, number> = {};
      for (const { name } of tables) seen[name] = await inOrgScope(OURS, () => count(name));
      expect(seen).toEqual(Object.fromEntries(tables.map(({ name }) => [name, 1])));
      for (const { name } of tables) seen[name] = await inSystemScope(() => count(name));
      expect(seen).toEqual(Object.fromEntries(tables.map(({ name }) => [name, 2])));
    });

    it("lets an organisation change, move and remove nothing of another, in every such table (TEN-01)", async () => {
      for (const { name, column } of tables) {
        const table = sql.table(name);
        const [own, key] = [sql.ref(column), sql.lit(THEIRS)];
        const changed = await inOrgScope(OURS, () => sql`update ${table} set ${own} = ${own} where ${own} = ${key}`.execute(db)); // biome-ignore format: one thought
        const removed = await inOrgScope(OURS, () => sql`delete from ${table} where ${own} = ${key}`.execute(db));
        expect([name, changed.numAffectedRows, removed.numAffectedRows]).toEqual([name, 0n, 0n]);
        const moved = inOrgScope(OURS, () => sql`update ${table} set ${own} = ${key}`.execute(db));
        await expect(moved, name).rejects.toMatchObject({ code: "42501" });
      }
    });

    it("shows nothing where nobody said whose rows are meant, to the owner of the tables neither (TEN-01)", async () => {
      const client = new pg.Client(url);
      await client.connect();
      for (const { name } of tables) {
        const { rows } = await client.query(`select count(*)::int as rows from "${name}"`);
        expect([name, rows[0].rows]).toEqual([name, 0]);
      }
      await client.end();
      await expect(sql`select 1`.execute(db)).rejects.toThrow("A query in no scope");
    });

    it("says a scope once per connection, and again after a rollback took it back (TEN-01)", async () => {
      const one = await openDatabase({ url, pool: { ...POOL, connections: 1 } }, { outside: "nothing" });
      const mine = () => one.selectFrom("orgs").select("id").execute();
      await inOrgScope(OURS, async () => {
        await one
          .transaction()
          .execute(async (trx) => {
            expect(await inSystemScope(() => trx.selectFrom("orgs").select("id").execute())).toHaveLength(2);
            throw new Error("taken back");
          })
          .catch(() => {});
        expect(await mine()).toEqual([{ id: OURS }]);
        expect(await inOrgScope(THEIRS, mine)).toEqual([{ id: THEIRS }]);
        for (let use = 0; use < 5; use++) await mine();
        const mixed = await Promise.all([mine(), inSystemScope(mine), mine(), inOrgScope(THEIRS, mine)]);
        expect(mixed.map((rows) => rows.length)).toEqual([1, 2, 1, 1]);
        const said = await sql<{ uses: number }>`select generic_plans + custom_plans as uses
          from pg_prepared_statements where statement like '%set_config%'`.execute(one);
        expect(said.rows[0]!.uses).toBeLessThan(12);
      });
      await one.destroy();
    });

    it("says a scope inside of a transaction whose isolation was chosen, as copies of everything do", async () => {
      const one = await openDatabase({ url, pool: { ...POOL, connections: 1 } }, { outside: "nothing" });
      const mine = () =>
        one
          .transaction()
          .setIsolationLevel("repeatable read")
          .setAccessMode("read only")
          .execute(async (trx) => await trx.selectFrom("orgs").select("id").execute());
      for (const org of [OURS, THEIRS, OURS]) expect(await inOrgScope(org, mine)).toEqual([{ id: org }]);
      await one.destroy();
    });

    it("asks nothing in a scope that could not be said, and is right after a query that failed (TEN-01)", async () => {
      const one = await openDatabase({ url, pool: { ...POOL, connections: 1 } }, { outside: "nothing" });
      const mine = () => one.selectFrom("orgs").select("id").execute();
      expect(await inOrgScope(OURS, mine)).toEqual([{ id: OURS }]);
      await expect(inOrgScope(THEIRS, () => sql`select 1 / ${0}`.execute(one))).rejects.toMatchObject({
        code: "22012",
      });
      expect(await inOrgScope(OURS, mine)).toEqual([{ id: OURS }]);
      expect(await inOrgScope(THEIRS, mine)).toEqual([{ id: THEIRS }]);
      await inOrgScope(THEIRS, () => sql`deallocate say_scope`.execute(one));
      const rename = () => one.updateTable("orgs").set({ name: "renamed" }).execute();
      await expect(inOrgScope(OURS, rename)).rejects.toMatchObject({ code: "26000" });
      await one.destroy();
      const named = db.selectFrom("orgs").select("id").where("name", "=", "renamed");
      expect(await inSystemScope(() => named.execute())).toEqual([]);
    });

    it("warns of a role that no policy binds, and says nothing of scopes to it (OPS-04)", async () => {
      const warnings: string[] = [];
      const warn = (sentence: string) => void warnings.push(sentence);
      const free = await openDatabase({ url: await server.newDatabase() }, { outside: "nothing", warn });
      expect(await free.selectFrom("orgs").select("id").execute()).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/passes row-level security.*see docs\/postgresql\.md/)]);
      await free.destroy();
    });

    it("serves with a role that may not change tables, where another owns them (OPS-04, OPS-09)", async () => {
      const migrationUrl = await server.newOwnDatabase();
      const app = Object.assign(new URL(migrationUrl), { username: new URL(url).username }).href;
      const split = await openDatabase({ url: app, migrationUrl }, { outside: "nothing" });
      await inSystemScope(() => oneRowEverywhere(split, [OURS, THEIRS]));
      expect(await inOrgScope(OURS, () => split.selectFrom("orgs").select("id").execute())).toEqual([{ id: OURS }]);
      for (const statement of ["drop table orgs", "alter table orgs disable row level security", "truncate orgs"])
        await expect(inSystemScope(() => sql.raw(statement).execute(split))).rejects.toMatchObject({ code: "42501" });
      await split.destroy();
    });
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`Row-level security is not tested: ${server.missing}.`);
