import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { countExport, exportAgain, exportStream, FORMATS, noteExport } from "../../audit/export.ts";
import { wordsOf } from "../../audit/fault-words.ts";
import { FILTER_NAMES, placeText, readFilter, readPlace } from "../../audit/filter.ts";
import { setRetention } from "../../audit/retention.ts";
import { verifyChain } from "../../audit/verify.ts";
import { keptDays } from "../../database/audit-retention.ts";
import { type AuditFilter, eachEvent, searchEvents } from "../../database/audit-search.ts";
import { namesOf } from "../../database/people-names.ts";
import { mayLookAfter } from "../../policy/roles.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import auditEvent from "./audit-event.ts";
import { type EventLine, lineOf, statusWords } from "./audit-words.ts";
import { adminOf, adminPage } from "./frame.ts";

declare module "../views.ts" {
  interface Views {
    "admin-audit": {
      fields: readonly AuditField[];
      more: readonly AuditField[];
      moreOpen: boolean;
      problem?: string;
      filtered: boolean;
      events: readonly EventLine[];
      older?: string;
      newest?: string;
      hidden: readonly { name: string; value: string }[];
      exportToken: string;
      verifyToken: string;
      retention: { days: number; text: string; token?: string };
    };
  }
}

interface AuditField {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly type?: string;
  readonly options?: readonly { value: string; label: string; selected: boolean }[];
}

const PER_PAGE = 50;

/** How long a page waits for a chain to be verified; the command goes on for as long as it takes. */
const VERIFY_MS = 10_000;

/** `/admin/audit`: everything that happened in the organisation, found, exported and proven. */
export default async function audit(app: FastifyInstance): Promise<void> {
  await app.register(auditEvent);

  app.get("/admin/audit", async (request, reply) => {
    const { org } = await adminOf(app, request, "audit");
    const query = request.query as Record<string, unknown>;
    const asked = given(query);
    const read = readFilter(asked);
    const after = readPlace(query["after"]);
    const rows = read.ok
      ? await app.searching(org.id, () =>
          searchEvents(app.db, org.id, read.filter, { limit: PER_PAGE + 1, after }).execute(),
        )
      : [];
    const shown = rows.slice(0, PER_PAGE);
    const names = await namesOf(app.db, org.id, shown.map(({ actor_id }) => actor_id)); // biome-ignore format: one thought
    const days = await keptDays(app.db, org.id);
    const data = {
      ...fieldsOf(app, asked),
      problem: read.ok
        ? undefined
        : read.problems.map(({ field, message }) => `${LABELS[field as Name]} ${message}.`).join(" "),
      filtered: Object.keys(asked).length > 0,
      events: shown.map((row) => lineOf(row, names, app.vendors)),
      older: rows.length > PER_PAGE ? addressOf({ ...asked, after: placeText(shown.at(-1)!) }) : undefined,
      newest: after ? addressOf(asked) : undefined,
      hidden: Object.entries(asked).map(([name, value]) => ({ name, value })),
      exportToken: formToken(app, request, "audit-export"),
      verifyToken: formToken(app, request, "audit-verify"),
      retention: {
        days,
        text: days === 0 ? "Events are kept for ever." : `Events are kept for ${days} days.`,
        token: mayLookAfter(org.role, "data") ? formToken(app, request, "audit-retention") : undefined,
      },
    };
    return adminPage(reply, "admin-audit", data, { title: "Audit", here: "/admin/audit" });
  });

  app.post("/admin/audit/export", async (request, reply) => {
    checkFormToken(app, request, "audit-export");
    const { org, user } = await adminOf(app, request, "audit");
    const { format } = readForm(request, z.object({ format: z.enum(["jsonl", "csv", "ocsf"]).catch("jsonl") }));
    const read = readFilter(given(request.body as Record<string, unknown>));
    if (!read.ok)
      throw new PageProblem(400, "This cannot be exported", "A filter cannot be read. Go back and correct it.");
    const use = await countExport(app, org.id);
    if (!use.allowed) throw new PageProblem(429, "A moment, please", exportAgain(use.retryAfterSeconds));
    await noteExport(app, {
      org: org.id,
      actor: { id: user.id, type: "user" },
      format,
      filter: read.filter,
      requestId: request.id,
    });
    const { type, extension } = FORMATS[format];
    return reply
      .header("content-disposition", `attachment; filename="audit.${extension}"`)
      .type(type)
      .send(exportStream(eachEvent(app.db, org.id, read.filter), format));
  });

  app.post("/admin/audit/verify", async (request, reply) => {
    checkFormToken(app, request, "audit-verify");
    const { org } = await adminOf(app, request, "audit");
    const use = await app.limit(`audit-verify:${org.id}`, { max: 6, windowMs: 60_000 });
    if (!use.allowed)
      throw new PageProblem(429, "A moment, please", `Verify again in ${use.retryAfterSeconds} seconds.`);
    const signal = AbortSignal.timeout(VERIFY_MS);
    const verdict = await verifyChain(app.db, org.id, app.keys.audit, { signal });
    const kind = verdict.ok ? "good" : verdict.reason === "unfinished" ? "warn" : "bad";
    const words = wordsOf(verdict);
    leaveNotice(app, reply, { kind, text: `The trail was verified: ${words}${verdict.ok ? "." : ""}` });
    return reply.redirect("/admin/audit", 303);
  });

  app.post("/admin/audit/retention", async (request, reply) => {
    checkFormToken(app, request, "audit-retention");
    const { org, user } = await adminOf(app, request, "data");
    const days = Number(readForm(request, z.object({ days: line })).days);
    if (!Number.isInteger(days) || days < 0 || days > 36_500 || (days > 0 && days < SHORTEST_DAYS))
      throw new PageProblem(
        400,
        "That is no time to keep",
        `Enter 0 to keep events for ever, or at least ${SHORTEST_DAYS} days.`,
      );
    await setRetention(app, { org: org.id, days, actor: user.id, requestId: request.id });
    const text =
      days === 0
        ? "Events are kept for ever."
        : `Events older than ${days} days are removed within the hour, up to the last anchor before.`;
    leaveNotice(app, reply, { kind: days === 0 ? "good" : "warn", text });
    return reply.redirect("/admin/audit#keep", 303);
  });
}

/** Shorter would take the trail from under an inquiry that has just begun. */
const SHORTEST_DAYS = 30;

type Name = keyof AuditFilter;

const LABELS: Readonly<Record<Name, string>> = {
  from: "From",
  to: "Before",
  type: "What",
  status: "Outcome",
  actor: "Person or program (id)",
  client: "App (id)",
  vendor: "Vendor",
  tool: "Tool",
  tier: "Kind of access",
  customer: "Customer (id)",
  rule: "Rule or code",
  call: "Call (id)",
  request: "Request (id)",
};

const FIRST: readonly Name[] = ["from", "to", "type", "status", "actor"];

/** The filters that were filled in, as texts. */
function given(query: Record<string, unknown>): Record<string, string> {
  const texts = FILTER_NAMES.map((name) => [name, query[name]] as const);
  return Object.fromEntries(texts.filter((one): one is [Name, string] => typeof one[1] === "string" && one[1] !== ""));
}

const addressOf = (query: Record<string, string>) => `/admin/audit?${new URLSearchParams(query)}`;

function fieldsOf(app: FastifyInstance, asked: Record<string, string>) {
  const choices: Partial<Record<Name, readonly (readonly [string, string])[]>> = {
    type: TYPES,
    status: [["", "Any"], ...Object.entries(statusWords).map(([value, { text }]) => [value, text] as const)],
    tier: [
      ["", "Any"],
      ["read", "Read"],
      ["write", "Change"],
      ["destroy", "Delete"],
      ["reveal", "Show a secret"],
    ],
    vendor: [["", "Any"], ...[...app.vendors.values()].map(({ slug, title }) => [slug, title] as const)],
  };
  const field = (name: Name): AuditField => ({
    id: `filter-${name}`,
    name,
    label: LABELS[name],
    value: asked[name] ?? "",
    type: name === "from" || name === "to" ? "date" : "text",
    options: choices[name]?.map(([value, label]) => ({ value, label, selected: value === (asked[name] ?? "") })),
  });
  const more = FILTER_NAMES.filter((name) => !FIRST.includes(name));
  return { fields: FIRST.map(field), more: more.map(field), moreOpen: more.some((name) => asked[name]) };
}

const TYPES = [
  ["", "Everything"],
  ["tool.call", "Calls of tools"],
  ["credential.open", "Keys opened"],
  ["sign-in", "Sign-ins"],
  ["consent.", "Consents"],
  ["connection.", "Connections"],
  ["policy.", "Changes of policy"],
  ["member.", "Members"],
  ["approval.", "Approvals"],
  ["alert.", "Alerts"],
  ["audit.", "The trail itself"],
] as const;
