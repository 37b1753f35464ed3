import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { type AlertDelivery, alertDelivery } from "../alerts/deliver.ts";
import { alertReader } from "../alerts/engine.ts";
import { appendAnchors } from "../audit/anchor-file.ts";
import { anchorStore } from "../audit/anchor-store.ts";
import { ANCHOR_EVENTS, type AnchorTrouble, createAnchoring } from "../audit/anchoring.ts";
import { type FewAtOnce, fewAtOnce } from "../audit/few-at-once.ts";
import { webhookTarget } from "../audit/org-webhook.ts";
import { type EventReader, followEvents, type ReaderTrouble, type Reading } from "../audit/readers.ts";
import { retainEvents } from "../audit/retention.ts";
import { syslogReader } from "../audit/syslog.ts";
import { webhookReader } from "../audit/webhook-reader.ts";
import { forgetCounted } from "../database/alerts.ts";
import { beginAtHeads } from "../database/audit-cursors.ts";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import { ORG_WEBHOOKS, orgsWithWebhook } from "../database/audit-webhooks.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** What becomes of events once they are written. */
    readonly auditTrail: {
      /** Anchors and deliveries that are due, now. */
      run(): Promise<void>;
    };
    /** Every search of an organisation's trail goes through here. */
    readonly searching: FewAtOnce;
  }
}

const EVERY_MS = 30_000;
/** Of one organisation at a time, in this process. */
const SEARCHES = 2;
const RETAIN_EVERY_MS = 60 * 60_000;
/** Longer than any window in which alerts count. */
const COUNTED_MS = 90 * 24 * 60 * 60_000;

/** Once events are written, the ends of their chains are anchored outside and they are sent to whoever wants them. */
export default fp(
  async (app) => {
    app.decorate("searching", fewAtOnce(SEARCHES));
    const anchoring = anchoringOf(app);
    const anchor = () => anchoring.run().catch((err) => app.log.error({ err }, "audit anchors"));
    const delivery = deliveryOf(app);
    const readings: Reading[] = [];
    for (const reader of readersOf(app, delivery)) {
      if (reader.name !== ORG_WEBHOOKS) await beginAtHeads(app.db, reader.name);
      readings.push(followEvents({ db: app.db, clock: app.clock, reader, onTrouble: (one) => tellReader(app, one) }));
    }

    let written = 0;
    app.audit.addSink({
      write(rows) {
        for (const reading of readings) reading.wake();
        written += rows.length;
        if (written < ANCHOR_EVENTS) return;
        written = 0;
        anchor();
      },
      close: async () => {},
    });
    const timer = setInterval(() => Promise.all([anchor(), delivery.run()]), EVERY_MS).unref();
    app.decorate("auditTrail", {
      async run() {
        await anchor();
        for (const reading of readings) await reading.run();
        await delivery.run();
      },
    });
    let removing: Promise<unknown> | undefined;
    const removal = setInterval(() => {
      removing ??= forgetCounted(app.db, app.clock.now() - COUNTED_MS)
        .then(() => retainEvents(app))
        .catch((err) => app.log.error({ err }, "audit retention"))
        .finally(() => {
          removing = undefined;
        });
    }, RETAIN_EVERY_MS).unref();
    app.addHook("onClose", async () => {
      clearInterval(timer);
      clearInterval(removal);
      await Promise.all(readings.map((reading) => reading.close()));
      await removing;
      await delivery.idle();
      await anchoring.idle();
    });
  },
  { name: "audit-trail", dependencies: ["database", "keys", "audit", "vault", "connections"] },
);

/** Addresses in the environment are the operator's own choice and may lie inside; those of organisations are guarded. */
function* readersOf(app: FastifyInstance, delivery: AlertDelivery): Iterable<EventReader> {
  const { webhook, syslog } = app.config.audit;
  const now = () => app.clock.now();
  if (syslog) yield syslogReader(syslog);
  if (webhook) yield webhookReader({ name: "installation", targetOf: async () => webhook, fetch: globalThis.fetch, now }); // biome-ignore format: one thought
  yield alertReader({
    db: app.db,
    onAlert({ id: alert, org_id: org, kind, severity, subject }) {
      app.log.warn({ alert, org, kind, severity, subject }, "alert");
      delivery.run();
    },
  });
  yield webhookReader({
    name: ORG_WEBHOOKS,
    orgs: () => orgsWithWebhook(app.db, "sends_events"),
    targetOf: (org) => webhookTarget(app.db, app.vault.box, org),
    fetch: app.outbound,
    now,
  });
}

const deliveryOf = (app: FastifyInstance) =>
  alertDelivery({
    db: app.db,
    clock: app.clock,
    fetch: app.outbound,
    targetOf: (org) => webhookTarget(app.db, app.vault.box, org),
    onFailure: (err, org) => app.log.error({ err, org }, "alerts not delivered"),
  });

function anchoringOf(app: FastifyInstance) {
  const { file, store } = app.config.audit.anchors;
  return createAnchoring({
    db: app.db,
    keys: app.keys.audit,
    clock: app.clock,
    places: {
      ...(file && { file: (anchors) => appendAnchors(file, anchors) }),
      ...(store && { store: anchorStore(store, { fetch: globalThis.fetch, now: () => app.clock.now() }) }),
    },
    onTrouble: (trouble) => tellAnchor(app, trouble),
  });
}

const SYSTEM = { id: "audit", type: "system" } as const;

/** Loud: in the log, and in the trail of everybody whose anchors wait. */
async function tellAnchor({ log, audit }: FastifyInstance, { place, orgs, error }: AnchorTrouble) {
  if (error) log.error({ err: error, place, orgs: orgs.length }, "audit anchors cannot be written");
  else log.info({ place }, "audit anchors are written again");
  const status = error ? "error" : "success";
  for (const org of orgs) await audit.record({ org, type: "audit.anchor", actor: SYSTEM, status, detail: { place } });
}

async function tellReader({ log, audit }: FastifyInstance, { reader, org, error }: ReaderTrouble) {
  if (error) log.error({ err: error, reader, org }, "audit events cannot be delivered");
  else log.info({ reader, org }, "audit events are delivered again");
  const status = error ? "error" : "success";
  await audit.record({ org: org || SYSTEM_ORG, type: "audit.sink", actor: SYSTEM, status, detail: { sink: reader } });
}
