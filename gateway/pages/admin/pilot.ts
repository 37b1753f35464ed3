import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type PilotCall, type PilotDecision, type PilotMeasures, pilotMeasures } from "../../audit/pilot.ts";
import { DAY_MS } from "../../audit/usage.ts";
import { callsThatWorked, decisionsSince } from "../../database/pilot.ts";
import { type Field, field } from "../fields.ts";
import { count } from "../words.ts";
import { adminOf, adminPage } from "./frame.ts";
import { PERIODS } from "./usage-figures.ts";

const HERE = "/admin/usage/pilot";

declare module "../views.ts" {
  interface Views {
    "admin-pilot": {
      fields: readonly Field[];
      measures: readonly { name: string; value: string; of: string; means: string; lacks: string }[];
      calls: string;
      cut: boolean;
    };
  }
}

const Asked = z.object({
  days: z.coerce.number().refine((days) => (PERIODS as readonly number[]).includes(days)).catch(30),
}); // biome-ignore format: one thought

/** A page does not read more than this; of a longer past the newest count. */
const MOST_CALLS = 20_000;

/** `/admin/usage/pilot`: how a trial goes, as far as the record can say. */
export default async function pilot(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { org } = await adminOf(app, request, "usage");
    const { days } = Asked.parse(request.query);
    const from = app.clock.now() - days * DAY_MS;
    const calls = await callsThatWorked(app.db, { org: org.id, from, limit: MOST_CALLS });
    const decisions = await decisionsSince(app.db, { org: org.id, from });
    const measures = pilotMeasures(
      calls.map((call) => pilotCall(app, call)),
      decisions.map((type) => type.slice("approval.".length) as PilotDecision), // only those were asked for
    );
    const options = PERIODS.map((one) => ({ value: `${one}`, label: `${one} days`, selected: one === days }));
    const data = {
      fields: [field({ name: "days", label: "Period", options })],
      measures: inWords(measures),
      calls: calls.length.toLocaleString("en"),
      cut: calls.length === MOST_CALLS,
    };
    return adminPage(reply, "admin-pilot", data, { title: "Pilot measures", here: "/admin/usage" });
  });
}

type Row = Awaited<ReturnType<typeof callsThatWorked>>[number];

function pilotCall({ catalogs }: FastifyInstance, { at, actor_id: actor, tool, tier, detail }: Row): PilotCall {
  const tags = catalogs.all.tools.get(tool ?? "")?.tool.tags ?? [];
  const { durationMs = 0 } = JSON.parse(detail) as { durationMs?: number };
  const changes = tier !== "read" && tier !== "reveal";
  return { at, actor, durationMs, changes, triage: tags.includes("alerts") || tags.includes("tickets") };
}

function inWords({ triage, escalation, report }: PilotMeasures) {
  return [
    {
      name: "Time to triage",
      value: duration(triage.medianMs),
      of: `median of ${count(triage.count, "case")}`,
      means: "From the first look at alerts or tickets to the first change of one, by the same person within an hour.",
      lacks: "When the alert was raised or the ticket came in: that stands in the RMM or PSA.",
    },
    {
      name: "Escalation accuracy",
      value: escalation.decided === 0 ? "–" : `${Math.round((100 * escalation.approved) / escalation.decided)} %`,
      of: `${escalation.approved} of ${count(escalation.decided, "decision")}; ${escalation.expired} expired`,
      means: "Of the calls that were put before a person and decided, those that they said yes to.",
      lacks: "Whether a ticket went to the right desk in the end: that stands in the PSA.",
    },
    {
      name: "Report turnaround",
      value: duration(report.medianMs),
      of: `median of ${count(report.count, "report")}`,
      means:
        "From the first to the last of three or more questions in a row without a change, each within five minutes of the one before.",
      lacks: "When the report was asked for and when its reader had it.",
    },
  ];
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
