import pg from "pg";
import { parentOf } from "./processes.ts";

/** What a server counts at once, where its statistics of transactions come up to ten seconds late. */
export const COUNTING = ["shared_preload_libraries=pg_stat_statements"];

/** How often each statement ran, by text. */
export type Statements = ReadonlyMap<string, number>;

export interface DatabaseWork {
  readonly statements: Statements;
  /** Bytes of its log. */
  readonly wal: number;
}

/** @param url of a role that sees what others ask; @param database whose statements count */
export async function lookAt(url: string, database: string) {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // whoever asks next is told
  await client.connect();
  const ask = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows;
  await ask("create extension if not exists pg_stat_statements");
  const [{ pid }] = await ask("select pg_backend_pid() as pid");
  return {
    postmaster: parentOf(pid)!,
    async work(): Promise<DatabaseWork> {
      const rows = await ask(
        `select query, sum(calls) as calls from pg_stat_statements
         where dbid = (select oid from pg_database where datname = $1) group by query`,
        [database],
      );
      const [{ wal }] = await ask("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal");
      return { statements: new Map(rows.map(({ query, calls }) => [query, Number(calls)])), wal: Number(wal) };
    },
    end: () => client.end(),
  };
}

/** What ran since, most often first. */
export function ranSince(before: Statements, after: Statements): [text: string, times: number][] {
  const ran = [...after].map(([text, calls]): [string, number] => [text, calls - (before.get(text) ?? 0)]);
  return ran.filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
}

/** Enough of a text to know it by: what it does, and with which table. */
export function shortly(text: string): string {
  const words = text.replaceAll('"', "").replaceAll(/\s+/g, " ");
  const [, verb = "", from] = /^(\w+) .*?(?:from|into|update) (\w+)/i.exec(`${words} `) ?? [];
  const update = /^update (\w+)/i.exec(words)?.[1];
  return update ? `update ${update}` : from ? `${verb} ${from}` : words.slice(0, 40);
}
