import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { decideAlert, setThreshold } from "../../alerts/decide.ts";
import { isKind, KINDS, type Kind, thresholdsOf } from "../../alerts/kinds.ts";
import { findThresholds, listAlerts } from "../../database/alerts.ts";
import { findWebhook } from "../../database/audit-webhooks.ts";
import { namesOf } from "../../database/people-names.ts";
import { clientsOf } from "../../database/policy-subjects.ts";
import type { AlertRow } from "../../database/schema.ts";
import { mayLookAfter } from "../../policy/roles.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import type { State } from "../views.ts";
import { ago, count } from "../words.ts";
import alertWebhook, { type RefusedWebhook, type WebhookForm, webhookForm } from "./alert-webhook.ts";
import { adminOf, adminPage } from "./frame.ts";
import { ruleWords } from "./rule-words.ts";

declare module "../views.ts" {
  interface Views {
    "admin-alerts": {
      tabs: readonly { href: string; label: string; current: boolean }[];
      closed: boolean;
      alerts: readonly AlertLine[];
      older?: string;
      thresholds?: { token: string; kinds: readonly ThresholdLine[] };
      webhook?: WebhookForm;
    };
  }
}

interface AlertLine {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  readonly about: string;
  readonly seen: string;
  readonly facts: string;
  readonly events: string;
  readonly acknowledge?: string;
  readonly close?: string;
}

interface ThresholdLine {
  readonly kind: Kind;
  readonly title: string;
  readonly about: string;
  readonly enabled: boolean;
  readonly count?: { readonly label: string; readonly value: number };
  readonly minutes?: { readonly label: string; readonly value: number };
}

const PER_PAGE = 50;

/** `/admin/alerts`: what deserves a look, from how many on, and where else to say so. */
export default async function alerts(app: FastifyInstance): Promise<void> {
  await app.register(alertWebhook, { again: show });

  app.get("/admin/alerts", (request, reply) => show(request, reply));

  async function show(request: FastifyRequest, reply: FastifyReply, refused?: RefusedWebhook) {
    const { org } = await adminOf(app, request, "alerts");
    const query = request.query as Record<string, unknown>;
    const closed = query["show"] === "closed";
    const states = closed ? (["closed"] as const) : (["open", "acknowledged"] as const);
    const rows = await listAlerts(app.db, org.id, { states, limit: PER_PAGE + 1, before: placeOf(query["before"]) });
    const shown = rows.slice(0, PER_PAGE);
    const last = shown.at(-1);
    const names = await namesOf(app.db, org.id, shown.flatMap(({ subject, decided_by }) => [subject, decided_by ?? ""])); // biome-ignore format: one thought
    const apps = new Map((await clientsOf(app.db, org.id, app.clock.now())).map(({ id, name }) => [id, `“${name}”`]));
    const spoken: Spoken = {
      parts: (parts) => partWords(JSON.parse(parts)),
      client: (id) => apps.get(id),
      vendor: (slug) => app.vendors.get(slug)?.title,
      rule: ruleWords,
    };
    const tokens = {
      acknowledge: formToken(app, request, "alert-acknowledge"),
      close: formToken(app, request, "alert-close"),
    };
    const mayRule = mayLookAfter(org.role, "policy");
    const data = {
      tabs: [
        { href: "/admin/alerts", label: "Open", current: !closed },
        { href: "/admin/alerts?show=closed", label: "Closed", current: closed },
      ],
      closed,
      alerts: shown.map((row) => alertLine(row, names, tokens, app.clock.now(), spoken)),
      older:
        last && rows.length > PER_PAGE
          ? `/admin/alerts?${new URLSearchParams({ ...(closed && { show: "closed" }), before: `${last.last_at}-${last.id}` })}`
          : undefined,
      ...(mayRule && {
        thresholds: {
          token: formToken(app, request, "alert-threshold"),
          kinds: thresholdLines(thresholdsOf(await findThresholds(app.db, org.id))),
        },
        webhook: webhookForm(app, request, await findWebhook(app.db, org.id), refused),
      }),
    };
    const status = refused ? 400 : 200;
    return adminPage(reply, "admin-alerts", data, { title: "Alerts", here: "/admin/alerts", status });
  }

  for (const to of ["acknowledge", "close"] as const)
    app.post(`/admin/alerts/${to}`, async (request, reply) => {
      checkFormToken(app, request, `alert-${to}`);
      const { org, user } = await adminOf(app, request, "alerts");
      const { alert } = readForm(request, z.object({ alert: line }));
      const state = to === "close" ? "closed" : "acknowledged";
      const done = await decideAlert(app, { org: org.id, actor: user.id, requestId: request.id }, alert, state);
      if (!done) throw new PageProblem(404, "No such alert", "It was closed meanwhile, by somebody or by itself.");
      const text =
        to === "close" ? "The alert is closed. The same again opens a new one." : "Noted that you look after it.";
      leaveNotice(app, reply, { kind: "good", text });
      return reply.redirect("/admin/alerts", 303);
    });

  app.post("/admin/alerts/threshold", async (request, reply) => {
    checkFormToken(app, request, "alert-threshold");
    const { org, user } = await adminOf(app, request, "policy");
    const { kind, enabled, ...numbers } = readForm(request, Threshold);
    if (!isKind(kind)) throw new PageProblem(404, "No such alert", "Open the page again.");
    const { standard } = KINDS[kind];
    const wanted = {
      enabled: enabled === "true",
      count: numbers.count ?? standard.count,
      minutes: numbers.minutes ?? standard.minutes,
    };
    await setThreshold(app, { org: org.id, actor: user.id, requestId: request.id }, kind, wanted);
    leaveNotice(app, reply, { kind: "good", text: `Saved: ${KINDS[kind].title}.` });
    return reply.redirect("/admin/alerts#thresholds", 303);
  });
}

const Threshold = z.object({
  kind: line,
  enabled: line,
  count: z.coerce.number().int().min(1).max(1_000_000).optional().catch(undefined),
  minutes: z.coerce.number().int().min(1).max(525_600).optional().catch(undefined),
});

function placeOf(value: unknown): { at: number; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})-(\w[\w-]{0,60})$/.exec(String(value)) ?? [];
  return at && id ? { at: Number(at), id } : undefined;
}

function alertLine(
  row: AlertRow,
  names: ReadonlyMap<string, string>,
  tokens: { acknowledge: string; close: string },
  now: number,
  spoken: Spoken,
): AlertLine {
  const { id, kind, subject, state, count: times, first_at, last_at } = row;
  const named = names.get(subject);
  const by = row.decided_by === "alerts" ? "by itself" : `by ${names.get(row.decided_by ?? "") ?? row.decided_by}`;
  const decided = row.decided_at
    ? `${state === "closed" ? "closed" : "acknowledged"} ${by} ${ago(row.decided_at, now)}`
    : "";
  return {
    id,
    title: isKind(kind) ? KINDS[kind].title : kind,
    state: { kind: SEVERITY[row.severity], text: state === "open" ? `${row.severity} severity` : state },
    about: named ?? spoken.vendor?.(subject) ?? subject,
    seen: [count(times, "event"), times > 1 ? `first ${ago(first_at, now)}, last ${ago(last_at, now)}` : ago(last_at, now), decided].filter(Boolean).join(" · "), // biome-ignore format: one thought
    facts: factWords(JSON.parse(row.facts), spoken),
    events: subject.startsWith("usr_")
      ? `/admin/audit?actor=${encodeURIComponent(subject)}`
      : `/admin/audit/${row.last_seq}`,
    acknowledge: state === "open" ? tokens.acknowledge : undefined,
    close: state === "closed" ? undefined : tokens.close,
  };
}

const SEVERITY = { low: "", medium: "warn", high: "bad" } as const;

/** What a fact's value is called, by the fact's name; undefined leaves it as it is. */
type Spoken = Readonly<Record<string, (value: string) => string | undefined>>;

/** Names of facts that people know by another. */
const FACTS: Readonly<Record<string, string>> = { client: "app", parts: "held back" };

/** Connections by their number, as ids say nothing to anybody. */
function partWords(parts: readonly string[]): string {
  const named = parts.filter((part) => !part.startsWith("con_"));
  const connections = parts.length - named.length;
  return [...(connections > 0 ? [count(connections, "connection")] : []), ...named].join(", ");
}

const factWords = (facts: Record<string, unknown>, spoken: Spoken) =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => {
      const text = typeof value === "object" ? JSON.stringify(value) : String(value);
      return `${FACTS[name] ?? name}: ${(Object.hasOwn(spoken, name) && spoken[name]?.(text)) || text}`;
    })
    .join(" · ");

const thresholdLines = (thresholds: ReturnType<typeof thresholdsOf>): ThresholdLine[] =>
  (Object.keys(KINDS) as Kind[]).map((kind) => {
    const about: { title: string; about: string; count?: string; minutes?: string } = KINDS[kind];
    const { enabled, count: from, minutes } = thresholds[kind];
    return {
      kind,
      title: about.title,
      about: about.about,
      enabled,
      ...(about.count && { count: { label: about.count, value: from } }),
      ...(about.minutes && { minutes: { label: about.minutes, value: minutes } }),
    };
  });
