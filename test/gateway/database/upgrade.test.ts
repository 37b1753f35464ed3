import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../gateway/database/index.ts";
import { openAsItIs } from "../../../gateway/database/open-as-it-is.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { oneRowEverywhere } from "./one-row-everywhere.ts";

/** The newest migration of the release before this one. */
const PREVIOUS = "0012-usage";

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

const statements: Statement[] = readFileSync(new URL("previous-release/statements.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const server = await startPostgres();

if (!("missing" in server)) {
  afterAll(() => server.stop());

  describe("the migrations of this release, while replicas of the one before go on", () => {
    // As a role that row-level security does not bind: 0013 is the one migration for which old replicas have to stop, and
    // no release was published before it (docs/upgrading.md).
    it("leave every statement of it working, beside them and after them (OPS-09)", async () => {
      const url = await server.newDatabase();
      const made = await openAsItIs({ url }, { upTo: PREVIOUS });
      await oneRowEverywhere(made, ["org_one", "org_two"]);
      await made.destroy();
      expect(statements.length).toBeGreaterThan(500);

      const old = new pg.Pool({ connectionString: url, max: 3 });
      // `end` does not wait for the sockets, and whoever drops the database ends what is left.
      old.on("connect", (client) => client.on("error", () => {}));
      const outcomes = await outcomesOf(old, statements);
      const worked = Object.values(outcomes).filter((outcome) => outcome === "done").length;
      expect(worked).toBeGreaterThan(0.9 * statements.length);

      let migrating = true;
      let asked = 0;
      const troubles: string[] = [];
      const reads = statements.filter(({ sql }) => sql.startsWith("select"));
      const load = Array.from({ length: 2 }, async (_, offset) => {
        for (let at = offset; migrating || asked < 1000; at += 2) {
          const { sql, parameters } = reads[at % reads.length]!;
          await old.query(sql, parameters.map(bound)).catch((error) => troubles.push(`${error.code} ${sql}`));
          asked += 1;
        }
      });
      const now = await openDatabase({ url });
      migrating = false;
      await Promise.all(load);
      expect(troubles).toEqual([]);

      expect(await outcomesOf(old, statements)).toEqual(outcomes);
      await old.end();
      await now.destroy();
    }, 60_000);
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`The upgrade from the previous release is not tested: ${server.missing}.`);

/** Each by itself, and taken back. What refers to rows that are not here fails, before and after alike. */
async function outcomesOf(pool: pg.Pool, all: readonly Statement[]): Promise<Record<string, string>> {
  const client = await pool.connect();
  const outcomes: Record<string, string> = {};
  for (const { sql, parameters } of all) {
    await client.query("begin");
    outcomes[sql] = await client.query(sql, parameters.map(bound)).then(
      () => "done",
      (error) => error.code,
    );
    await client.query("rollback");
  }
  client.release();
  return outcomes;
}

const bound = (value: unknown) =>
  typeof value === "object" && value !== null && "bytes" in value ? Buffer.from(String(value.bytes), "base64") : value;
