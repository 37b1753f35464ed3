import { createAudit } from "../../gateway/audit/audit.ts";
import { refuseForeignTrail } from "../../gateway/audit/foreign-trail.ts";
import { openDatabase, type Place } from "../../gateway/database/index.ts";
import { DatabaseProblem } from "../../gateway/database/postgres-server.ts";
import { orgsWithoutHome, setHome } from "../../gateway/database/regions.ts";
import type { Regions } from "../../gateway/policy/regions.ts";
import type { Say } from "./commands.ts";

const OPERATOR = { id: "operator", type: "system" } as const;

/** Gives organisations without a home region one, or moves one organisation. */
export async function setRegion({
  place,
  region,
  org,
  regions,
  keys,
  say,
}: {
  place: Place;
  region: string;
  org: string | undefined;
  /** That this environment knows of. */
  regions: Regions;
  keys: readonly Buffer[];
  say: Say;
}) {
  // biome-ignore format: one thought
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(region))
    throw new DatabaseProblem("A region is small letters, digits and hyphens, such as eu-central.");
  const served = [regions.own, ...Object.keys(regions.addresses)].filter((one) => one !== undefined);
  // biome-ignore format: one thought
  if (!served.includes(region))
    throw new DatabaseProblem(`No gateway is known in ${region}, so nobody would serve what is at home there: REGION and REGIONS here name ${served.join(", ") || "none"}. Correct the name, or add it to REGIONS.`);
  const db = await openDatabase(place);
  const audit = createAudit({ db, keys, clock: { now: Date.now }, sinks: [] });
  try {
    await refuseForeignTrail(db, keys);
    const wanted = org ? [org] : await orgsWithoutHome(db);
    for (const id of wanted)
      await audit.atomically(async (trx, record) => {
        if (!(await setHome(trx, id, region))) throw new DatabaseProblem(`There is no organisation ${id}.`);
        await record({ org: id, type: "org.region", actor: OPERATOR, status: "success", detail: { region } });
      });
    say(`At home in ${region} now: ${wanted.length === 1 ? "1 organisation" : `${wanted.length} organisations`}.`);
  } finally {
    await audit.close();
    await db.destroy();
  }
}
