import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import { createSession } from "../../../gateway/identity/sessions.ts";
import { freePort } from "../../setup/free-port.ts";
import { flaky } from "../flaky.ts";
import type { FlakyServer } from "../flaky-server.ts";
import { connectClient, gate } from "../mcp/gate.ts";
import { scratch, type TestApp } from "../support.ts";

const PROGRAM = `
  import { start } from "${new URL("../../../gateway/start.ts", import.meta.url)}";
  import { flaky } from "${new URL("../flaky.ts", import.meta.url)}";
  import { lockOf } from "${new URL("../acme.ts", import.meta.url)}";
  const vendors = [flaky("ill")];
  await start({ vendors, lock: lockOf(...vendors) });
`;

/**
 * A gateway in a process of its own, with somebody who is connected to a vendor on this server.
 * @param asked whether they are asked about each change
 */
export async function gatewayProcess(ill: FlakyServer, env: Record<string, string> = {}, { asked = false } = {}) {
  const DATA_DIR = scratch();
  const port = await freePort();
  const settings = {
    PORT: String(port),
    DATA_DIR,
    DEV_VENDOR_ORIGINS: JSON.stringify({ ill: ill.origin }),
    CALLS_PER_MINUTE: "10000",
    ORG_CALLS_PER_MINUTE: "10000",
    ...env,
  };
  const ann = await settle(settings, asked);
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    env: { PATH: process.env["PATH"]!, LOG_LEVEL: "info", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const running = watched(child);
  const url = `http://localhost:${port}`;
  await running.says("Data: ");
  return {
    ...running,
    ...ann,
    url,
    settings,
    child,
    client: () => connectClient(`${url}/v1/ill`, ann.token, "modern"),
    /** What the database says once the process has ended. */
    async after<Result>(read: (house: Awaited<ReturnType<typeof gate>>) => Promise<Result>): Promise<Result> {
      await running.ended;
      const house = await gate({ vendors: [flaky("ill")], env: settings });
      return await read(house).finally(() => house.app.close());
    },
  };
}

/** Ann, her organisation, connection and token, left in the folder by a gateway that has ended. */
async function settle(env: Record<string, string>, asked: boolean) {
  const house = await gate({ vendors: [flaky("ill")], env });
  const ann = await house.someone();
  await ann.writes(true);
  if (asked) await askAboutChanges(house.app, ann);
  const { id: connection } = await ann.connect("ill");
  const token = await ann.token(["ill:read", "ill:write"], { vendor: "ill", connection });
  const { token: session } = await createSession(house.app.db, { userId: ann.user, now: house.app.clock.now() });
  await house.app.close();
  return { org: ann.org, user: ann.user, connection, token, session };
}

const askAboutChanges = (app: TestApp, { org, user: actor }: { org: string; user: string }) =>
  changePolicy(app, {
    org,
    actor,
    type: "policy.approvals",
    change: (policy) => ({ ...policy, approvals: { ...policy.approvals, write: "self" } }),
  });

function watched(child: ChildProcessByStdio<null, Readable, Readable>) {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const says = (text: string) =>
    new Promise<string>((found, missing) => {
      const look = () => output.includes(text) && found(output);
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      ended.then(() => missing(new Error(`The gateway ended: ${output}`)));
      look();
    });
  return { output: () => output, ended, says };
}
