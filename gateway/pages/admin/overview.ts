import type { FastifyInstance } from "fastify";
import { countOpenAlerts } from "../../database/alerts.ts";
import { countPending } from "../../database/approval-inbox.ts";
import { listEvents } from "../../database/audit-events.ts";
import { countMembers } from "../../database/members.ts";
import { namesOf } from "../../database/people-names.ts";
import { listPolicies } from "../../database/policies.ts";
import { readPolicy } from "../../identity/policy-document.ts";
import { changesBetween, type PolicyChange } from "../../policy/changes.ts";
import { DEFAULT_POLICY } from "../../policy/document.ts";
import { mayLookAfter, type Right, type Role } from "../../policy/roles.ts";
import type { State } from "../views.ts";
import { type Chart, dayChart, spark } from "./chart.ts";
import { adminOf, adminPage } from "./frame.ts";
import { type Moment, moment } from "./moment.ts";
import type { AdminPath } from "./navigation.ts";
import { ruleWords } from "./rule-words.ts";
import { type UsageFigures, usageFigures } from "./usage-figures.ts";
import { vendorHealth } from "./vendor-health.ts";

declare module "../views.ts" {
  interface Views {
    "admin-overview": {
      organisation: string;
      figures: readonly Figure[];
      chart?: Chart;
      vendors?: readonly { title: string; state: State; detail: string; calls: string }[];
      change?: { version: number; who: string; when: Moment; changes: readonly PolicyChange[] };
      denied?: readonly { tool: string; rule: string; who: string; when: Moment }[];
    };
  }
}

interface Figure {
  readonly label: string;
  readonly value: string;
  readonly href?: string;
  readonly more?: string;
  readonly kind?: "bad" | "warn";
  readonly spark?: ReturnType<typeof spark>;
}

/** `/admin`: how the organisation stands, as far as the person's role is to know, and where to look. */
export default async function overview(app: FastifyInstance): Promise<void> {
  app.get("/admin", async (request, reply) => {
    const { org } = await adminOf(app, request);
    const may = (right: Right) => mayLookAfter(org.role, right);
    const to = (href: AdminPath) => (app.adminPaths.has(href) ? href : undefined);
    const usage = may("usage") ? await usageFigures(app, org.id, { days: 30, by: "vendor" }) : undefined;
    const data = {
      organisation: org.name,
      figures: await figuresOf(app, org, usage, to),
      chart: usage && dayChart("calls", "Calls per day, 30 days", usage.days),
      vendors: may("connections") ? await vendorHealth(app, org.id, usage?.lines ?? []) : undefined,
      change: may("policy") || may("audit") ? await newestChange(app, org.id) : undefined,
      denied: may("audit") ? await lastDenied(app, org.id) : undefined,
    };
    return adminPage(reply, "admin-overview", data, { title: "Overview", here: "/admin" });
  });
}

async function figuresOf(
  app: FastifyInstance,
  org: { id: string; role: Role },
  usage: UsageFigures | undefined,
  to: (href: AdminPath) => string | undefined,
): Promise<Figure[]> {
  const may = (right: Right) => mayLookAfter(org.role, right);
  const now = app.clock.now();
  const figures: Figure[] = [];
  if (usage) figures.push(...callFigures(usage, to));
  if (may("approve")) {
    const waiting = await countPending(app.db, { org: org.id, user: "", approves: true }, now);
    figures.push({ label: "Approvals waiting", value: number(waiting), href: to("/approvals"), kind: waiting > 0 ? "warn" : undefined }); // biome-ignore format: one thought
  }
  if (may("alerts")) {
    const open = await countOpenAlerts(app.db, org.id);
    figures.push({ label: "Alerts open", value: number(open), href: to("/admin/alerts"), kind: open > 0 ? "bad" : undefined }); // biome-ignore format: one thought
  }
  if (may("members"))
    figures.push({ label: "Members", value: number(await countMembers(app.db, org.id)), href: to("/admin/members") });
  return figures;
}

function callFigures({ days, total }: UsageFigures, to: (href: AdminPath) => string | undefined): Figure[] {
  const calls = days.map(({ good, bad }) => good + bad);
  const week = calls.slice(-7).reduce((sum, one) => sum + one, 0);
  const failed = total.error + total.timeout;
  return [
    { label: "Calls today", value: number(calls.at(-1) ?? 0), href: to("/admin/usage"), more: `${number(week)} in 7 days`, spark: spark(calls.slice(-14)) },
    { label: "Calls, 30 days", value: number(total.calls), href: to("/admin/usage"), more: failed > 0 ? `${number(failed)} failed` : "None failed" },
    { label: "Refused, 30 days", value: number(total.denied), href: to("/admin/audit") ?? to("/admin/usage"), more: "by the policy" },
  ];
} // biome-ignore format: one thought

const number = (value: number) => value.toLocaleString("en");

async function newestChange(app: FastifyInstance, org: string) {
  const [newest, before] = await listPolicies(app.db, org, { limit: 2 });
  if (!newest) return undefined;
  const names = await namesOf(app.db, org, [newest.created_by]);
  return {
    version: newest.version,
    who: names.get(newest.created_by) || "Somebody who has left",
    when: moment(newest.created_at),
    changes: changesBetween(before ? readPolicy(before.document) : DEFAULT_POLICY, readPolicy(newest.document)).slice(0, 4),
  };
} // biome-ignore format: one thought

async function lastDenied(app: FastifyInstance, org: string) {
  const rows = (await listEvents(app.db, { org, status: "denied", limit: 5 })).filter(({ tool }) => tool !== null);
  const names = await namesOf(app.db, org, rows.map(({ actor_id }) => actor_id)); // biome-ignore format: one thought
  return rows.map(({ tool, rule, actor_id, at }) => ({
    tool: tool ?? "",
    rule: ruleWords(rule ?? ""),
    who: names.get(actor_id) || "Somebody who has left",
    when: moment(at),
  }));
}
