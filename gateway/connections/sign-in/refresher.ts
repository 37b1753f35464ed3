import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { ToolError } from "../../../runtime/index.ts";
import { claimEnding, type DueConnection, noteRenewalFailure } from "../../database/credentials.ts";
import { inOrgScope } from "../../database/scope.ts";
import type { House } from "../client.ts";
import { giveUp, LEASE_MS, renewTokens } from "./renew.ts";

/** Looked at so often, each process a little differently, so that they seldom look together. */
const EVERY_MS = 10_000;
const JITTER_MS = 5_000;
/** There are at least three minutes to renew what ends at one moment: before its last one a call would renew it itself. */
const AHEAD_MS = 240_000 + EVERY_MS + JITTER_MS;
/** Most of the time a renewal waits for its vendor; a vendor that is slow must not keep the others' from being renewed. */
const AT_ONCE = 16;
const AT_ONE_VENDOR = 8;

const FIRST_DELAY_MS = 30_000;
const MAX_DELAY_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** A vendor that is down for a weekend is not the person's concern; one that is away for longer is. */
const GIVE_UP_DAYS = 3;

type Refreshing = House & Pick<FastifyInstance, "log">;

/**
 * Renews what ends soon, the soonest first, each claimed when there is a place for it, until nothing is due or the process is to
 * end.
 * @returns how many were renewed
 */
export async function renewEnding(house: Refreshing): Promise<number> {
  const underWay = new Map<Promise<void>, string>();
  let renewed = 0;
  const begin = (due: DueConnection) => {
    const work: Promise<void> = inOrgScope(due.org_id, () => renewOne(house, due)).then((isRenewed) => {
      underWay.delete(work);
      if (isRenewed) renewed += 1;
    });
    underWay.set(work, due.vendor);
  };
  const full = () => {
    const counts = Object.entries(Object.groupBy(underWay.values(), (vendor) => vendor));
    return counts.filter(([, each]) => each!.length >= AT_ONE_VENDOR).map(([vendor]) => vendor);
  };
  try {
    while (!house.drain.begun) {
      const except = full();
      const due = underWay.size < AT_ONCE ? await claimNext(house, except) : undefined;
      if (due) begin(due);
      else if (underWay.size >= AT_ONCE || except.length > 0) await Promise.race(underWay.keys());
      else break;
    }
  } finally {
    await Promise.all(underWay.keys());
  }
  return renewed;
}

function claimNext({ db, clock, config }: House, except: readonly string[]) {
  const now = clock.now();
  const { own: region } = config.regions;
  return claimEnding(db, { by: now + AHEAD_MS, now, until: now + LEASE_MS, region, except });
}

async function renewOne(house: Refreshing, due: DueConnection): Promise<boolean> {
  const { credential_version: version, ...connection } = due;
  try {
    await renewTokens(house, connection, version, { actor: "refresher", actorType: "system" }, { leased: true });
    return true;
  } catch (error) {
    const code = error instanceof ToolError ? error.code : "INTERNAL";
    house.log.info({ connection: connection.id, vendor: connection.vendor, code }, "vendor token not renewed");
    if (code === "INTERNAL") house.log.error({ err: error }, "renewing a vendor token failed");
    await later(house, due);
    return false;
  }
}

/** All replicas wait, longer each time and each sign-in a little differently; after days of it somebody is told. */
async function later(house: Refreshing, { credential_version: version, ...connection }: DueConnection) {
  const now = house.clock.now();
  const delayMs = (failures: number) =>
    Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS) * (0.75 + Math.random() / 4);
  const key = { connection_id: connection.id, org_id: connection.org_id, owner_id: connection.owner_id, version };
  const failing = await noteRenewalFailure(house.db, key, {
    now,
    delayMs: (failures) => Math.round(delayMs(failures)),
  });
  if (failing && failing.since <= now - GIVE_UP_DAYS * DAY_MS) await giveUp(house, connection, failing.failures);
}

/** While the gateway listens, people's sign-ins at vendors are kept alive in the background. */
export default fp(
  async (app) => {
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<unknown> = Promise.resolve();
    const wait = () => {
      timer = setTimeout(run, EVERY_MS + Math.random() * JITTER_MS).unref();
    };
    const run = () => {
      running = renewEnding(app)
        .catch((err) => app.log.error({ err }, "renewing vendor tokens failed"))
        .finally(wait);
    };
    app.addHook("onListen", async () => wait());
    app.addHook("onClose", async () => {
      await running;
      clearTimeout(timer);
    });
  },
  { name: "refresher", dependencies: ["connections", "database", "vault", "drain"] },
);
