import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { verifyAll } from "../../../gateway/audit/verify.ts";
import { lacking } from "../../setup/lacking.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { connectClient, gate, toolCallsOf } from "../mcp/gate.ts";
import { scratch } from "../support.ts";

const CHANGE = { name: "acme_rename_thing", arguments: { id: "t1", name: "New" } };
const READ = { name: "acme_list_things", arguments: { limit: 1 } };

/** A person whose assistant may change things, all the way from a real client to the vendor. */
async function desk(env: Record<string, string> = {}) {
  const house = await gate({ env });
  const ann = await house.someone();
  const { id } = await ann.connect();
  await ann.writes(true);
  const token = await ann.token(["acme:read", "acme:write"], { connection: id });
  const client = await connectClient(`${house.origin}/v1/acme`, token, "modern");
  const call = async (what: { name: string; arguments: Record<string, unknown> }) => {
    const { isError = false, content } = await client.callTool(what);
    return { isError, text: JSON.stringify(content) };
  };
  return { ...house, ann, call, ...house.worlds.acme };
}

describe("a change does not happen when its record cannot be written", () => {
  it("because the disk is full; nothing is opened, and all goes on when there is room (AUD-12)", async () => {
    const { app, ann, call, keysUsed, renamed } = await desk();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(app.db);
    await sql`pragma max_page_count = ${sql.lit(rows[0]!.page_count)}`.execute(app.db);
    // The last free places are taken, on the pages that the row of a change needs, until the database says that it is full.
    const event = {
      org: ann.org,
      type: "tool.call",
      actor: { id: ann.user, type: "user" },
      tier: "write",
      status: "started",
    } as const;
    for (;;) {
      const written = await app.audit.record(event).catch((error: Error) => error);
      if (written instanceof Error) {
        expect(written.message).toContain("full");
        break;
      }
    }
    const used = keysUsed.length;
    const refused = await call(CHANGE);
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("AUDIT_UNAVAILABLE") });
    // A read opens a credential, and that has to be on record as well.
    expect((await call(READ)).isError).toBe(true);
    expect([renamed, keysUsed.length]).toEqual([[], used]);

    await sql`pragma max_page_count = 1000000`.execute(app.db);
    expect((await call(CHANGE)).isError).toBe(false);
    expect(renamed).toEqual(["t1"]);
    const rowsOf = (await toolCallsOf(app, ann.org)).filter(({ tool }) => tool === CHANGE.name);
    expect(rowsOf.map(({ status }) => status)).toEqual(["started", "success"]);
    expect(await verifyAll(app.db, app.keys.audit)).toMatchObject([{ ok: true }]);
  });

  it("because another process holds the database (AUD-12)", async () => {
    const DATA_DIR = scratch();
    const { app, call, keysUsed, renamed } = await desk({ DATA_DIR });
    await sql`pragma busy_timeout = 50`.execute(app.db);
    const other = new DatabaseSync(`${DATA_DIR}/vendorsmith.db`);
    onTestFinished(() => other.close());
    other.exec("begin immediate");
    const used = keysUsed.length;
    expect(await call(CHANGE)).toMatchObject({ isError: true, text: expect.stringContaining("AUDIT_UNAVAILABLE") });
    expect([renamed, keysUsed.length]).toEqual([[], used]);
    other.exec("rollback");
    expect((await call(CHANGE)).isError).toBe(false);
    expect(renamed).toEqual(["t1"]);
  });

  it("because PostgreSQL takes nothing more, or is gone (AUD-12)", async ({ skip }) => {
    const server = await startPostgres();
    if ("missing" in server) return lacking(skip, server.missing);
    const url = await server.newDatabase();
    let running = true;
    onTestFinished(async () => void (running && (await server.stop())));
    const { app, call, keysUsed, renamed } = await desk({ DATABASE_URL: url });
    const used = keysUsed.length;
    // As after a failover to a copy that may only be read.
    const admin = new pg.Client(url);
    await admin.connect();
    const name = new URL(url).pathname.slice(1);
    await admin.query(`alter database "${name}" set default_transaction_read_only = on`);
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [name],
    );
    await admin.end();
    expect((await call(CHANGE)).isError).toBe(true);
    expect([renamed, keysUsed.length]).toEqual([[], used]);
    await server.stop();
    running = false;
    await expect(call(CHANGE)).rejects.toThrow();
    expect([renamed, keysUsed.length]).toEqual([[], used]);
    await app.close().catch(() => {});
  });
});
