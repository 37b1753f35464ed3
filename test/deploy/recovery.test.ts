import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, it, onTestFinished, vi } from "vitest";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { person, scratch, testApp } from "../gateway/support.ts";
import { freePort } from "../setup/free-port.ts";
import { findPostgres } from "../setup/postgres.ts";

const page = readFileSync("docs/backup.md", "utf8");
const patient = { timeout: 20_000, interval: 50 };

/** A folder for servers, with the commands of docs/backup.md pointed at it instead of /archive and /backups. */
function ground(bin: string, user: { uid?: number; gid?: number }) {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-recovery-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = (path: string) => {
    if (user.uid !== undefined) chownSync(path, user.uid, user.gid!);
    return path;
  };
  const place = (name: string) => {
    mkdirSync(join(folder, name), { mode: 0o700 });
    return own(join(folder, name));
  };
  chmodSync(own(folder), 0o755);
  const said = (pattern: RegExp) => pattern.exec(page)![0].replaceAll("/archive", `${folder}/archive`).replaceAll("/backups", `${folder}/backups`); // biome-ignore format: one thought
  const run = (command: string, env: Record<string, string> = {}) =>
    execFileSync("sh", ["-c", command], { ...user, cwd: folder, env: { PATH: `${bin}:/usr/bin:/bin`, LC_ALL: "C.UTF-8", ...env } }); // biome-ignore format: one thought
  return { folder, place, own, said, run };
}

/** A server on this folder until the test ends, or until it is killed. */
async function serve(bin: string, user: { uid?: number; gid?: number }, data: string) {
  const port = await freePort();
  const flags = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
  const child = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...flags], { ...user, stdio: "ignore" });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const kill = async () => {
    child.kill("SIGQUIT");
    await ended;
  };
  onTestFinished(kill);
  const url = `postgres://vendorsmith@127.0.0.1:${port}/postgres`;
  const ask = async (text: string): Promise<string> => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(`select (${text})::text as answer`).finally(() => client.end());
    return rows[0].answer;
  };
  await vi.waitFor(async () => expect(await ask("pg_is_in_recovery()")).toBe("false"), patient);
  return { url, port, ask, kill };
}

it("PostgreSQL goes back to a time by the steps of the page about backups, and a gateway goes on from there", async ({
  skip,
}) => {
  const found = findPostgres();
  if ("missing" in found && process.env["REQUIRE_SERVICES"]) throw new Error(found.missing);
  if ("missing" in found) return skip(found.missing);
  const { bin, user } = found;
  const { folder, place, own, said, run } = ground(bin, user);
  for (const name of ["archive", "backups"]) place(name);
  // The keys are kept in another place, and are the same afterwards.
  const DATA_DIR = scratch();
  run("initdb -D data -U vendorsmith -A trust -E UTF8 --no-sync");
  appendFileSync(`${folder}/data/postgresql.conf`, `archive_mode = on\n${said(/archive_command = '[^`]+'/)}\n`);

  const first = await serve(bin, user, `${folder}/data`);
  run(said(/pg_basebackup [^`]+/), { PGHOST: "127.0.0.1", PGPORT: String(first.port), PGUSER: "vendorsmith" });
  const before = await testApp({ env: { DATABASE_URL: first.url, DATA_DIR } });
  await inSystemScope(() => person(before, "kept@example.com"));
  await before.audit.settled();
  const time = await first.ask("clock_timestamp()");
  await inSystemScope(() => person(before, "late@example.com"));
  await before.close();
  const segment = await first.ask("pg_walfile_name(pg_switch_wal())");
  await vi.waitFor(async () => expect(await first.ask("select last_archived_wal from pg_stat_archiver")).toBe(segment), patient); // biome-ignore format: one thought
  await first.kill();

  const data = place("recovered");
  run(`tar -xzf backups/base/base.tar.gz -C ${data} && tar -xzf backups/base/pg_wal.tar.gz -C ${data}/pg_wal`);
  const target = said(/recovery_target_time = '[^']+'/).replace(/'.+'/, `'${time}'`);
  const settings = [said(/restore_command = '[^`]+'/), target, said(/recovery_target_action = '\w+'/)];
  appendFileSync(`${data}/postgresql.conf`, `${settings.join("\n")}\n`);
  writeFileSync(join(data, "recovery.signal"), "");
  own(join(data, "recovery.signal"));
  const second = await serve(bin, user, data);
  const after = await testApp({ env: { DATABASE_URL: second.url, DATA_DIR } });
  const people = await inSystemScope(() => after.db.selectFrom("users").select("email").execute());
  expect(people).toEqual([{ email: "kept@example.com" }]);
}, 60_000);
