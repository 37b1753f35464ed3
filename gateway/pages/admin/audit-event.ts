import type { FastifyInstance } from "fastify";
import { entityOf } from "../../audit/sinks.ts";
import { findEvent } from "../../database/audit-search.ts";
import { namesOf } from "../../database/people-names.ts";
import { PageProblem } from "../page-problem.ts";
import type { State } from "../views.ts";
import { statusWords, timeOf, traceOf, typeWords } from "./audit-words.ts";
import { adminOf, adminPage } from "./frame.ts";

declare module "../views.ts" {
  interface Views {
    "admin-audit-event": {
      heading: string;
      seq: number;
      time: string;
      iso: string;
      state: State;
      trace: readonly string[];
      facts: readonly { name: string; value: string }[];
      related: readonly { href: string; label: string }[];
    };
  }
}

/** `/admin/audit/:seq`: one event with all that is kept of it. */
export default async function auditEvent(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { seq: string } }>("/admin/audit/:seq", async (request, reply) => {
    const { org } = await adminOf(app, request, "audit");
    const { seq } = request.params;
    const row = /^\d{1,15}$/.test(seq) ? await findEvent(app.db, org.id, Number(seq)) : undefined;
    if (!row) throw new PageProblem(404, "No such event", "It is of another organisation, or retention has taken it.");
    const names = await namesOf(app.db, org.id, [row.actor_id]);
    const entity: Record<string, unknown> = { ...entityOf(row), previous_mac: row.prev_mac, key: row.key_id };
    const facts = Object.entries(entity).filter(([, value]) => value !== undefined && value !== null);
    const related = [
      typeof entity["approval"] === "string" && { href: `/approvals/${entity["approval"]}`, label: "The request for approval" }, // biome-ignore format: one thought
      row.call_id && {
        href: `/admin/audit?call=${encodeURIComponent(row.call_id)}`,
        label: "Everything about this call",
      },
      row.request_id && {
        href: `/admin/audit?request=${encodeURIComponent(row.request_id)}`,
        label: "Everything about this request",
      },
      { href: `/admin/audit?actor=${encodeURIComponent(row.actor_id)}`, label: "Everything by the same" },
    ];
    const data = {
      heading: row.tool ?? typeWords(row.type),
      seq: row.seq,
      time: timeOf(row.at),
      iso: new Date(row.at).toISOString(),
      state: statusWords[row.status],
      trace: traceOf(row, names),
      facts: facts.map(([name, value]) => ({
        name: name.replaceAll("_", " "),
        value: typeof value === "object" ? JSON.stringify(value) : String(value),
      })),
      related: related.filter((one) => typeof one === "object" && one !== null),
    };
    return adminPage(reply, "admin-audit-event", data, { title: `Event ${row.seq}`, here: "/admin/audit" });
  });
}
