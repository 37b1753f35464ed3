import { nameOf } from "../../gateway/vault/keys.ts";
import { neededKids } from "../../gateway/vault/needed.ts";
import { withKeys } from "./open.ts";
import { sayUnknown } from "./unknown.ts";

/** Says whether a master key can be taken out of VAULT_KEYS. Given a name, all its versions count. @returns 1 when not */
export async function retire(kid: string | undefined): Promise<number | undefined> {
  if (!kid) return undefined;
  return await withKeys(async ({ db, keys }) => {
    const all = await neededKids(db);
    const needed = all.filter((one) => one.kid === kid || nameOf(one.kid) === kid);
    for (const { kid, rows } of needed)
      for (const [where, count] of Object.entries(rows)) console.log(`${kid} is needed by ${count} rows of ${where}.`);
    if (needed.length > 0) {
      console.log("It has to stay. Wrap these rows anew with: npm run keys -- rotate master");
      return 1;
    }
    if (needed.length === 0 && !keys.names.includes(nameOf(kid))) return sayUnknown({ keys }, kid, all);
    if (keys.names[0] === nameOf(kid)) {
      console.log(`${kid} is the first of VAULT_KEYS, which wraps what is stored next. Put another one before it.`);
      return 1;
    }
    console.log(
      `Nothing here needs ${kid}. Backups from before the rotation still do: keep the key as long as you keep them.`,
    );
    return 0;
  });
}
