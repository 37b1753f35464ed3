import { afterAll, beforeAll, expect, it } from "vitest";
import { giveUpRuns } from "../../../gateway/approvals/sweep.ts";
import { findApproval } from "../../../gateway/database/approvals.ts";
import { type PostgresServer, startPostgres } from "../../setup/postgres.ts";
import { connectClient, gate } from "../mcp/gate.ts";
import { scratch } from "../support.ts";
import { askingRoom, RENAME, type Waiting } from "./room.ts";

let server: PostgresServer | undefined;
beforeAll(async () => {
  const started = await startPostgres();
  if ("missing" in started) {
    if (process.env["REQUIRE_SERVICES"]) throw new Error(started.missing);
    return;
  }
  server = started;
}, 60_000);
afterAll(() => server?.stop());

const MANY = { CALLS_PER_MINUTE: "1000", WRITES_PER_MINUTE: "1000", ORG_CALLS_PER_MINUTE: "1000" };

it("counts once in two gateways on one database, among a hundred parallel repetitions (APR-02)", async (context) => {
  if (!server) return context.skip();
  const env = { DATABASE_URL: await server.newDatabase(), DATA_DIR: scratch(), ...MANY };
  const one = await askingRoom({ env });
  const two = await gate({ env, now: one.clock.now });
  const second = await connectClient(`${two.origin}/v1/acme`, one.token, "modern");
  const call = (n: number) => (n % 2 ? one.client : second).callTool(RENAME);

  const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => call(n)));
  const ids = new Set(asked.map((answer) => (answer.structuredContent as unknown as Waiting).approval_id));
  expect(ids.size).toBe(1);
  const [id] = [...ids] as [string];
  expect(await one.answer(id)).toMatchObject({ kind: "approved" });

  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => call(n)));
  expect([...one.worlds.acme.renamed, ...two.worlds.acme.renamed]).toEqual(["t1"]);
  const ran = answers.filter(({ _meta }) => _meta?.["vendorsmith/approval"] === id);
  expect(ran).toHaveLength(1);
  expect(await findApproval(one.app.db, { id, org: one.ann.org })).toMatchObject({ outcome: "succeeded" });
}, 60_000);

it("decides once when two decide at the same time, and gives up a run only after its time (APR-02)", async (context) => {
  if (!server) return context.skip();
  const env = { DATABASE_URL: await server.newDatabase(), DATA_DIR: scratch(), ...MANY };
  const { app, ann, ask, answer, clock } = await askingRoom({ env });
  const { approval_id: id } = await ask();
  const answers = await Promise.all([answer(id, "approve"), answer(id, "deny"), answer(id, "approve")]);
  expect(answers.filter(({ kind }) => kind === "approved" || kind === "denied")).toHaveLength(1);

  const now = clock.now();
  const change = { status: "consumed", outcome: "started", consumed_at: now, run_until: now + 300_000 } as const;
  await app.db.updateTable("approvals").set(change).where("id", "=", id).execute();
  expect(await giveUpRuns(app.approvals, { all: false })).toBe(0);
  clock.pass(300_000);
  expect(await giveUpRuns(app.approvals, { all: false })).toBe(1);
  expect(await findApproval(app.db, { id, org: ann.org })).toMatchObject({ outcome: "unknown" });
}, 60_000);
