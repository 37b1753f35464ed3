import { createHmac, timingSafeEqual } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { masterKey } from "../../gateway/audit/chain.ts";
import { DatabaseProblem } from "../../gateway/database/postgres-server.ts";
import { type Batch, type Tally, tally } from "../../gateway/database/transfer/rows.ts";
import type { Dump } from "../../gateway/database/transfer/snapshot.ts";
import { LONG, linesOf } from "./lines.ts";

/**
 * A backup: JSON lines, gzipped. The first says what it is, each further one holds some rows of a table, and the last one
 * counts them, so that a file that was cut is never taken for whole. It ends with a code that only who holds the audit key can
 * make: a person or a token that somebody wrote into the file is not restored.
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

/** Of an audit key, so that whoever restores needs no further one. */
const codeBy = (key: Buffer) => createHmac("sha256", masterKey(key).derive("backup", ""));

/**
 * Readable by its owner only. It appears under its name when it is whole.
 * @param keys audit keys, of which the first signs
 */
export async function writeBackup(
  file: string,
  dump: Dump,
  [key]: readonly Buffer[],
  onProgress: Progress,
): Promise<Contents> {
  if (existsSync(file)) throw new DatabaseProblem(`${file} exists already. Name a file that is not there yet.`);
  const made = new Date().toISOString();
  const counted = tally();
  const code = codeBy(key!); // the configuration demands one
  const line = (json: string) => {
    const text = `${json}\n`;
    code.update(text);
    return text;
  };
  async function* lines() {
    yield line(JSON.stringify({ format: FORMAT, version: 1, made, migrations: dump.migrations } satisfies Head));
    let rows = 0;
    for await (const batch of dump.batches) {
      counted.add(batch);
      rows += batch.rows.length;
      onProgress(batch.table, rows);
      for (const text of textsOf(batch)) yield line(text);
    }
    const end = counted.result();
    yield `${JSON.stringify({ end, code: code.update(JSON.stringify(end)).digest("base64url") })}\n`;
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

/** As JSON; rows that are long together are split, so that whoever reads needs no more memory than for a long row. */
function* textsOf(batch: Batch): Generator<string> {
  const { rows } = batch;
  const text = JSON.stringify(batch);
  if (text.length <= LONG || rows.length === 1) return yield text;
  const half = rows.length >> 1;
  for (const part of [rows.slice(0, half), rows.slice(half)]) yield* textsOf({ ...batch, rows: part });
}

export type Progress = (table: string, rows: number) => void;

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
 * @param keys audit keys, one of which signed it; without them it is known to be whole, and not by whom it was made
 * @throws DatabaseProblem for what is no backup of ours, was cut or changed
 */
export async function readBackup(file: string, keys: readonly Buffer[] | undefined): Promise<Backup> {
  if (!existsSync(file)) throw new DatabaseProblem(`There is no file ${file}.`);
  const lines = linesOf(file, () => damaged(file));
  const first = (await lines.next()).value ?? "";
  const head = parsed(first, file) as Partial<Head>;
  if (head.format !== FORMAT || !head.migrations) throw new DatabaseProblem(`${file} is no backup of this gateway.`);
  if (head.version !== 1) throw new DatabaseProblem(`${file} was made by a newer release. Use that one.`);
  return {
    made: head.made ?? "",
    migrations: head.migrations,
    batches: batchesOf(lines, file, keys && proofOf(first, keys)),
  };
}

/** Takes every line before the last, and says whether a code at the end is one of ours. */
function proofOf(first: string, keys: readonly Buffer[]) {
  const codes = keys.map((key) => codeBy(key).update(`${first}\n`));
  return {
    add: (text: string) => codes.forEach((code) => void code.update(`${text}\n`)),
    isOf(end: string, code: string) {
      const said = Buffer.from(code, "base64url");
      const made = codes.map((one) => one.update(end).digest());
      return made.some((one) => one.length === said.length && timingSafeEqual(one, said));
    },
  };
}

async function* batchesOf(
  lines: AsyncGenerator<string>,
  file: string,
  proof: ReturnType<typeof proofOf> | undefined,
): AsyncGenerator<Batch> {
  const counted = tally();
  for await (const text of lines) {
    const value = parsed(text, file) as Batch & { end?: Record<string, Tally>; code?: unknown };
    if (value.end) {
      const end = JSON.stringify(value.end);
      if (end !== JSON.stringify(counted.result())) throw damaged(file);
      if (proof && !proof.isOf(end, String(value.code))) throw foreign(file);
      return;
    }
    proof?.add(text);
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

const foreign = (file: string) =>
  new DatabaseProblem(`${file} was changed by somebody else, or made with another audit key than AUDIT_KEY or audit.key holds. Nothing was kept. Give the key of the installation that made it, after the others; if that is there, use another backup.`); // biome-ignore format: one thought
