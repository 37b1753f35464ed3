import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { Place, PostgresPlace } from "./index.ts";
import { connectionTo, POOL } from "./postgres.ts";
import { DatabaseProblem, explained } from "./postgres-server.ts";

/** While it is held, nobody takes the database for themselves; several processes may hold it at once. */
export interface Held {
  release(): Promise<void>;
}

/** Said by each process that serves, for as long as it lives: the database forgets it with the process. */
export async function holdServing(place: Place): Promise<Held> {
  const held = await lock(place, "shared");
  if (!held)
    throw new DatabaseProblem(
      "This database is being moved or restored by `npm run storage`. Start again when that has ended.",
    );
  return held;
}

/** For whoever copies everything and must not miss what is written meanwhile. @throws DatabaseProblem while it is served */
export async function holdAlone(place: Place, which: string): Promise<Held> {
  const held = await lock(place, "exclusive");
  if (!held)
    throw new DatabaseProblem(
      `The ${which} is being served, or another \`npm run storage\` is at it. Stop every gateway on it, then try again.`,
    );
  return held;
}

type Kind = "shared" | "exclusive";

const lock = (place: Place, kind: Kind): Promise<Held | undefined> =>
  "url" in place ? lockServer(place, kind) : lockFile(place.file, kind);

const RETRY_MS = 500;

/** An advisory lock of the session. A connection that broke is made anew, and takes it again as soon as it can. */
async function lockServer({ url, variable = "DATABASE_URL" }: PostgresPlace, kind: Kind): Promise<Held | undefined> {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let released = false;

  const take = async (): Promise<boolean> => {
    const next = new pg.Client({ ...connectionTo(url, POOL), application_name: "vendorsmith serving" });
    next.on("error", () => {});
    await next.connect().catch((error) => {
      throw explained(error, variable);
    });
    const name = kind === "shared" ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock";
    const { rows } = await next.query(`select ${name}(${SERVING}) as taken`);
    if (!rows[0].taken || released) {
      await next.end();
      return rows[0].taken;
    }
    client = next;
    next.once("end", again);
    return true;
  };
  const again = () => {
    client = undefined;
    if (released) return;
    const retake = () => take().then((taken) => taken || again(), again);
    retry = setTimeout(retake, RETRY_MS).unref();
  };

  if (!(await take())) return undefined;
  return {
    async release() {
      released = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}

/** A number of ours among the advisory locks of a database. */
const SERVING = 7_311_001;

/** A lock of the operating system, on a small file beside: the one of SQLite on the database itself lasts a transaction only. */
async function lockFile(file: string, kind: Kind): Promise<Held | undefined> {
  if (file === ":memory:") return { release: async () => {} };
  const beside = `${file}.serving`;
  if (!existsSync(beside)) closeSync(openSync(beside, "a", 0o600));
  const database = new DatabaseSync(beside);
  try {
    database.exec(kind === "shared" ? "begin; select 1 from sqlite_master" : "begin exclusive");
  } catch (error) {
    database.close();
    if (isLocked(error)) return undefined;
    throw error;
  }
  return { release: async () => database.close() };
}

const isLocked = (error: unknown) => (error as { errcode?: number }).errcode === 5; // SQLITE_BUSY
