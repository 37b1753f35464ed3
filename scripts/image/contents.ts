import { execFileSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Built, Finding } from "./build.ts";

/** What the image says of itself, and what it holds. */
export function lookInside({ config, root }: Built): Finding[] {
  const app = join(root, "app");
  const files = globSync("**/*", { cwd: app });
  const found = (pattern: RegExp) =>
    files
      .filter((file) => pattern.test(file))
      .slice(0, 3)
      .join(", ") || undefined;
  const open = files
    .filter((file) => writable(join(app, file)))
    .slice(0, 3)
    .join(", ");
  const { mode, uid } = statSync(join(root, "data"));
  return [
    { what: `${megabytes(app)} MB in /app, ${files.length} files and folders` },
    { what: "runs as a user without rights", fault: config.User === "10001:10001" ? undefined : config.User },
    { what: "has a volume, a port, a health check and labels", fault: unsaid(config) },
    { what: "keeps /data for that user", fault: uid === 10001 && (mode & 0o777) === 0o700 ? undefined : `${uid} ${mode}` },
    { what: "lets nobody write to /app", fault: open || undefined },
    { what: "holds no key and no settings of anybody", fault: found(/\.(key|pem|p12)$|(^|\/)\.(env|npmrc|git)$/) },
    { what: "holds nothing that only developers need", fault: found(/^(test|generator|specs|docs)\/|\.map$|^node_modules\/(typescript|vitest|playwright-core|@biomejs)\//) },
  ]; // biome-ignore format: one line each
}

const megabytes = (folder: string) =>
  execFileSync("du", ["--summarize", "--block-size=1M", folder], { encoding: "utf8" }).split("\t")[0];

function writable(file: string): boolean {
  const { uid, mode } = statSync(file);
  return uid !== 0 || (mode & 0o022) !== 0;
}

function unsaid({ Volumes, ExposedPorts, Healthcheck, Labels }: Built["config"]): string | undefined {
  const missing = Object.entries({
    "/data": Volumes["/data"],
    "3100/tcp": ExposedPorts["3100/tcp"],
    "health check": Healthcheck.Test[1],
    licence: Labels["org.opencontainers.image.licenses"],
  }).filter(([, value]) => !value);
  return missing.map(([name]) => name).join(", ") || undefined;
}
