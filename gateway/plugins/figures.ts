import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { connectionCounts, eventsBehind, waitingCounts } from "../database/figures.ts";
import { lastKeyCheck, problemCount } from "../database/key-checks.ts";
import type { AuditEventRow } from "../database/schema.ts";
import { inSystemScope } from "../database/scope.ts";

/** The database is asked so often at most, however many look. */
const EVERY_MS = 15_000;

/** What is counted without being in anybody's way: from the record once it is written, and from the database when somebody looks. */
export default fp(
  async (app) => {
    const { audit, metrics } = app;
    audit.addSink({
      write(rows) {
        for (const row of rows) countEvent(app, row);
      },
      close: async () => {},
    });
    beginAtZero(app);
    metrics.watch(metrics.queueDepth, { queue: "audit" }, () => audit.waiting());
    let readAt = Number.NEGATIVE_INFINITY;
    metrics.beforeRead(async () => {
      if (performance.now() - readAt < EVERY_MS) return;
      readAt = performance.now();
      await inSystemScope(() => readDatabase(app));
    });
  },
  { name: "figures", dependencies: ["database", "audit", "metrics"] },
);

/** A counter that begins with its first failure hides it: Prometheus sees no increase. */
function beginAtZero({ metrics }: Pick<FastifyInstance, "metrics">) {
  for (const outcome of ["written", "failed"]) metrics.auditEvents.inc({ outcome }, 0);
  for (const outcome of ["ok", "error"]) metrics.vaultOpens.inc({ purpose: "call", outcome }, 0);
}

function countEvent({ metrics }: Pick<FastifyInstance, "metrics">, row: AuditEventRow) {
  metrics.auditEvents.inc({ outcome: "written" });
  const outcome = APPROVALS[row.type];
  if (outcome) {
    metrics.approvals.inc({ outcome });
    const { waitedMs } = JSON.parse(row.detail) as { waitedMs?: number };
    if (waitedMs !== undefined) metrics.approvalSeconds.observe({ outcome }, waitedMs / 1000);
  }
  if (row.type === "credential.open") {
    const { purpose = "other" } = JSON.parse(row.detail) as { purpose?: string };
    metrics.vaultOpens.inc({ purpose, outcome: row.status === "success" ? "ok" : "error" });
  }
  if (row.type === "connection.renew" && row.vendor)
    metrics.tokenRenewals.inc({ vendor: row.vendor, outcome: row.status === "success" ? "renewed" : "ended" });
}

const APPROVALS: Readonly<Record<string, string>> = {
  "approval.request": "asked",
  "approval.approve": "approved",
  "approval.deny": "denied",
  "approval.expire": "expired",
  "approval.outdated": "outdated",
  "approval.unknown": "unknown",
};

/** Of the whole installation, so every replica says the same: take the highest, not the sum. */
async function readDatabase({ db, metrics, clock }: FastifyInstance) {
  for (const [queue, count] of Object.entries(await waitingCounts(db, clock.now())))
    metrics.queueDepth.set({ queue }, count);
  for (const { reader, events } of await eventsBehind(db)) metrics.auditLag.set({ reader }, events);
  const check = await lastKeyCheck(db);
  metrics.keyCheckAt.set((check?.endedAt ?? 0) / 1000);
  metrics.keyCheckProblems.set(check ? problemCount(check) : 0);
  metrics.connections.reset();
  for (const { vendor, state, count } of await connectionCounts(db)) metrics.connections.set({ vendor, state }, count);
}
