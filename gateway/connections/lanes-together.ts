import type { FastifyInstance } from "fastify";
import { sharedBudgets } from "./budgets.ts";
import { createLanes, type Lanes } from "./lanes.ts";

const PAUSES = "vendor-pause";
const DROPS = "lane-drop";
/** As long as a limiter's own first pause, when the vendor did not say for how long. */
const FIRST_PAUSE_MS = 1000;

/** Replicas spend a vendor's budget together, pause together, and forget together the tokens of keys that ended. */
export function lanesTogether(
  app: FastifyInstance,
  hooks: Pick<Parameters<typeof createLanes>[0], "onTurn" | "onBusy">,
): Lanes {
  const { bus, clock, config } = app;
  const lanes = createLanes({
    ...hooks,
    now: () => clock.now(),
    budgets: "url" in config.database ? sharedBudgets(app) : undefined,
    onPause: (key, ms = FIRST_PAUSE_MS) => void bus.publish(PAUSES, { key, ms }),
  });
  bus.subscribe(PAUSES, (body) => {
    const { key, ms } = body as { key: string; ms: number };
    lanes.pause(key, ms);
  });
  bus.subscribe(DROPS, (id) => lanes.drop(id as string));
  return { ...lanes, drop: (id) => void bus.publish(DROPS, id) };
}
