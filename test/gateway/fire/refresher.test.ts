import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { tokensForCode } from "../../../gateway/connections/sign-in/oauth-client.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { DESK, desk, serveDesk } from "../desk-server.ts";
import { person, scratch, type TestApp, testApp } from "../support.ts";

const DUE = 200;

const REFRESHER = `
  import { buildApp } from "${new URL("../../../gateway/app.ts", import.meta.url)}";
  import { readConfig } from "${new URL("../../../gateway/config.ts", import.meta.url)}";
  import { renewEnding } from "${new URL("../../../gateway/connections/sign-in/refresher.ts", import.meta.url)}";
  import { desk } from "${new URL("../desk-server.ts", import.meta.url)}";
  const app = await buildApp({ config: readConfig(), vendors: [desk], lock: {} });
  process.stdout.write("ready\\n");
  await new Promise((go) => process.stdin.once("data", go));
  process.stdout.write("renewed " + (await renewEnding(app)) + "\\n");
  await app.close();
  process.exit(0);
`;

/** Another process of the gateway: ready, and then what it renewed once it is told to go. */
function refresher(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", REFRESHER], {
    env: { PATH: process.env["PATH"]!, LOG_LEVEL: "error", AUDIT_LOG_FILE: "off", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  const ready = new Promise<void>((done) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      if (output.includes("ready")) done();
    });
  });
  const renewed = new Promise<number>((done) =>
    child.once("close", () => done(Number(/renewed (\d+)/.exec(output)?.[1]))),
  );
  return { ready, go: () => child.stdin.write("go\n"), renewed };
}

async function renewInTwoProcesses(place: Record<string, string>) {
  const server = await serveDesk();
  server.settings.lifetime = 30; // every sign-in ends within the minute
  const env = { DATA_DIR: scratch(), DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }), ...place };
  const app = await testApp({ vendors: [desk], env });
  await connectMany(app, server.origin);
  await app.db.updateTable("credentials").set({ created_at: 0 }).execute(); // long ago
  server.settings.lifetime = 3600;
  const processes = [refresher(env), refresher(env)];
  await Promise.all(processes.map(({ ready }) => ready));
  for (const { go } of processes) go();
  const counts = await Promise.all(processes.map(({ renewed }) => renewed));
  expect(counts[0]! + counts[1]!).toBe(DUE);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  const used = server.asked.filter(({ form }) => form["grant_type"] === "refresh_token");
  expect(new Set(used.map(({ form }) => form["refresh_token"])).size).toBe(DUE);
  expect(used).toHaveLength(DUE);
  const rows = await app.db.selectFrom("credentials").select("version").execute();
  expect(rows.map(({ version }) => version)).toEqual(Array(DUE).fill(2));
  await server.close();
}

async function connectMany(app: TestApp, origin: string) {
  const { user, org } = await person(app);
  const parsed = desk.credentials.parse(DESK);
  if (!parsed.ok) throw new Error("not the vendor's fields");
  const way = { vendor: desk, signIn: desk.signIn!(parsed.value)! };
  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const redirect = `${app.config.publicUrl}/connect/callback/desk`;
  const query = new URLSearchParams({ redirect_uri: redirect, client_id: "client-1", code_challenge: challenge });
  for (let n = 0; n < DUE; n++) {
    const html = await (await fetch(`${origin}/auth/authorize?${query}`)).text();
    const tokens = await tokensForCode(app, way, { code: /code=([^&"]+)/.exec(html)![1]!, verifier });
    const credentials = parsed.value as object;
    await saveConnection(app, { org, user: user.id, vendor: "desk", credentials, tokens, label: `Desk ${n}` });
  }
}

it("two processes on one file renew 200 sign-ins that end, each exactly once (OAU-19, OPS-10)", async () => {
  await renewInTwoProcesses({});
}, 120_000);

const postgres = await startPostgres();
if (!("missing" in postgres)) {
  it("two processes on PostgreSQL renew 200 sign-ins that end, each exactly once (OAU-19, OPS-10)", async () => {
    await renewInTwoProcesses({ DATABASE_URL: await postgres.newDatabase() }).finally(postgres.stop);
  }, 120_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(postgres.missing));
