import { createAudit } from "../../gateway/audit/audit.ts";
import { readConfig } from "../../gateway/config.ts";
import { openDatabase } from "../../gateway/database/index.ts";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { completeKeys, type Keys, LASTING_KINDS } from "../../gateway/keys.ts";
import { masterKeys } from "../../gateway/vault/keys.ts";
import type { RotationHouse } from "../../gateway/vault/rotation.ts";
import { explained } from "../explained.ts";

export interface KeyHouse extends RotationHouse {
  readonly own: Keys;
}

/** What a gateway with this environment would have, for as long as `work` takes. @returns its exit code */
export const withKeys = (work: (house: KeyHouse) => Promise<number>): Promise<number> =>
  inSystemScope(() => explained(() => opened(work)));

async function opened(work: (house: KeyHouse) => Promise<number>): Promise<number> {
  const config = readConfig();
  const own = completeKeys(config, LASTING_KINDS).keys;
  const keys = await masterKeys(own.vault, { transit: config.transit });
  const db = await openDatabase(config.database);
  const clock = { now: Date.now };
  const audit = createAudit({ db, keys: own.audit, clock, sinks: [] });
  try {
    return await work({ db, audit, clock, keys, own });
  } finally {
    await audit.close();
    await db.destroy();
  }
}
