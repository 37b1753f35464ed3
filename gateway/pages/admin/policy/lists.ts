import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import { clientsOf } from "../../../database/policy-subjects.ts";
import { agentTypeOf } from "../../../oauth/agent-type.ts";
import { listed } from "../../../policy/changes.ts";
import type { Permission } from "../../../policy/document.ts";
import { agentTypeWords } from "../../../policy/words.ts";
import { type Field, field } from "../../fields.ts";
import { line, readForm } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/lists";
const MODE = `${HERE}/mode`;
const ADD = `${HERE}/add`;
const REMOVE = `${HERE}/remove`;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-lists": Tabs & {
      onlyListed: boolean;
      lines: readonly { id: string; what: string; whom: string; allowed: boolean }[];
      addFields: readonly Field[];
      actions: { mode: string; add: string; remove: string };
      tokens: { mode: string; add: string; remove: string };
    };
  }
}

const Line = z.object({
  what: z.enum(["tool", "vendor", "tag", "access"]).catch("tool"),
  name: line.transform((text) => text.trim()),
  agentType: line.transform((text) => text.trim() || "*"),
  allowed: z.enum(["true", "false"]).catch("false"),
});

/** `/admin/policy/lists`: what is allowed and blocked by name, for every assistant or one kind. */
export default async function lists(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(MODE, async (request, reply) => {
    const only = readForm(request, z.object({ unlisted: line })).unlisted === "block";
    return changeByForm(app, request, reply, {
      action: MODE,
      back: HERE,
      type: "policy.unlisted",
      change: (document) => ({ ...document, unlisted: only ? "block" : "allow" }),
      said: only ? "Only what is listed is allowed." : "What is not listed is allowed.",
    });
  });

  app.post(ADD, async (request, reply) => {
    const form = readForm(request, Line);
    const name = named(form.what, form.name);
    if (name === undefined)
      return show(request, reply, { ...form, error: `No ${WHAT[form.what]} has this name, or several have. Choose one of those that are suggested.` });
    const added: Permission = { ...form, name, id: randomUUID(), allowed: form.allowed === "true" };
    const isSame = (one: Permission) =>
      one.what === added.what && one.name === added.name && one.agentType === added.agentType;
    return changeByForm(app, request, reply, {
      action: ADD,
      back: HERE,
      type: "policy.permissions",
      change: (document) => ({ ...document, permissions: [...document.permissions.filter((one) => !isSame(one)), added] }),
      said: `${listed(added)}: ${added.allowed ? "allowed" : "blocked"}.`,
    });
  }); // biome-ignore format: one thought

  app.post(REMOVE, async (request, reply) => {
    const { id } = readForm(request, z.object({ id: line }));
    return changeByForm(app, request, reply, {
      action: REMOVE,
      back: HERE,
      type: "policy.permissions",
      change: (document) => ({ ...document, permissions: document.permissions.filter((one) => one.id !== id) }),
      said: "The line is removed.",
    });
  });

  /** What is meant by a name as it was typed: people type what they read, which is the title. */
  function named(what: Permission["what"], typed: string): string | undefined {
    const names = namesOf(what);
    const same = (one: string) => one.toLowerCase() === typed.toLowerCase();
    const titled = names.filter(({ label }) => same(label));
    return names.find(({ value }) => same(value))?.value ?? (titled.length === 1 ? titled[0]!.value : undefined);
  }

  function namesOf(what: Permission["what"]): { value: string; label: string }[] {
    const tools = [...app.catalogs.all.tools.values()];
    if (what === "tool") return tools.map(({ tool }) => ({ value: tool.name, label: tool.title }));
    if (what === "vendor") return [...app.vendors.values()].map(({ slug, title }) => ({ value: slug, label: title }));
    const names = what === "tag" ? tools.flatMap(({ facts }) => facts.tags) : ["read", "write", "destroy", "reveal"];
    return [...new Set(names)].sort().map((value) => ({ value, label: `${WHAT[what]} ${value}` }));
  }

  async function show(request: FastifyRequest, reply: FastifyReply, typed?: z.output<typeof Line> & { error: string }) {
    const { policy, mayChange, org } = await policyPage(app, request);
    const clients = await clientsOf(app.db, org.id, app.clock.now());
    const kinds = new Set(["*", "registered", "service", ...clients.map(({ id }) => agentTypeOf(id))]);
    const token = (action: string) => formToken(app, request, action);
    const { permissions, unlisted } = policy.document;
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      onlyListed: unlisted === "block",
      lines: permissions.map((one) => ({ id: one.id, what: listed({ ...one, agentType: "*" }), whom: agentTypeWords(one.agentType), allowed: one.allowed })),
      addFields: addFields(typed, [...kinds], ["tool", "vendor", "tag", "access"].flatMap((what) => namesOf(what as Permission["what"]))),
      actions: { mode: MODE, add: ADD, remove: REMOVE },
      tokens: { mode: token(MODE), add: token(ADD), remove: token(REMOVE) },
    }; // biome-ignore format: one thought
    const status = typed ? 422 : 200;
    return adminPage(reply, "admin-policy-lists", data, { title: "Lists", here: "/admin/policy", status });
  }
}

const WHAT = { tool: "tool", vendor: "vendor", tag: "tag", access: "access" } as const;

function addFields(
  typed: (z.output<typeof Line> & { error: string }) | undefined,
  kinds: readonly string[],
  suggestions: { value: string; label: string }[],
): Field[] {
  const chosen = (value: string, now: string | undefined) => value === now;
  return [
    field({
      name: "allowed",
      label: "Rule",
      options: [
        { value: "false", label: "Block", selected: typed?.allowed !== "true" },
        { value: "true", label: "Allow", selected: typed?.allowed === "true" },
      ],
    }),
    field({
      name: "what",
      label: "By",
      options: [
        ["tool", "Tool"],
        ["vendor", "Vendor"],
        ["tag", "Tag"],
        ["access", "Kind: read, write, destroy, reveal"],
      ].map(([value, label]) => ({ value: value!, label: label!, selected: chosen(value!, typed?.what) })),
    }),
    field({ name: "name", label: "Name", plain: true, value: typed?.name, suggestions, error: typed?.error }),
    field({
      name: "agentType",
      label: "For",
      options: kinds.map((kind) => ({ value: kind, label: agentTypeWords(kind), selected: chosen(kind, typed?.agentType) })),
    }),
  ]; // biome-ignore format: one thought
}
