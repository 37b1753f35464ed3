import { refuseForeignTrail } from "../../gateway/audit/foreign-trail.ts";
import { listKeyHolders } from "../../gateway/database/key-holders.ts";
import { VaultError } from "../../gateway/vault/errors.ts";
import { rotateMaster } from "../../gateway/vault/rotate-master.ts";
import { rotateUserKeys } from "../../gateway/vault/rotate-users.ts";
import { type Progress, type Rotated, RotationBusy, type RotationOptions } from "../../gateway/vault/rotation.ts";
import { kindOf } from "./kinds.ts";
import { type KeyHouse, withKeys } from "./open.ts";
import { takeStep } from "./step.ts";

interface Options {
  readonly all?: boolean;
  readonly org?: string;
  readonly user?: string;
  readonly "per-second"?: string;
  readonly step?: string;
  readonly now?: boolean;
}

/** @returns the exit code; undefined for wrong usage */
export async function rotate(kind: string | undefined, options: Options): Promise<number | undefined> {
  const file = kindOf(kind);
  if (options.step !== undefined) return file && (await takeStep(kind!, file, options));
  const perSecond = Number(options["per-second"] ?? 500);
  if (!(perSecond >= 1)) return undefined;
  const how: RotationOptions = { perSecond, onProgress: progress() };
  if (kind === "master") return await running((house) => rotateMaster(house, how));
  const whose = [options.all, options.org, options.user].filter(Boolean);
  if (kind !== "users" || whose.length !== 1) return undefined;
  return await running((house) => rotateUserKeys(house, { org: options.org, owner: options.user }, how));
}

async function running(work: (house: KeyHouse) => Promise<Rotated>): Promise<number> {
  return await withKeys(async (house) => {
    await refuseForeignTrail(house.db, house.own.audit);
    const behind = await holdersWithout(house);
    if (behind > 0) {
      console.error(`Gateways that run without ${house.keys.names[0]} and could not open what it wraps: ${behind}.`);
      console.error(
        "Restart them with this key in VAULT_KEYS first; one that has ended counts for a minute and a half.",
      );
      return 3;
    }
    try {
      const { scope, done, failed, resumed } = await work(house);
      console.log(`${scope}: ${done} rows wrapped anew${resumed ? ", with those of the run before" : ""}.`);
      for (const [code, count] of Object.entries(failed))
        console.log(`${count} rows stay as they are: ${code}. See them with: npm run keys -- verify`);
      return Object.keys(failed).length > 0 ? 1 : 0;
    } catch (error) {
      if (error instanceof RotationBusy) {
        console.error(
          `${error.message} If that ended, wait until ${new Date(error.until).toISOString()} and try again.`,
        );
        return 3;
      }
      if (!(error instanceof VaultError)) throw error;
      console.error(`${error.message} What is done stays done; run the same command again to go on.`);
      return 3;
    }
  });
}

/** How many gateways run that do not have the key everything would be wrapped with. */
async function holdersWithout({ db, keys, clock }: KeyHouse): Promise<number> {
  const holders = await listKeyHolders(db, clock.now());
  return holders.filter(({ master }) => !master.includes(keys.names[0]!)).length;
}

const EVERY_MS = 1000;

function progress() {
  let next = 0;
  return ({ done, left }: Progress) => {
    if (Date.now() < next) return;
    next = Date.now() + EVERY_MS;
    const share = Math.floor((100 * done) / Math.max(done + left, 1));
    const bar = "#".repeat(Math.floor(share / 5)).padEnd(20, ".");
    console.error(`[${bar}] ${done} done, ${left} user keys left, ${share} %`);
  };
}
