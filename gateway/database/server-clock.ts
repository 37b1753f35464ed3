import { sql } from "kysely";
import type { Db } from "./index.ts";

/** An answer that took longer says too little. */
const PATIENCE_MS = 1000;

/** @returns by how many milliseconds the server's clock is ahead; undefined when it could not be told */
export async function serverAhead(db: Db, now: () => number): Promise<number | undefined> {
  const [sent, asked] = [performance.now(), now()];
  const { rows } = await sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db); // biome-ignore format: one thought
  const tookMs = performance.now() - sent;
  return tookMs > PATIENCE_MS ? undefined : rows[0]!.ms - (asked + tookMs / 2);
}
