import { randomBytes } from "node:crypto";
import { chownSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeSecretFile } from "../gateway/config/secret-file.ts";
import { readConfig } from "../gateway/config.ts";
import { completeKeys } from "../gateway/keys.ts";

// npm run secrets -- <folder>: makes every secret that deploy/compose.yaml reads from files, each readable by one user.
// What is there already stays as it is.

/** Who runs in the containers; see the Dockerfile. */
const CONTAINER_USER = 10001;

const [folder, ...rest] = process.argv.slice(2);
if (!folder || rest.length > 0) {
  console.error("Say where: npm run secrets -- deploy/secrets");
  process.exit(2);
}
const isNew = !existsSync(folder);
const made = [...keys(folder), ...services(folder)];
console.log(made.length > 0 ? made.join("\n") : "Everything was there already; nothing was changed.");
if (made.length > 0)
  console.log(`\n${ownership(made)}\nKeep copies of vault.key and audit.key, apart from the database's backups.`);

/** The gateway's own keys. */
function keys(folder: string): readonly string[] {
  return completeKeys(readConfig({ DATA_DIR: resolve(folder) }), []).made;
}

/** Passwords of the database and the cache, and the addresses that hold them. */
function services(folder: string): string[] {
  const [superuser, gateway, cache] = [password(), password(), password()];
  const together = {
    "postgres-password": superuser,
    "gateway-password": gateway,
    // The network of the Compose set is its own, and these two servers speak no TLS.
    "database-url": `postgres://vendorsmith:${gateway}@database:5432/vendorsmith?sslmode=disable`,
    "redis.conf": `requirepass ${cache}\nsave ""\nappendonly no\nmaxmemory 128mb\nmaxmemory-policy volatile-lru`,
    "redis-url": `redis://:${cache}@cache:6379`,
  };
  const files = Object.entries(together).map(([name, text]) => ({ file: join(resolve(folder), name), text }));
  const there = files.filter(({ file }) => existsSync(file));
  if (there.length === files.length) return [];
  if (there.length > 0) {
    console.error(`These belong together, and only some are there: ${Object.keys(together).join(", ")}.`);
    process.exit(1);
  }
  return files.map(({ file, text }) => {
    writeSecretFile(file, `${text}\n`);
    return file;
  });
}

function password() {
  return randomBytes(24).toString("base64url");
}

function ownership(files: readonly string[]): string {
  // A folder of root that is closed to others would keep the container out of it.
  return process.getuid?.() === 0 && isGiven(isNew ? [folder!, ...files] : files)
    ? `They belong to user ${CONTAINER_USER}, as whom the containers run.`
    : `The containers run as user ${CONTAINER_USER} and read these files as it:\n  sudo chown -R ${CONTAINER_USER} ${folder}`;
}

/** Root of a container that lacks CAP_CHOWN may not either. */
function isGiven(files: readonly string[]): boolean {
  try {
    for (const file of files) chownSync(file, CONTAINER_USER, CONTAINER_USER);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
    throw error;
  }
}
