import { sql } from "kysely";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { type Db, openDatabase } from "../../../gateway/database/index.ts";
import { POOL } from "../../../gateway/database/postgres.ts";
import { explained, refusalOf } from "../../../gateway/database/postgres-server.ts";
import { DatabaseUnavailable } from "../../../gateway/database/unavailable.ts";
import { ASKED, startPostgres } from "../../setup/postgres.ts";
import { person, testApp } from "../support.ts";

const server = await startPostgres();

it("a server older than 15 is refused, and so is one that only reads, with the remedy (OPS-04)", () => {
  const good = { version: 150_004, standby: false, creates: true };
  expect(refusalOf(good, true)).toBeUndefined();
  expect(refusalOf({ ...good, version: 140_011 }, true)).toMatch(/is PostgreSQL 14; 15 or newer is needed. Upgrade/);
  expect(refusalOf({ ...good, standby: true }, true)).toMatch(/only reads/);
  expect(refusalOf({ ...good, creates: false }, true)).toMatch(/GRANT CREATE, USAGE ON SCHEMA public/);
  expect(refusalOf({ ...good, creates: false }, false)).toBeUndefined();
});

if (!("missing" in server)) {
  afterAll(() => server.stop());

  const changed = (url: string, parts: Partial<URL>) => Object.assign(new URL(url), parts).href;
  const asAdmin = async (url: string, ...statements: string[]) => {
    const client = new pg.Client(url);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const refusal = (url: string) =>
    openDatabase({ url }).then(
      () => "opened",
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it("says what is wrong with DATABASE_URL and what to do, and never the value (OPS-04, OPS-07)", async () => {
    const url = await server.newDatabase();
    const answers = {
      "no such database": await refusal(changed(url, { pathname: "/nowhere" })),
      "nobody listens": await refusal(changed(url, { port: "1" })),
      "no such host": String(explained({ code: "ENOTFOUND", hostname: "nowhere.invalid" }, "DATABASE_URL")),
      "no TLS there": String(explained(new Error("The server does not support SSL connections"), "DATABASE_URL")),
    };
    expect(answers).toEqual({
      "no such database": expect.stringMatching(
        /^DatabaseProblem: DATABASE_URL: the server has no database of this name. Make it/,
      ),
      "nobody listens": expect.stringMatching(
        /^DatabaseProblem: DATABASE_URL: nobody listens at this host and port. Start/,
      ),
      "no such host": expect.stringMatching(/^DatabaseProblem: DATABASE_URL: no such host. Correct/),
      "no TLS there": expect.stringMatching(/^DatabaseProblem: DATABASE_URL: the server speaks no TLS./),
    });
    for (const said of Object.values(answers)) expect(said).not.toMatch(/nowhere|127\.0\.0\.1|postgres:\/\//);
  });

  if (server.certificate)
    it("speaks TLS as sslmode says, and takes no certificate that it cannot check (OPS-04, OPS-13)", async () => {
      const url = await server.newDatabase();
      expect(await refusal(`${url}?sslmode=require`)).toMatch(/^DatabaseProblem: DATABASE_URL: the certificate of the server was not accepted/); // biome-ignore format: one thought
      const db = await openDatabase({ url: `${url}?sslmode=verify-full&sslrootcert=${server.certificate}` });
      const { rows } = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
      expect(rows).toEqual([{ ssl: true }]);
      await db.destroy();
    });

  if (server.without) {
    it("says that a password is wrong, missing, or that the role may not make tables (OPS-04)", async () => {
      const url = await server.newDatabase();
      await asAdmin(url, `create role ${ASKED.role} login password '${ASKED.password}'`);
      const asked = changed(url, { username: ASKED.role, password: "wrong, in a test" });
      expect(await refusal(asked)).toMatch(/^DatabaseProblem: DATABASE_URL: the server refused user and password/);
      expect(await refusal(asked)).not.toContain("wrong, in");
      expect(await refusal(changed(asked, { password: "" }))).toMatch(/asks for a password and there is none/);
      const right = changed(asked, { password: ASKED.password });
      expect(await refusal(right)).toMatch(/its role may not create tables.*GRANT CREATE/);
      await asAdmin(url, `grant create, usage on schema public to ${ASKED.role}`);
      expect(await refusal(right)).toBe("opened");
    });

    it("while the server is away requests get 503 with Retry-After, and the pool heals by itself (OPS-04, OPS-10)", async () => {
      const app = await testApp({ env: { DATABASE_URL: await server.newDatabase(), DATABASE_WAIT_SECONDS: "2" } });
      const { token } = await person(app);
      const ask = {
        page: () => app.inject({ url: "/", headers: { cookie: `session=${token}`, accept: "text/html" } }),
        api: () => app.inject({ url: "/api/v1/tools", headers: { authorization: "Bearer anything" } }),
        token: () => app.inject({ method: "POST", url: "/oauth/token", headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "grant_type=refresh_token&client_id=x&refresh_token=y" }), // biome-ignore format: one thought
        health: () => app.inject({ url: "/health" }),
      };
      const all = async () =>
        Object.fromEntries(await Promise.all(Object.entries(ask).map(async ([name, one]) => [name, await one()])));
      const before = await all();
      expect(before["health"].statusCode).toBe(200);
      await server.without!(async () => {
        const during = await all();
        for (const name of ["api", "token", "page"]) {
          expect([name, during[name].statusCode]).toEqual([name, 503]);
          expect([name, Number(during[name].headers["retry-after"])]).toEqual([name, 2]);
        }
        expect(during["api"].json()).toMatchObject({ code: "DATABASE_UNAVAILABLE", message: /./ });
        expect(during["page"].headers["content-type"]).toMatch(/html/);
      });
      const after = await all();
      for (const name of Object.keys(ask))
        expect([name, after[name].statusCode]).toEqual([name, before[name].statusCode]);
    });
  }

  it("waits so long for a connection and for a statement, and no longer (OPS-04)", async () => {
    const db = await openDatabase({
      url: await server.newDatabase(),
      pool: { connections: 1, waitMs: 300, statementMs: 500 },
    });
    const slow = sql`select pg_sleep(20)`.execute(db);
    await expect(Promise.all([slow, sql`select 1`.execute(db)])).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(slow).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await db.destroy();
  });

  it("a connection that is cut between two statements ends their transaction, and not the process (OPS-04, OPS-10)", async () => {
    const url = await server.newDatabase();
    const db = await openDatabase({ url });
    const cut = db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await asAdmin(url, `select pg_terminate_backend(${rows[0]!.pid})`);
      await new Promise((next) => setTimeout(next, 200)); // the news arrives while nobody asks anything
      await sql`select 1`.execute(trx);
    });
    await expect(cut).rejects.toThrow();
    expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await db.destroy();
  });

  it("is named in the server's list of connections, and plans each hot statement once (OPS-04)", async () => {
    const db = await openDatabase({ url: await server.newDatabase(), pool: { ...POOL, connections: 1 } });
    const find = (id: string) => db.selectFrom("orgs").select("name").where("id", "=", id).execute();
    for (const id of ["a", "b", "c"]) await find(id);
    const names = await sql<{ application_name: string }>`select application_name from pg_stat_activity
      where pid = pg_backend_pid()`.execute(db);
    expect(names.rows).toEqual([{ application_name: "vendorsmith" }]);
    expect(await plansOf(db, '%"orgs"%')).toEqual([{ uses: 3 }]);
    await db.destroy();
  });

  it("goes on with named statements and select * while another process adds a column (OPS-04, OPS-09)", async () => {
    const url = await server.newDatabase();
    const db = await openDatabase({ url, pool: { ...POOL, connections: 1 } });
    const named = () => db.selectFrom("users").select(["id", "email"]).where("id", "=", "u").execute();
    const starred = () => db.selectFrom("users").selectAll().where("id", "=", "u").execute();
    for (let use = 0; use < 8; use++) await Promise.all([named(), starred()]);
    await asAdmin(url, "alter table users add column later text");
    expect(await Promise.all([named(), starred()])).toEqual([[], []]);
    await db.destroy();
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`The pool is not tested on PostgreSQL: ${server.missing}.`);

const plansOf = async (db: Db, like: string) =>
  (
    await sql<{ uses: number }>`select generic_plans + custom_plans as uses from pg_prepared_statements
      where statement like ${like} and statement like 'select%'`.execute(db)
  ).rows;
