import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { APPROVAL_WORDS } from "../../../policy/changes.ts";
import type { Approval, ApprovalPolicy } from "../../../policy/document.ts";
import { ACCESS_WORDS } from "../../../policy/words.ts";
import { type Field, field } from "../../fields.ts";
import { line, readForm } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/approvals";
const KINDS_FORM = `${HERE}/kinds`;
const ADD = `${HERE}/tools/add`;
const REMOVE = `${HERE}/tools/remove`;
const APPROVALS = ["none", "self", "other"] as const;
const KINDS = ["write", "destroy", "reveal"] as const;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-approvals": Tabs & {
      kinds: { action: string; token: string; fields: readonly Field[]; limits: readonly Field[] };
      tools: readonly { name: string; says: string }[];
      add: { action: string; token: string; fields: readonly Field[] };
      remove: { action: string; token: string };
    };
  }
}

type Errors = Partial<Record<"waitMinutes" | "maxHours" | "maxUses" | "tool", string>>;

const approval = z.enum(APPROVALS).catch("other");
const Kinds = z.object({ write: approval, destroy: approval, reveal: approval, waitMinutes: line, maxHours: line, maxUses: line }); // biome-ignore format: one thought

/** `/admin/policy/approvals`: who has to say yes, to what, and for how long it holds. */
export default async function approvals(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(KINDS_FORM, async (request, reply) => {
    const form = readForm(request, Kinds);
    const waitMinutes = whole(form.waitMinutes, 1, 1440);
    const maxHours = whole(form.maxHours, 0, 720);
    const maxUses = whole(form.maxUses, 1, 10_000);
    if (waitMinutes === undefined || maxHours === undefined || maxUses === undefined)
      return show(request, reply, {
        ...(waitMinutes === undefined && { waitMinutes: "A number of minutes from 1 to 1440." }),
        ...(maxHours === undefined && { maxHours: "A number of hours from 0 to 720." }),
        ...(maxUses === undefined && { maxUses: "A number from 1 to 10,000." }),
      });
    const { write, destroy, reveal } = form;
    return changeByForm(app, request, reply, {
      action: KINDS_FORM,
      back: HERE,
      type: "policy.approvals",
      change: (document) => ({
        ...document,
        approvals: { ...document.approvals, write, destroy, reveal, waitMinutes, standing: { maxHours, maxUses } },
      }),
      said: "Who has to say yes is changed.",
    });
  });

  app.post(ADD, async (request, reply) => {
    const { tool, approval } = readForm(request, z.object({ tool: line, approval: z.enum(APPROVALS).catch("other") }));
    if (!app.catalogs.all.tools.has(tool.trim()))
      return show(request, reply, { tool: "No tool has this name. Choose one of the list." });
    return changeTools(request, reply, ADD, tool.trim(), (tools) => ({ ...tools, [tool.trim()]: approval }));
  });

  app.post(REMOVE, async (request, reply) => {
    const { tool } = readForm(request, z.object({ tool: line }));
    return changeTools(request, reply, REMOVE, tool, ({ [tool]: _, ...others }) => others);
  });

  function changeTools(
    request: FastifyRequest,
    reply: FastifyReply,
    action: string,
    tool: string,
    change: (tools: ApprovalPolicy["tools"]) => ApprovalPolicy["tools"],
  ) {
    return changeByForm(app, request, reply, {
      action,
      back: HERE,
      type: "policy.approvals",
      tool,
      change: (document) => ({
        ...document,
        approvals: { ...document.approvals, tools: change(document.approvals.tools) },
      }),
      said: `Who has to say yes to ${tool} is changed.`,
    });
  }

  async function show(request: FastifyRequest, reply: FastifyReply, errors: Errors = {}) {
    const { policy, mayChange } = await policyPage(app, request);
    const { approvals } = policy.document;
    const token = (action: string) => formToken(app, request, action);
    const names = [...app.catalogs.all.tools.values()].map(({ tool }) => ({ value: tool.name, label: tool.title }));
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      kinds: {
        action: KINDS_FORM,
        token: token(KINDS_FORM),
        fields: KINDS.map((kind) =>
          field({ name: kind, label: `Calls that ${ACCESS_WORDS[kind]}`, options: choices(approvals[kind]) }),
        ),
        limits: limitFields(approvals, errors),
      },
      tools: Object.entries(approvals.tools).map(([name, says]) => ({ name, says: APPROVAL_WORDS[says] })),
      add: {
        action: ADD,
        token: token(ADD),
        fields: [
          field({ name: "tool", label: "Tool", plain: true, suggestions: names, error: errors.tool }),
          field({ name: "approval", label: "Who has to say yes", options: choices("other") }),
        ],
      },
      remove: { action: REMOVE, token: token(REMOVE) },
    };
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    return adminPage(reply, "admin-policy-approvals", data, { title: "Approvals policy", here: "/admin/policy", status });
  } // biome-ignore format: one thought
}

const choices = (chosen: Approval) =>
  APPROVALS.map((value) => ({ value, label: capital(APPROVAL_WORDS[value]), selected: value === chosen }));

const limitFields = ({ waitMinutes, standing }: ApprovalPolicy, errors: Errors) => [
  field({ name: "waitMinutes", label: "A request waits, in minutes", type: "number", value: `${waitMinutes}`, error: errors.waitMinutes }),
  field({ name: "maxHours", label: "Approved beforehand, at most hours", type: "number", value: `${standing.maxHours}`, about: "0 allows none.", error: errors.maxHours }),
  field({ name: "maxUses", label: "Uses of one such approval, at most", type: "number", value: `${standing.maxUses}`, error: errors.maxUses }),
]; // biome-ignore format: one thought

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function whole(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}
