import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What an engine would say of an image, as far as it is looked at. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[] | null;
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

export interface Built {
  readonly config: ImageConfig;
  /** Its files, below this folder of ours. */
  readonly root: string;
  close(): void;
}

/** Something that was looked at, and what is wrong with it. */
export interface Finding {
  readonly what: string;
  readonly fault?: string | undefined;
}

const PROGRAMS = ["buildah", "runc", "debootstrap"];
const TAG = "localhost/vendorsmith:tried";
const CERTIFICATES = "/etc/ssl/certs";

export const missingPrograms = () => PROGRAMS.filter((name) => spawnSync(name, ["--version"]).error);

export function buildImage(folder: string, say: (step: string) => void): Built {
  const places = ["--root", join(folder, "storage"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const buildah = (...args: string[]) =>
    execFileSync("buildah", [...places, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

  // A digest is the official base's alone.
  const text = readFileSync("Dockerfile", "utf8").replaceAll(/@sha256:[0-9a-f]{64}/g, "");
  const [, base = ""] = /^FROM (\S+)/m.exec(text)!;
  const file = join(folder, "Dockerfile");
  writeFileSync(file, text);
  say(`a stand-in for ${base}`);
  const scratch = buildah("from", "scratch");
  buildah("add", "--quiet", scratch, baseRoot(folder), "/");
  buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", scratch);
  buildah("commit", "--quiet", "--format", "docker", scratch, `docker.io/library/${base}`);

  say("the Dockerfile");
  // This machine's certificates, for a registry that a company stands before; nothing of them stays in the image.
  const flags = ["--isolation", "chroot", "--format", "docker", "--pull=never", "--network", "host"];
  buildah("bud", ...flags, "--volume", `${CERTIFICATES}:${CERTIFICATES}:ro`, "--tag", TAG, "--file", file, ".");
  const container = buildah("from", "--pull-never", TAG);
  return {
    config: JSON.parse(buildah("inspect", "--type", "image", TAG)).Docker.config,
    root: buildah("mount", container),
    close: () => void buildah("umount", container),
  };
}

/** Debian's smallest system with the Node of npm's package, and npm, where the official image has them. */
function baseRoot(folder: string): string {
  const root = join(folder, "base");
  execFileSync("debootstrap", ["--variant=minbase", "bookworm", root], { stdio: ["ignore", "ignore", "inherit"] });
  const local = join(root, "usr/local");
  mkdirSync(join(local, "lib/node_modules"), { recursive: true });
  mkdirSync(join(local, "etc"), { recursive: true });
  copyFileSync(process.execPath, join(local, "bin/node"));
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, "npm@11"], {
    encoding: "utf8",
  });
  execFileSync("tar", ["-xzf", join(folder, packed.trim()), "-C", join(local, "lib/node_modules")]);
  renameSync(join(local, "lib/node_modules/package"), join(local, "lib/node_modules/npm"));
  chmodSync(join(local, "lib/node_modules/npm/bin/npm-cli.js"), 0o755);
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
  appendFileSync(join(local, "etc/npmrc"), `cafile=${CERTIFICATES}/ca-certificates.crt\n`);
  return root;
}
