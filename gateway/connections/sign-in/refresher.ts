import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { ToolError } from "../../../runtime/index.ts";
import { endingConnections } from "../../database/credentials.ts";
import type { House } from "../client.ts";
import { renewTokens } from "./renew.ts";

/** Looked at so often, each process a little differently, so that they seldom look together. */
const EVERY_MS = 20_000;
const JITTER_MS = 10_000;
/** Renewed at least a minute before they end. */
const AHEAD_MS = 60_000 + EVERY_MS + JITTER_MS;
const AT_ONCE = 4;
const BATCH = 100;

const FIRST_DELAY_MS = 30_000;
const MAX_DELAY_MS = 10 * 60_000;

/** Connections whose vendor could not be asked: when to try again, and how often it failed. */
type Delays = Map<string, { at: number; failures: number }>;

/** Renews what ends soon. @returns how many were renewed */
export async function renewEnding(
  house: House & Pick<FastifyInstance, "log">,
  delays: Delays = new Map(),
): Promise<number> {
  const now = house.clock.now();
  const all = await endingConnections(house.db, { by: now + AHEAD_MS, now, limit: BATCH });
  const due = all.filter(({ id }) => (delays.get(id)?.at ?? 0) <= now);
  let renewed = 0;
  const next = async (): Promise<void> => {
    for (let row = due.shift(); row; row = due.shift()) {
      const { credential_version: version, ...connection } = row;
      try {
        await renewTokens(house, connection, version, { actor: "refresher", actorType: "system" });
        delays.delete(connection.id);
        renewed += 1;
      } catch (error) {
        const code = error instanceof ToolError ? error.code : "INTERNAL";
        house.log.info({ connection: connection.id, vendor: connection.vendor, code }, "vendor token not renewed");
        if (code === "INTERNAL") house.log.error({ err: error }, "renewing a vendor token failed");
        later(delays, connection.id, now);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return renewed;
}

function later(delays: Delays, id: string, now: number) {
  const failures = (delays.get(id)?.failures ?? 0) + 1;
  delays.set(id, { failures, at: now + Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS) });
}

/** While the gateway listens, people's sign-ins at vendors are kept alive in the background. */
export default fp(
  async (app) => {
    const delays: Delays = new Map();
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<unknown> = Promise.resolve();
    const wait = () => {
      timer = setTimeout(run, EVERY_MS + Math.random() * JITTER_MS).unref();
    };
    const run = () => {
      running = renewEnding(app, delays)
        .catch((err) => app.log.error({ err }, "renewing vendor tokens failed"))
        .finally(wait);
    };
    app.addHook("onListen", async () => wait());
    app.addHook("onClose", async () => {
      await running;
      clearTimeout(timer);
    });
  },
  { name: "refresher", dependencies: ["connections", "database", "vault"] },
);
