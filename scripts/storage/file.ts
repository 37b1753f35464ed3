import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { DatabaseProblem } from "../../gateway/database/postgres-server.ts";
import { type Batch, type Tally, tally } from "../../gateway/database/transfer/rows.ts";
import type { Dump } from "../../gateway/database/transfer/snapshot.ts";

/**
 * A backup: JSON lines, gzipped. The first says what it is, each further one holds some rows of a table, and the last one
 * counts them, so that a file that was cut is never taken for whole.
 */
const FORMAT = "vendorsmith-backup";

interface Head {
  readonly format: typeof FORMAT;
  readonly version: 1;
  readonly made: string;
  readonly migrations: readonly string[];
}

export interface Contents {
  readonly made: string;
  readonly tables: Record<string, Tally>;
}

/** Readable by its owner only. It appears under its name when it is whole. */
export async function writeBackup(file: string, dump: Dump, onProgress: Progress): Promise<Contents> {
  if (existsSync(file)) throw new DatabaseProblem(`${file} exists already. Name a file that is not there yet.`);
  const made = new Date().toISOString();
  const counted = tally();
  async function* lines() {
    yield line({ format: FORMAT, version: 1, made, migrations: dump.migrations } satisfies Head);
    let rows = 0;
    for await (const batch of dump.batches) {
      counted.add(batch);
      rows += batch.rows.length;
      onProgress(batch.table, rows);
      yield line(batch);
    }
    yield line({ end: counted.result() });
  }
  const part = `${file}.part`;
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(part, { mode: 0o600, flags: "wx" }));
    await settle(part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { made, tables: counted.result() };
}

export type Progress = (table: string, rows: number) => void;

const line = (value: unknown) => `${JSON.stringify(value)}\n`;

/** On the disk before it has its name. */
async function settle(file: string) {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

export interface Backup extends Dump {
  readonly made: string;
}

/**
 * Reads as the rows are asked for. Whoever asked for all of them knows that they are those that were written.
 * @throws DatabaseProblem for what is no backup of ours, was cut or changed
 */
export async function readBackup(file: string): Promise<Backup> {
  if (!existsSync(file)) throw new DatabaseProblem(`There is no file ${file}.`);
  const lines = linesOf(file);
  const head = parsed((await lines.next()).value ?? "", file) as Partial<Head>;
  if (head.format !== FORMAT || !head.migrations) throw new DatabaseProblem(`${file} is no backup of this gateway.`);
  if (head.version !== 1) throw new DatabaseProblem(`${file} was made by a newer release. Use that one.`);
  return { made: head.made ?? "", migrations: head.migrations, batches: batchesOf(lines, file) };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  createReadStream(file)
    .on("error", (error) => unzipped.destroy(error))
    .pipe(unzipped);
  const lines = createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const next = await lines.next().catch(() => Promise.reject(damaged(file)));
    if (next.done) return;
    yield next.value;
  }
}

async function* batchesOf(lines: AsyncGenerator<string>, file: string): AsyncGenerator<Batch> {
  const counted = tally();
  for await (const text of lines) {
    const value = parsed(text, file) as Batch & { end?: Record<string, Tally> };
    if (value.end) {
      if (JSON.stringify(value.end) !== JSON.stringify(counted.result())) throw damaged(file);
      return;
    }
    counted.add(value);
    yield value;
  }
  throw damaged(file);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(file);
  }
}

const damaged = (file: string) =>
  new DatabaseProblem(`${file} is damaged or was cut: it does not hold what its maker counted. Use another backup.`);
