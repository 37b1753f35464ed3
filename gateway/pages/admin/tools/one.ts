import type { FastifyInstance } from "fastify";
import { readToolsOff } from "../../../database/policies.ts";
import { ROLES } from "../../../policy/roles.ts";
import { inWords } from "../../../policy/words.ts";
import { formToken } from "../../form-token.ts";
import { PageProblem } from "../../page-problem.ts";
import type { State } from "../../views.ts";
import { ACCESS_LABEL } from "../../words.ts";
import { adminOf, adminPage } from "../frame.ts";
import { VERDICTS } from "../policy/why.ts";
import { ACCEPT } from "./change.ts";
import { buttonFor, SWITCH, stateWords, TOOLS } from "./list.ts";
import { decisionAs, stateOf } from "./rows.ts";
import { differencesSince } from "./versions.ts";

declare module "../../views.ts" {
  interface Views {
    "admin-tool": {
      name: string;
      title: string;
      description: string;
      back: string;
      here: string;
      facts: readonly { label: string; text: string }[];
      state: State;
      button?: { value: string; label: string };
      roles: readonly { role: string; state: State; sentence: string }[];
      version?: {
        held: boolean;
        accepted: boolean;
        known: boolean;
        differences: readonly { text: string; breaks: boolean }[];
      };
      actions: { switch: string; accept: string };
      tokens: { switch: string; accept: string };
    };
  }
}

/** `/admin/tools/{name}`: one tool, what the rule says of it to each role, and what its new version changes. */
export default async function one(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { name: string } }>(`${TOOLS}/:name`, async (request, reply) => {
    const { org } = await adminOf(app, request, "tools");
    const policy = await app.policies.of(org.id, org.policy_version);
    const entry = app.catalogs.all.tools.get(request.params.name);
    if (!entry) throw new PageProblem(404, "No such tool", "No tool here has this name.");
    const { tool, facts, owner } = entry;
    const circumstances = { now: app.clock.now(), lock: app.catalogs.all.lock, toolsOff: await readToolsOff(app.db) };
    const state = stateOf(entry, policy, circumstances);
    const decisions = ROLES.map((role) => ({ role, decision: decisionAs(role, entry, policy, circumstances) }));
    const isListed = decisions.some(({ decision }) => decision.verdict !== "hide");
    const { accepted } = policy.document;
    const hash = accepted?.[tool.name];
    const differences = hash && hash !== facts.hash ? await differencesSince(app.db, entry, hash) : undefined;
    const named = { tool: tool.name, organisation: org.name, client: "the app" };
    const data = {
      name: tool.name,
      title: tool.title,
      description: tool.description,
      back: TOOLS,
      here: `${TOOLS}/${tool.name}`,
      facts: [
        { label: "Vendor", text: owner.title },
        { label: "Kind", text: ACCESS_LABEL[tool.access] },
        { label: "Tags", text: facts.tags.join(", ") || "none" },
        { label: "Answers", text: facts.class ? `${facts.class} data` : "data of several kinds" },
        { label: "Version", text: facts.hash.replace(/^sha256-/, "").slice(0, 12) },
      ],
      state: stateWords(state, isListed ? ["somebody"] : []),
      button: buttonFor(state),
      roles: decisions.map(({ role, decision }) => ({
        role,
        state: VERDICTS[decision.verdict],
        sentence: inWords(decision, { ...named, role }, policy),
      })),
      version: accepted && {
        held: state === "held",
        accepted: hash === facts.hash,
        known: differences !== undefined,
        differences: differences ?? [],
      },
      actions: { switch: SWITCH, accept: ACCEPT },
      tokens: { switch: formToken(app, request, SWITCH), accept: formToken(app, request, ACCEPT) },
    };
    return adminPage(reply, "admin-tool", data, { title: tool.title, here: TOOLS });
  });
}
