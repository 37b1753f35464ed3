import { BOX_COLUMNS, boxPage } from "../database/boxes.ts";
import { credentialsExist } from "../database/credentials.ts";
import type { Db } from "../database/index.ts";
import { kidsInUse, userKeyPage } from "../database/user-keys.ts";
import { codeOf } from "./health.ts";
import { type KeyProvider, nameOf } from "./keys.ts";
import { userKeyBound } from "./row-bound.ts";
import { kidOf, secretBox } from "./secret-box.ts";

/** So many rows are tried before a key counts as strange: one row that somebody changed says nothing of the key. */
const TRIES = 5;

/**
 * Master keys that open nothing of what is stored under their name, as those of another installation do. What would be stored
 * next could be opened with the strange key alone, beside rows that it does not open. Usually one row of each is tried; of a
 * service that is away nothing is known.
 */
export async function strangeKeys(db: Db, keys: KeyProvider): Promise<string[]> {
  const used = (await kidsInUse(db)).filter((kid) => keys.names.includes(nameOf(kid)));
  const first = keys.names[0]!;
  const all = used.some((kid) => nameOf(kid) === first) ? used : [...used, first];
  const strange = await Promise.all(all.map(async (kid) => ((await isStrange(db, keys, kid)) ? [kid] : [])));
  return strange.flat().sort();
}

async function isStrange(db: Db, keys: KeyProvider, kid: string): Promise<boolean> {
  let refused = false;
  for await (const open of storedUnder(db, keys, kid)) {
    const state = await codeOf(open);
    if (state === "ok" || state.startsWith("KEYS_")) return false;
    refused ||= state === "WRONG_KEY";
  }
  return refused;
}

/** Some rows that this key is said to have wrapped, each as a way to open it and forget what was in it. */
async function* storedUnder(db: Db, keys: KeyProvider, kid: string): AsyncGenerator<() => Promise<unknown>> {
  for (const row of await userKeyPage(db, { kid, limit: TRIES }))
    yield async () => (await keys.unwrap(kid, row.wrapped, userKeyBound(row))).fill(0);
  const box = secretBox(keys);
  for (const column of BOX_COLUMNS)
    for (const { text, row } of await boxPage(db, column, { limit: TRIES })) {
      const sealed = column.boxIn(text);
      if (sealed && [kid, nameOf(kid)].includes(nameOf(kidOf(sealed)))) yield () => box.open(sealed, column.bound(row));
    }
}

/** Whether something is stored that a new master key could not open. */
export async function somethingSealed(db: Db): Promise<boolean> {
  if (await credentialsExist(db)) return true;
  for (const column of BOX_COLUMNS)
    for (const { text } of await boxPage(db, column, { limit: TRIES })) if (column.boxIn(text)) return true;
  return (await kidsInUse(db)).length > 0;
}
