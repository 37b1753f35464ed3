import { verifyAll } from "../../gateway/audit/verify.ts";
import type { Db, Place } from "../../gateway/database/index.ts";
import { holdAlone } from "../../gateway/database/serving.ts";
import { load } from "../../gateway/database/transfer/load.ts";
import { type Tally, tally } from "../../gateway/database/transfer/rows.ts";
import { type Dump, withSnapshot } from "../../gateway/database/transfer/snapshot.ts";
import { readBackup, writeBackup } from "./file.ts";

/** What is said while it runs, and at its end. */
export type Say = (sentence: string) => void;

/** Everything from one database into another, empty one. The first stays as it is. */
export async function move({ from, to, keys, say }: { from: Place; to: Place; keys: readonly Buffer[]; say: Say }) {
  const source = await holdAlone(from, "database to move from");
  try {
    await withSnapshot(from, (dump) => fillFrom(dump, { to, keys, say }));
  } finally {
    await source.release();
  }
  say("The database it came from is as it was. Point the gateway to the new one, and start none on the old one again: what it wrote there would be lost."); // biome-ignore format: one thought
}

/** Everything as it is at this moment, into one file. The gateway may go on. */
export async function backup({ from, to, keys, say }: { from: Place; to: string; keys: readonly Buffer[]; say: Say }) {
  const { tables } = await withSnapshot(from, (dump) => writeBackup(to, dump, keys, progress(say)));
  say(`${to} holds ${countOf(tables)}, encrypted where they are encrypted in the database.`);
  say("The keys are not in it: keep VAULT_KEYS, AUDIT_KEY, COOKIE_KEYS and SIGNING_KEYS, or the key files of DATA_DIR, in another place. Without the vault's key no stored credential opens again."); // biome-ignore format: one thought
}

export async function restore({ from, to, keys, say }: { from: string; to: Place; keys: readonly Buffer[]; say: Say }) {
  const dump = await readBackup(from, keys);
  await fillFrom(dump, { to, keys, say });
  say(
    `This is the installation of ${dump.made}. Whoever was removed or erased after that is there again: see docs/backup.md.`,
  );
}

/** Reads all of a file and says what it holds. @param keys where they are at hand */
export async function verify({ from, keys, say }: { from: string; keys: readonly Buffer[] | undefined; say: Say }) {
  const dump = await readBackup(from, keys);
  const counted = tally();
  for await (const batch of dump.batches) counted.add(batch);
  say(`${from} is whole: ${countOf(counted.result())}, made at ${dump.made}, at migration ${dump.migrations.at(-1)}.`);
  say(
    keys
      ? "It is as the installation with this audit key wrote it."
      : "Whether somebody changed it on purpose is not known: the audit key is not here.",
  );
}

async function fillFrom(dump: Dump, { to, keys, say }: { to: Place; keys: readonly Buffer[]; say: Say }) {
  const target = await holdAlone(to, "database to fill");
  try {
    const tables = await load(to, dump, { onProgress: progress(say), check: (db) => checkChains(db, keys, say) });
    say(`${countOf(tables)} arrived as they left: counts and checksums of every table are equal.`);
  } finally {
    await target.release();
  }
}

/** Nothing stays of a copy in which a chain does not hold. */
async function checkChains(db: Db, keys: readonly Buffer[], say: Say) {
  const verdicts = await verifyAll(db, keys, { passGivenUp: true });
  const broken = verdicts.find((verdict) => !verdict.ok && verdict.reason !== "unanchored");
  if (broken && !broken.ok)
    throw new Error(
      `The audit chain of ${broken.org} does not hold at event ${broken.seq}: ${broken.reason}. Nothing was kept. Run \`npm run audit -- verify\` where it came from; a key that is missing belongs into AUDIT_KEY.`,
    );
  say(`The audit chains of ${verdicts.length} organisations hold.`);
  const unproven = verdicts.reduce((sum, verdict) => sum + ((verdict.ok && verdict.unproven) || 0), 0);
  if (unproven > 0) say(`${unproven.toLocaleString("en")} events are of an audit key that was given up as lost: nobody can prove them.`); // biome-ignore format: one thought
}

const EVERY_MS = 2000;

function progress(say: Say) {
  let last = Date.now();
  return (table: string, rows: number) => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    say(`${rows.toLocaleString("en")} rows, at ${table}`);
  };
}

function countOf(tables: Record<string, Tally>): string {
  const all = Object.values(tables);
  const rows = all.reduce((sum, one) => sum + one.rows, 0);
  return `${rows.toLocaleString("en")} rows of ${all.length} tables`;
}
