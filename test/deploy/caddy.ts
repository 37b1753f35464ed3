import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { freePort } from "../setup/free-port.ts";

export interface Proxy {
  /** Certificates of the authority that signed its own. */
  readonly authority: string;
  stop(): Promise<void>;
}

const CADDYFILE = readFileSync("deploy/compose/Caddyfile", "utf8");

/**
 * The proxy of the Compose set, from its own Caddyfile, for localhost with a certificate of its own making.
 * @param replicas ports of gateways on this machine, in place of the name that containers have
 */
export async function startCaddy({
  port,
  replicas,
  folder,
}: {
  port: number;
  replicas: readonly number[];
  folder: string;
}): Promise<Proxy> {
  const file = `${folder}/Caddyfile`;
  const plain = await freePort();
  const global = `admin off\n\thttp_port ${plain}\n\tskip_install_trust\n\tlocal_certs\n\tauto_https disable_redirects`;
  const upstreams = `to ${replicas.map((one) => `127.0.0.1:${one}`).join(" ")}`;
  const text = CADDYFILE.replace("admin off", global).replace(/dynamic a \{[\s\S]*?\n\t\t\}/, upstreams);
  if (!text.includes(upstreams) || text.includes("dynamic a"))
    throw new Error("The Caddyfile has no upstreams to replace.");
  writeFileSync(file, text);
  const child = spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], {
    env: {
      PATH: process.env["PATH"]!,
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      PUBLIC_HOST: `localhost:${port}`,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (data: Buffer) => {
    output += data;
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  onTestFinished(stop);
  const root = `${folder}/caddy/pki/authorities/local/root.crt`;
  for (let tries = 0; !existsSync(root) || !output.includes("serving initial configuration"); tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`caddy did not start:\n${output.slice(-2000)}`);
    await sleep(25);
  }
  return { authority: readFileSync(root, "utf8"), stop };
}
