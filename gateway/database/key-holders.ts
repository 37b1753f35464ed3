import type { Db } from "./index.ts";

/** Names of keys by kind. */
export type KeyNames = Readonly<Record<"master" | "audit" | "cookies" | "signing", readonly string[]>>;

/** A gateway says so often that it runs; one that said nothing for thrice as long does not. */
export const HOLDER_EVERY_MS = 30_000;

/** Notes that a gateway runs and which keys it has. */
export async function noteKeyHolder(db: Db, process: string, names: KeyNames, now: number): Promise<void> {
  const row = { process, names: JSON.stringify(names), started_at: now, seen_at: now };
  await db
    .insertInto("key_holders")
    .values(row)
    .onConflict((conflict) => conflict.column("process").doUpdateSet({ seen_at: now }))
    .execute();
  await db.deleteFrom("key_holders").where("seen_at", "<", now - 3 * HOLDER_EVERY_MS).execute(); // biome-ignore format: one thought
}

export async function forgetKeyHolder(db: Db, process: string): Promise<void> {
  await db.deleteFrom("key_holders").where("process", "=", process).execute();
}

/** The gateways that run, by what they have. */
export async function listKeyHolders(db: Db, now: number): Promise<KeyNames[]> {
  const rows = await db
    .selectFrom("key_holders")
    .select("names")
    .where("seen_at", ">=", now - 3 * HOLDER_EVERY_MS)
    .execute();
  return rows.map(({ names }) => JSON.parse(names) as KeyNames);
}
