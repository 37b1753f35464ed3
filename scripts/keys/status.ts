import { listRotations } from "../../gateway/database/key-rotations.ts";
import { neededKids } from "../../gateway/vault/needed.ts";
import { currentKid } from "../../gateway/vault/rotate-master.ts";
import { type KeyHouse, withKeys } from "./open.ts";

const DAY_MS = 24 * 60 * 60_000;

export const status = (): Promise<number> =>
  withKeys(async (house) => {
    await master(house);
    for (const { kind, scope, started_at, finished_at, done } of await listRotations(house.db)) {
      const end = finished_at ? `ended ${dateOf(finished_at)}` : "not ended: run the same rotation again";
      console.log(`Last rotation (${kind}, ${scope}): begun ${dateOf(started_at)}, ${done} rows, ${end}`);
    }
    return 0;
  });

async function master({ db, keys, clock }: KeyHouse) {
  const current = await currentKid(keys).catch((error: Error) => {
    console.log(error.message);
    return undefined;
  });
  console.log(
    `Master keys: ${keys.names.map((name) => `${name} (${keys.isRemote(name) ? "service" : "here"})`).join(", ")}`,
  );
  if (current) console.log(`New rows are wrapped with ${current}.`);
  let left = 0;
  for (const { kid, rows, oldest } of await neededKids(db)) {
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
    const age = oldest === undefined ? "" : `, oldest user key ${Math.floor((clock.now() - oldest) / DAY_MS)} days`;
    const where = Object.entries(rows).map(([name, count]) => `${count} ${name}`);
    console.log(`  ${kid}: ${total} rows (${where.join(", ")})${age}`);
    if (kid !== current) left += total;
  }
  if (current && left > 0) console.log(`${left} rows are left to wrap anew: npm run keys -- rotate master`);
}

const dateOf = (time: number) => new Date(time).toISOString();
