import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import type { BreakerTurn } from "./guards/guards.ts";
import type { Lanes } from "./lanes.ts";
import { lanesTogether } from "./lanes-together.ts";
import { type Fetch, guardedFetch } from "./outbound.ts";
import type { Renewals } from "./sign-in/renew.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The way out to vendors and to documents of clients. Guarded, unless a test brought its own. */
    readonly outbound: Fetch;
    /** Limiters, guards and minted vendor tokens, by connection. */
    readonly lanes: Lanes;
    /** Renewals of vendor tokens under way. */
    readonly renewals: Renewals;
  }
}

const SWEEP_MS = 60_000;

export default fp<{ fetch?: Fetch }>(
  async (app, { fetch }) => {
    app.decorate("outbound", fetch ?? guardedFetch());
    const lanes = lanesTogether(app, {
      onTurn: (turn) => tell(app, turn),
      onBusy: (vendor) => app.metrics.bulkheadRefusals.inc({ vendor }),
    });
    app.decorate("lanes", lanes);
    watch(app, lanes);
    const sweep = setInterval(lanes.dropIdle, SWEEP_MS).unref();
    app.addHook("onClose", async () => clearInterval(sweep));
    app.decorate("renewals", new Map());
  },
  {
    name: "connections",
    dependencies: ["database", "redis", "bus"],
    decorators: { fastify: ["config", "clock", "vendors", "metrics", "audit"] },
  },
);

/** One line for each turn; on the record of the organisations when their first pause begins, and when it is over. */
function tell(
  { log, metrics, audit }: FastifyInstance,
  { open, vendor, host, connection, orgs, ...turn }: BreakerTurn,
) {
  metrics.breakerChanges.inc({ vendor, to: open ? "open" : "closed" });
  const facts = { vendor, host, connection, ...(connection && { org: orgs[0] }) };
  if (open) log.warn({ ...facts, ...turn }, "vendor does not answer, requests are held back");
  else log.info(facts, "vendor is asked again");
  if ("again" in turn && turn.again) return;
  const type = `${connection ? "connection" : "vendor"}.${open ? "paused" : "resumed"}`;
  const actor = { id: "connections", type: "system" } as const;
  const status = open ? "error" : "success";
  for (const org of orgs)
    audit.record({ org, actor, type, status, connection, vendor }).catch((err: unknown) => {
      log.error({ err, org, vendor, connection }, "audit row not written, a vendor's pause is in the log alone");
    });
}

function watch({ metrics, vendors }: FastifyInstance, { guards }: Lanes) {
  metrics.beforeRead(() => {
    const open = [...guards.open()];
    for (const vendor of vendors.keys())
      metrics.breakersOpen.set({ vendor }, open.filter((each) => each === vendor).length);
  });
  metrics.watch(metrics.queueDepth, { queue: "vendor requests" }, () => guards.places.waiting);
}
