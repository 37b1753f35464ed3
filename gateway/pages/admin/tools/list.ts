import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { DAY_MS } from "../../../audit/usage.ts";
import { usageBy } from "../../../database/usage-days.ts";
import { mayLookAfter, ROLES } from "../../../policy/roles.ts";
import { type Field, field } from "../../fields.ts";
import { formToken } from "../../form-token.ts";
import type { State } from "../../views.ts";
import { ACCESS_LABEL, count } from "../../words.ts";
import { adminOf, adminPage } from "../frame.ts";
import { type ToolRow, type ToolState, toolRows } from "./rows.ts";

export const TOOLS = "/admin/tools";
export const SWITCH = `${TOOLS}/switch`;
export const ACCEPT_ALL = `${TOOLS}/accept-all`;
export const MODE = `${TOOLS}/mode`;
const PAGE = 100;
const USAGE_DAYS = 30;

declare module "../../views.ts" {
  interface Views {
    "admin-tools": {
      summary: string;
      fields: readonly Field[];
      tools: readonly ShownTool[];
      held: number;
      holding: boolean;
      mayChange: boolean;
      newer?: string;
      older?: string;
      actions: { switch: string; acceptAll: string; mode: string };
      tokens: { switch: string; acceptAll: string; mode: string };
    };
  }
}

interface ShownTool {
  readonly name: string;
  readonly title: string;
  readonly href: string;
  readonly vendor: string;
  readonly access: string;
  readonly strong: boolean;
  readonly class?: string;
  readonly extended: boolean;
  readonly listed: string;
  readonly calls: string;
  readonly state: State;
  readonly button?: { readonly value: string; readonly label: string };
}

const text = z.string().max(100).catch("");
const Asked = z.object({ q: text, vendor: text, access: text, state: text, after: z.coerce.number().int().min(0).catch(0) }); // biome-ignore format: one thought
type Question = z.output<typeof Asked>;

/** `/admin/tools`: every tool, for whom it is listed, and whether it is on. */
export default async function list(app: FastifyInstance): Promise<void> {
  app.get(TOOLS, async (request, reply) => {
    const { org } = await adminOf(app, request, "tools");
    const policy = await app.policies.of(org.id, org.policy_version);
    const asked = Asked.parse(request.query);
    const from = Math.floor(app.clock.now() / DAY_MS) - USAGE_DAYS + 1;
    const [rows, used] = await Promise.all([
      toolRows(app, policy),
      usageBy(app.db, { org: org.id, from }, "tool", 10_000),
    ]);
    const calls = new Map(used.map(({ name, success, error, timeout, denied }) => [name, success + error + timeout + denied])); // biome-ignore format: one thought
    const found = rows.filter((row) => fits(row, asked));
    const token = (action: string) => formToken(app, request, action);
    const data = {
      summary: `${count(rows.length, "tool")}, ${rows.filter(({ roles }) => roles.length > 0).length.toLocaleString("en")} of them listed for somebody.`,
      fields: fieldsFor(app, asked),
      tools: found.slice(asked.after, asked.after + PAGE).map((row) => shown(row, calls.get(row.entry.tool.name) ?? 0)),
      held: rows.filter(({ state }) => state === "held").length,
      holding: policy.document.accepted !== undefined,
      mayChange: mayLookAfter(org.role, "tools"),
      newer: asked.after > 0 ? address(asked, 0) : undefined,
      older: found.length > asked.after + PAGE ? address(asked, asked.after + PAGE) : undefined,
      actions: { switch: SWITCH, acceptAll: ACCEPT_ALL, mode: MODE },
      tokens: { switch: token(SWITCH), acceptAll: token(ACCEPT_ALL), mode: token(MODE) },
    };
    return adminPage(reply, "admin-tools", data, { title: "Tools", here: TOOLS });
  });
}

const STATES: Readonly<Record<ToolState, State>> = {
  on: { kind: "good", text: "On" },
  off: { kind: "", text: "Off" },
  "off-everywhere": { kind: "", text: "Off for everybody" },
  held: { kind: "warn", text: "New version held" },
};

function shown({ entry, state, roles }: ToolRow, calls: number): ShownTool {
  const { tool, owner, facts } = entry;
  return {
    name: tool.name,
    title: tool.title,
    href: `${TOOLS}/${tool.name}`,
    vendor: owner.title,
    access: ACCESS_LABEL[tool.access],
    strong: tool.access !== "read",
    class: facts.class,
    extended: facts.extended === true,
    listed: rolesWords(roles),
    calls: calls === 0 ? "–" : calls.toLocaleString("en"),
    state: stateWords(state, roles),
    button: buttonFor(state),
  };
}

/** A tool that is on may still be listed for nobody, by another rule: then this is not what it is about. */
export const stateWords = (state: ToolState, roles: readonly string[]): State =>
  state === "on" && roles.length === 0 ? { kind: "", text: "On" } : STATES[state];

export const buttonFor = (state: ToolState) =>
  state === "off-everywhere"
    ? undefined
    : state === "off"
      ? { value: "true", label: "Switch on" }
      : { value: "false", label: "Switch off" };

function rolesWords(roles: readonly string[]): string {
  if (roles.length === 0) return "nobody";
  if (roles.length === ROLES.length) return "everybody";
  const others = ROLES.filter((role) => !roles.includes(role));
  return others.length < roles.length ? `all but ${others.join(", ")}` : roles.join(", ");
}

function fits({ entry, state, roles }: ToolRow, { q, vendor, access, state: wanted }: Question): boolean {
  const { tool, facts } = entry;
  if (vendor && !facts.parts.some((part) => part.vendor === vendor)) return false;
  if (access && tool.access !== access) return false;
  if (wanted === "listed" && roles.length === 0) return false;
  if (wanted === "unlisted" && roles.length > 0) return false;
  if (wanted && !["listed", "unlisted"].includes(wanted) && state !== wanted) return false;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const all = `${tool.name} ${tool.title} ${tool.description} ${facts.tags.join(" ")}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

function fieldsFor(app: FastifyInstance, { q, vendor, access, state }: Question): Field[] {
  const choose = (name: string, label: string, now: string, pairs: readonly (readonly [string, string])[]) =>
    field({ name, label, required: false, options: pairs.map(([value, label]) => ({ value, label, selected: value === now })) });
  return [
    field({ name: "q", label: "Search", type: "search", required: false, value: q }),
    choose("vendor", "Vendor", vendor, [["", "All vendors"], ...[...app.vendors.values()].map(({ slug, title }) => [slug, title] as const)]),
    choose("access", "Kind", access, [["", "Every kind"], ...Object.entries(ACCESS_LABEL)]),
    choose("state", "State", state, [["", "Any state"], ["listed", "Listed for somebody"], ["unlisted", "Listed for nobody"], ["off", "Switched off"], ["held", "New version held"]]),
  ];
} // biome-ignore format: one thought

function address({ q, vendor, access, state }: Question, after: number): string {
  const query = new URLSearchParams(Object.entries({ q, vendor, access, state, after: after ? `${after}` : "" }).filter(([, value]) => value !== "")); // biome-ignore format: one thought
  return query.size > 0 ? `${TOOLS}?${query}` : TOOLS;
}
