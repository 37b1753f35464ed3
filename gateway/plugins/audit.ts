import fp from "fastify-plugin";
import { type Audit, createAudit } from "../audit/audit.ts";
import { masterKey } from "../audit/chain.ts";
import { type AuditSink, fileSink, streamSink } from "../audit/sinks.ts";
import { keysOfHeads } from "../database/audit-events.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly audit: Audit;
  }
}

export default fp(
  async (app) => {
    const { file, stdout } = app.config.audit;
    const sinks: AuditSink[] = [];
    if (file) sinks.push(fileSink(file, (err) => app.log.error({ err }, "audit file")));
    if (stdout) sinks.push(streamSink(process.stdout));
    const { auditEvents, auditSeconds } = app.metrics;
    const audit = createAudit({
      db: app.db,
      keys: app.keys.audit,
      clock: app.clock,
      sinks,
      onBatch({ events, ms, failed }) {
        auditSeconds.observe(ms / 1000);
        if (failed) auditEvents.inc({ outcome: "failed" }, events);
      },
    });
    app.decorate("audit", audit);
    const ours = new Set(app.keys.audit.map((key) => masterKey(key).id));
    for (const id of await keysOfHeads(app.db)) if (!ours.has(id)) app.log.error(strange(id));
    app.addHook("onClose", () => audit.close());
  },
  { name: "audit", dependencies: ["database", "keys", "metrics"] },
);

const strange = (id: string) =>
  `AUDIT_KEY: the last events were linked with another key (${id}), as if this were another installation's. Put it back, behind the first one after a rotation; without it nobody can verify them.`;
