import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Built, Finding } from "./build.ts";

const PORT = 31_990;
const SECRETS = { VAULT_KEYS: "vault", AUDIT_KEY: "audit", COOKIE_KEYS: "cookie", SIGNING_KEYS: "signing" };
const NOBODY_MAY = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };

/** Runs the image as docs/deployment.md tells people to: read-only, without any capability, secrets as files. */
export async function tryContainer({ config, root }: Built, folder: string): Promise<Finding[]> {
  const [uid, gid] = config.User.split(":").map(Number) as [number, number];
  const place = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    chownSync(join(folder, name), uid, gid);
    return join(folder, name);
  };
  const [data, secrets, bundle] = [place("data"), place("secrets"), place("bundle")];
  execFileSync(process.execPath, ["scripts/secrets.ts", secrets], { stdio: "ignore" });
  for (const file of readdirSync(secrets)) chownSync(join(secrets, file), uid, gid);
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
    { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777", "size=64m"] },
    { destination: "/data", type: "bind", source: data, options: ["rbind", "rw"] },
    { destination: "/run/secrets", type: "bind", source: secrets, options: ["rbind", "ro"] },
  ];
  const env = [
    ...config.Env,
    `PORT=${PORT}`,
    "HOST=127.0.0.1",
    "PUBLIC_URL=https://mcp.example.com",
    ...Object.entries(SECRETS).map(([name, file]) => `${name}_FILE=/run/secrets/${file}.key`),
  ];
  const process_ = {
    user: { uid, gid },
    args: [...(config.Entrypoint ?? []), ...config.Cmd],
    env,
    cwd: config.WorkingDir,
    capabilities: NOBODY_MAY,
    noNewPrivileges: true,
  };
  // The network is this machine's, so that it can be asked from here; nothing else is.
  const linux = { namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })) };
  const spec = { ociVersion: "1.0.2", process: process_, root: { path: root, readonly: true }, mounts, linux };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
  return await judge(config, ["--root", join(folder, "runc")], bundle);
}

async function judge({ Healthcheck }: Built["config"], places: readonly string[], bundle: string): Promise<Finding[]> {
  const container = spawn("runc", [...places, "run", "--bundle", bundle, "tried"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [container.stdout, container.stderr])
    stream.on("data", (text: Buffer) => {
      output += text;
    });
  const ended = new Promise<number | null>((done) => container.once("close", done));
  const execute = (...words: string[]) => spawnSync("runc", [...places, "exec", ...words], { encoding: "utf8" });
  const health = Healthcheck.Test.slice(1);
  try {
    for (let tries = 0; !output.includes("Data: "); tries++) {
      if (tries > 600 || container.exitCode !== null) return [{ what: "starts", fault: output.slice(-500) }];
      await sleep(100);
    }
    const ready = await fetch(`http://127.0.0.1:${PORT}/ready`);
    const write = execute("tried", "touch", "/app/new");
    const verify = execute("tried", "node", "--run", "audit", "--", "verify");
    const backup = execute("tried", "node", "--run", "storage", "--", "backup", "--to", "/data/one.backup");
    const findings = [
      { what: "starts with secrets as files, and prints the first owner's link", fault: output.includes("/setup/") ? undefined : output },
      { what: "is ready", fault: ready.ok ? undefined : await ready.text() },
      { what: "is healthy by its own check", fault: execute("tried", ...health).status === 0 ? undefined : "it says no" },
      { what: "is ill by its own check where nothing answers", fault: execute("--env", "PORT=1", "tried", ...health).status === 1 ? undefined : "it says yes" },
      { what: "cannot write to its own files", fault: write.stderr.includes("Read-only") ? undefined : write.stderr },
      { what: "has the commands for operators", fault: verify.status === 0 && backup.status === 0 ? undefined : verify.stderr + backup.stderr },
    ]; // biome-ignore format: one line each
    execute("tried", "node", "--eval", "process.kill(1, 'SIGTERM')");
    const code = await ended;
    return [...findings, { what: "ends with 0 on SIGTERM as process 1", fault: code === 0 ? undefined : String(code) }];
  } finally {
    spawnSync("runc", [...places, "delete", "--force", "tried"]);
  }
}
