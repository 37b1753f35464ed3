import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { compilePattern, DETECTOR_NAMES, type DetectorName } from "../../../../runtime/index.ts";
import { CLASS_WORDS, REACTION_WORDS } from "../../../policy/changes.ts";
import type { DataClass, Reaction, RedactionPolicy } from "../../../policy/document.ts";
import { type Field, field } from "../../fields.ts";
import { readForm, several } from "../../form.ts";
import { checkFormToken, formToken } from "../../form-token.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";
import { type Tried, tryText } from "./try-text.ts";

const HERE = "/admin/policy/data";
const CLASSES_FORM = `${HERE}/classes`;
const REDACTION = `${HERE}/redaction`;
const SUSPICION = `${HERE}/suspicion`;
const TRY = `${HERE}/try`;

const CLASSES = ["secret", "personal", "financial", "health"] as const satisfies readonly DataClass[];
const REACTIONS = ["off", "flag", "block"] as const satisfies readonly Reaction[];

declare module "../../views.ts" {
  interface Views {
    "admin-policy-data": Tabs & {
      classes: readonly { name: string; label: string; about: string; on: boolean }[];
      fields: string;
      patterns: string;
      redactionErrors: { fields?: string; patterns?: string };
      detectors: readonly { name: string; label: string; on: boolean }[];
      suspicion: readonly Field[];
      tried?: Tried;
      text: string;
      actions: { classes: string; redaction: string; suspicion: string; try: string };
      tokens: { classes: string; redaction: string; suspicion: string; try: string };
    };
  }
}

interface Shown {
  readonly typed?: { readonly fields: string; readonly patterns: string };
  readonly errors?: { readonly fields?: string; readonly patterns?: string };
  readonly text?: string;
}

const area = z.string().max(40_000).catch("");
const Redaction = z.object({ fields: area, patterns: area, detectors: several });

/** `/admin/policy/data`: what does not reach a model, and what becomes of suspicious arguments. */
export default async function data(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(CLASSES_FORM, async (request, reply) => {
    const { hidden } = readForm(request, z.object({ hidden: several }));
    const hiddenClasses = CLASSES.filter((name) => hidden.includes(name));
    return changeByForm(app, request, reply, {
      action: CLASSES_FORM,
      back: HERE,
      type: "policy.classes",
      change: (document) => ({ ...document, hiddenClasses }),
      said: "Which kinds of data are hidden is changed.",
    });
  });

  app.post(REDACTION, async (request, reply) => {
    const form = readForm(request, Redaction);
    const { patterns, problem } = patternsIn(form.patterns);
    const fields = linesOf(form.fields);
    const errors = {
      ...(problem !== undefined && { patterns: problem }),
      ...(fields.length > 200 && { fields: "At most 200 fields." }),
    };
    if (Object.keys(errors).length > 0) return show(request, reply, { typed: form, errors });
    const redaction: RedactionPolicy = {
      fields,
      patterns,
      detectorsOff: DETECTOR_NAMES.filter((name) => !form.detectors.includes(name)),
    };
    return changeByForm(app, request, reply, {
      action: REDACTION,
      back: HERE,
      type: "policy.redaction",
      change: (document) => ({ ...document, redaction }),
      said: "What is hidden in answers is changed.",
    });
  });

  app.post(SUSPICION, async (request, reply) => {
    const reaction = z.enum(REACTIONS).catch("flag");
    const suspicion = readForm(request, z.object({ exfiltration: reaction, injection: reaction }));
    return changeByForm(app, request, reply, {
      action: SUSPICION,
      back: HERE,
      type: "policy.suspicion",
      change: (document) => ({ ...document, suspicion }),
      said: "What becomes of suspicious arguments is changed.",
    });
  });

  app.post(TRY, async (request, reply) => {
    checkFormToken(app, request, TRY);
    return show(request, reply, { text: readForm(request, z.object({ text: area })).text });
  });

  async function show(request: FastifyRequest, reply: FastifyReply, { typed, errors = {}, text }: Shown = {}) {
    const { policy, mayChange } = await policyPage(app, request);
    const { redaction, suspicion } = policy.document;
    const token = (action: string) => formToken(app, request, action);
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      classes: CLASSES.map((name) => ({
        name,
        label: CLASS_WORDS[name],
        about: CLASS_ABOUT[name],
        on: policy.hiddenClasses.has(name),
      })),
      fields: typed?.fields ?? redaction.fields.join("\n"),
      patterns: typed?.patterns ?? redaction.patterns.map(({ name, pattern }) => `${name} = ${pattern}`).join("\n"),
      redactionErrors: errors,
      detectors: DETECTOR_NAMES.map((name) => ({
        name,
        label: DETECTOR_WORDS[name],
        on: !redaction.detectorsOff.includes(name),
      })),
      suspicion: [
        reactionField("exfiltration", "Arguments that look like data being carried out", suspicion.exfiltration),
        reactionField("injection", "Arguments that look like planted instructions", suspicion.injection),
      ],
      text: text ?? "",
      tried: text === undefined ? undefined : tryText(policy.document, text),
      actions: { classes: CLASSES_FORM, redaction: REDACTION, suspicion: SUSPICION, try: TRY },
      tokens: {
        classes: token(CLASSES_FORM),
        redaction: token(REDACTION),
        suspicion: token(SUSPICION),
        try: token(TRY),
      },
    };
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    return adminPage(reply, "admin-policy-data", data, { title: "Data policy", here: "/admin/policy", status });
  }
}

const reactionField = (name: string, label: string, chosen: Reaction) =>
  field({
    name,
    label,
    options: REACTIONS.map((value) => ({ value, label: capital(REACTION_WORDS[value]), selected: value === chosen })),
  });

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const linesOf = (text: string) => [...new Set(text.split(/\r?\n/).map((one) => one.trim()).filter(Boolean))]; // biome-ignore format: one thought

/** One pattern a line, `name = pattern`. */
function patternsIn(text: string): { patterns: RedactionPolicy["patterns"]; problem?: string } {
  const patterns = linesOf(text).map((one) => {
    const [name = "", ...rest] = one.split("=");
    return { name: name.trim(), pattern: rest.join("=").trim() };
  });
  for (const { name, pattern } of patterns) {
    if (!name || !pattern) return { patterns, problem: `“${name || pattern}”: write a name, an equals sign and a pattern.` };
    const compiled = compilePattern(pattern);
    if (!compiled.ok) return { patterns, problem: `“${name}”: ${compiled.problem}.` };
  }
  if (patterns.length > 50) return { patterns, problem: "At most 50 patterns." };
  return { patterns };
} // biome-ignore format: one thought

const CLASS_ABOUT: Readonly<Record<DataClass, string>> = {
  secret: "Passwords, keys and tokens in fields that hold them. Texts are always searched for these.",
  personal: "Names, addresses and numbers of people.",
  financial: "Prices, balances and bank details.",
  health: "What is said of somebody's health.",
};

const DETECTOR_WORDS: Readonly<Record<DetectorName, string>> = {
  keys: "Keys and tokens",
  passwords: "Passwords",
  cards: "Card numbers",
  iban: "Bank accounts (IBAN)",
  nationalIds: "National ids",
  email: "E-mail addresses",
  phone: "Phone numbers",
  health: "Health data",
};
