import { credentialsOf, giveUpCredentials } from "../database/credentials.ts";
import { deleteUserKey, kidsInUse, type OwnerPlace, userKeyPage } from "../database/user-keys.ts";
import { nameOf } from "./keys.ts";
import type { RotationHouse } from "./rotation.ts";

export interface Forgotten {
  readonly userKeys: number;
  readonly credentials: number;
}

const PAGE = 100;

/**
 * Deletes the user keys that a lost master key wrapped, in all its versions, with the credentials under them. Nothing of it could
 * ever be opened again. Their connections stay and ask for new keys.
 */
export async function forgetMaster(
  { db, audit }: Pick<RotationHouse, "db" | "audit">,
  name: string,
  { dryRun }: { dryRun: boolean },
): Promise<Forgotten> {
  const lost = { userKeys: 0, credentials: 0 };
  for (const kid of (await kidsInUse(db)).filter((kid) => kid === name || nameOf(kid) === name))
    for (let after: OwnerPlace | undefined; ; ) {
      const page = await userKeyPage(db, { kid, after, limit: PAGE });
      if (page.length === 0) break;
      after = page.at(-1)!;
      for (const row of page) {
        lost.userKeys++;
        if (dryRun) lost.credentials += (await credentialsOf(db, row)).length;
        else
          lost.credentials += await audit.atomically(async (trx, record) => {
            const credentials = await giveUpCredentials(trx, row);
            await deleteUserKey(trx, row.org_id, row.owner_id);
            const detail = { owner: row.owner_id, kid, credentials };
            await record({ org: row.org_id, type: "keys.forget", actor: ACTOR, status: "success", detail });
            return credentials;
          });
      }
    }
  return lost;
}

const ACTOR = { id: "keys", type: "system" } as const;
