import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type AppOptions, buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import { addConnection } from "../../gateway/database/connections.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { createSession } from "../../gateway/identity/sessions.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { connectionOf } from "./rows.ts";

/** A folder of its own for a test, gone after it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function fakeClock(start = Date.UTC(2026, 0, 5, 9)) {
  let time = start;
  return {
    now: () => time,
    pass(ms: number) {
      time += ms;
    },
  };
}

/** A gateway in a folder of its own, closed after the test. It logs nothing unless `env` or `log` say so. */
export async function testApp({
  env = {},
  ...options
}: Omit<AppOptions, "config"> & { env?: Record<string, string> } = {}) {
  const quiet = { LOG_LEVEL: "silent", AUDIT_LOG_FILE: "off" };
  const config = readConfig({ DATA_DIR: scratch(), ...quiet, ...env });
  const app = await buildApp({ vendors: [], lock: {}, ...options, config });
  onTestFinished(() => app.close());
  return app;
}

export type TestApp = Awaited<ReturnType<typeof testApp>>;

export const PASSWORD = "a long enough password";

/** Somebody with an account, an organisation and a browser that is signed in. */
export async function person(app: TestApp, email = "ann@example.com") {
  const user = await createUser(app, { email, name: email.split("@")[0]!, password: PASSWORD });
  const org = (await findPersonalOrg(app.db, user.id))!.id;
  const { token } = await createSession(app.db, { userId: user.id, now: app.clock.now() });
  return { user, org, token };
}

/** A connection row for whatever needs one, without going through the connect page. */
export async function connectionRow(app: TestApp, wanted: Parameters<typeof connectionOf>[0]) {
  const row = connectionOf(wanted, app.clock.now());
  await addConnection(app.db, row);
  return { org: row.org_id, owner: row.owner_id, vendor: row.vendor, connection: row.id };
}
