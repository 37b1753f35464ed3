import { listKeyHolders } from "../../gateway/database/key-holders.ts";
import { listRotations } from "../../gateway/database/key-rotations.ts";
import { namesOf } from "../../gateway/vault/key-names.ts";
import { neededKids } from "../../gateway/vault/needed.ts";
import { currentKid } from "../../gateway/vault/rotate-master.ts";
import { type KeyHouse, withKeys } from "./open.ts";

const DAY_MS = 24 * 60 * 60_000;

export const status = (): Promise<number> =>
  withKeys(async (house) => {
    await master(house);
    await others(house);
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

/** The other kinds, and which running gateways have which keys. */
async function others({ db, own, clock }: KeyHouse) {
  const mine = namesOf(own);
  for (const [title, kind, does] of KINDS) console.log(`${title}: ${mine[kind].join(", ")} (the first ${does})`);
  const holders = await listKeyHolders(db, clock.now());
  if (holders.length === 0) return console.log("No gateway runs on this database.");
  console.log(`Gateways that run on this database: ${holders.length}.`);
  for (const kind of Object.keys(mine) as (keyof typeof mine)[])
    for (const name of mine[kind]) {
      const without = holders.filter((holder) => !holder[kind].includes(name)).length;
      if (without > 0) console.log(`  ${without} of them without the ${kind} key ${name}: restart them with it.`);
    }
}

const KINDS = [
  ["Signing keys", "signing", "signs, all are published"],
  ["Cookie keys", "cookies", "signs, all verify"],
  ["Audit keys", "audit", "signs, all verify"],
] as const;

const dateOf = (time: number) => new Date(time).toISOString();
