import fp from "fastify-plugin";
import { type Audit, createAudit } from "../audit/audit.ts";
import { refuseForeignTrail } from "../audit/foreign-trail.ts";
import { type AuditSink, fileSink, streamSink } from "../audit/sinks.ts";
import { heldIn } from "../keys.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly audit: Audit;
  }
}

export default fp(
  async (app) => {
    const strange = await refuseForeignTrail(app.db, app.keys.audit, heldIn(app.config, "audit"));
    for (const id of strange) app.log.error(missing(id));
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
    app.addHook("onClose", () => audit.close());
  },
  { name: "audit", dependencies: ["database", "keys", "metrics"] },
);

const missing = (id: string) =>
  `AUDIT_KEY: the key ${id} linked the last event of an organisation and is not here. Put it back, behind the first one; without it nobody can verify those events.`;
