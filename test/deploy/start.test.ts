import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { scratch } from "../gateway/support.ts";
import { freePort } from "../setup/free-port.ts";
import { commandOf, environmentOf, image } from "./dockerfile.ts";
import { layOutImage } from "./image-tree.ts";
import { newKeys } from "./keys.ts";

/** The user of the image, where we may become it; otherwise we are somebody without rights already. */
const user = process.getuid?.() === 0 ? { uid: 10001, gid: 10001 } : {};

let parent: string;
let app: string;
/** Where the image's user finds Node, wherever this repository stands. */
let bin: string;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "vendorsmith-image-"));
  chmodSync(parent, 0o755);
  app = layOutImage(parent);
  bin = join(parent, "bin");
  mkdirSync(bin, { mode: 0o755 });
  copyFileSync(process.execPath, join(bin, "node"));
  chmodSync(dirname(app), 0o755);
  for (const path of globSync(`${app}/**/`)) chmodSync(path, 0o555);
}, 60_000);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** A folder that the image's user may write, as a volume is. */
function volume(): string {
  const folder = scratch();
  if (user.uid) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Runs a command of the image in the tree that stands for it, with the image's variables. */
function run(command: readonly string[], env: Record<string, string>, wrapped: readonly string[] = []) {
  const [program, ...args] = command;
  const words = [...wrapped, program === "node" ? join(bin, "node") : program!, ...args];
  const child = spawn(words[0]!, words.slice(1), {
    cwd: app,
    env: {
      ...environmentOf(image()),
      PATH: `${bin}:/usr/bin:/bin`,
      NODE_COMPILE_CACHE: join(app, "compiled"),
      ...env,
    },
    ...(wrapped.length > 0 ? {} : user),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (text: Buffer) => {
    output += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", collect);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  return { child, ended, output: () => output };
}

/** What production needs, with secrets as files of the image's user. */
async function production(): Promise<Record<string, string>> {
  const secrets = volume();
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(newKeys())) {
    const file = join(secrets, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (user.uid) chownSync(file, user.uid, user.gid);
    env[`${name}_FILE`] = file;
  }
  return { ...env, PORT: String(await freePort()), PUBLIC_URL: "https://mcp.example.com", DATA_DIR: volume(), LOG_LEVEL: "error" }; // biome-ignore format: one thought
}

async function said(running: { child: ChildProcess; output(): string }, text: string) {
  for (let tries = 0; !running.output().includes(text); tries++) {
    if (tries > 800 || running.child.exitCode !== null) throw new Error(`It never said "${text}": ${running.output()}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

it("the image's tree holds no key, and of packages no tests, types and source maps (OPS-08)", () => {
  const found = globSync("**/*", { cwd: app }).filter((path) => /\.(key|pem|p12|map)$|^node_modules.*\.[mc]?ts$|\/(tests?|__tests__)$/.test(path)); // biome-ignore format: one thought
  expect(found).toEqual([]);
});

describe("the image's start command, in a tree that nobody can write and as a user without rights", () => {
  it("serves, is healthy by the image's own check, and ends on SIGTERM (OPS-01, OPS-03, OPS-08, OPS-09)", async () => {
    const env = await production();
    const running = run(commandOf("CMD"), env);
    const unhealthy = run(commandOf("HEALTHCHECK"), { PORT: String(await freePort()) });
    await said(running, "Data: ");
    expect(running.output()).toMatch(/serves \d+ tools of \d+ vendors at https:\/\/mcp\.example\.com/);
    expect(await run(commandOf("HEALTHCHECK"), { PORT: env["PORT"]! }).ended).toBe(0);
    expect(await unhealthy.ended).toBe(1);
    expect(globSync(`${env["DATA_DIR"]}/*`).length).toBeGreaterThan(0);
    running.child.kill("SIGTERM");
    expect(await running.ended).toBe(0);
  }, 60_000);

  it("ends on SIGTERM as process 1 too, where nothing else hears the signal (OPS-09)", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("becoming process 1 takes root");
    const { uid, gid } = user as { uid: number; gid: number };
    const become = ["unshare", "--pid", "--fork", "--kill-child", "setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"]; // biome-ignore format: one thought
    const running = run(commandOf("CMD"), await production(), become);
    await said(running, "Data: ");
    const [inner] = globSync("/proc/[0-9]*/status").filter((path) => isChildOf(path, running.child.pid!));
    process.kill(Number(inner!.split("/")[2]), "SIGTERM");
    expect(await running.ended).toBe(0);
  }, 60_000);

  it("serves one vendor where one is named (LOC-05)", async () => {
    const running = run(commandOf("CMD"), { ...(await production()), VENDORS: "datto-rmm" });
    await said(running, "Data: ");
    expect(running.output()).toMatch(/serves \d+ tools of 1 vendors/);
  }, 60_000);

  it("names what is missing and ends when it is started without configuration (OPS-07)", async () => {
    const running = run(commandOf("CMD"), { DATA_DIR: volume() });
    expect(await running.ended).toBe(1);
    for (const name of ["PUBLIC_URL", "VAULT_KEYS"]) expect(running.output()).toContain(`${name}: production needs`);
  }, 60_000);

  it("has the operator's commands, which find what they import", async () => {
    const { DATA_DIR, ...env } = await production();
    const store = { ...env, DATA_DIR: DATA_DIR! };
    const served = run(commandOf("CMD"), store);
    await said(served, "Data: ");
    served.child.kill("SIGTERM");
    await served.ended;
    const verify = run(["node", "--run", "audit", "--", "verify"], store);
    expect([await verify.ended, verify.output()]).toEqual([0, ""]);
  }, 60_000);
});

const isChildOf = (status: string, parent: number) => {
  try {
    return new RegExp(`^PPid:\\t${parent}$`, "m").test(readFileSync(status, "utf8"));
  } catch {
    return false;
  }
};
