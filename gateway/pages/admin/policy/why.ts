import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { clientsOf, findSubject, subjectsOf } from "../../../database/policy-subjects.ts";
import type { Verdict } from "../../../policy/decide.ts";
import type { ExplainedStep } from "../../../policy/explain.ts";
import { type Field, field } from "../../fields.ts";
import { line } from "../../form.ts";
import type { State } from "../../views.ts";
import { adminPage } from "../frame.ts";
import { assess } from "./assess.ts";
import { policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/why";
/** Of more people than this the address is typed. */
const MOST_PEOPLE = 300;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-why": Tabs & {
      fields: readonly Field[];
      answer?: {
        heading: string;
        state: State;
        sentence: string;
        steps: readonly (ExplainedStep & { class: string; note?: string })[];
      };
    };
  }
}

const Asked = z.object({ person: line, tool: line, client: line });

/** `/admin/policy/why`: why somebody can or cannot call a tool, step by step. */
export default async function why(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { policy, mayChange, org } = await policyPage(app, request);
    const asked = Asked.parse(request.query);
    const [people, clients] = await Promise.all([
      subjectsOf(app.db, org.id, MOST_PEOPLE),
      clientsOf(app.db, org.id, app.clock.now()),
    ]);
    const tools = app.catalogs.all.tools;
    const isAsked = asked.person !== "" && asked.tool !== "";
    const person = isAsked ? await findSubject(app.db, org.id, asked.person.trim()) : undefined;
    const entry = tools.get(asked.tool.trim());
    const client = clients.find(({ id }) => id === asked.client);
    const found = person && entry && (await assess(app, { org, policy, person, entry, client }));
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      fields: [
        field({
          name: "person",
          label: "Person",
          value: asked.person,
          suggestions: people.map(({ email, name, role }) => ({ value: email, label: `${name}, ${role}` })),
          error: isAsked && !person ? "Nobody here has this address. Type an e-mail address or an id." : undefined,
        }),
        field({
          name: "tool",
          label: "Tool",
          plain: true,
          value: asked.tool,
          suggestions: [...tools.values()].map(({ tool }) => ({ value: tool.name, label: tool.title })),
          error: isAsked && !entry ? "No tool has this name. Choose one of the list." : undefined,
        }),
        field({
          name: "client",
          label: "Through",
          required: false,
          options: [
            { value: "", label: "An app that is allowed everything", selected: !client },
            ...clients.map(({ id, name }) => ({ value: id, label: name, selected: id === asked.client })),
          ],
        }),
      ],
      answer: found && {
        heading: `${person.name}, ${person.role}: ${entry.tool.name}`,
        state: VERDICTS[found.decision.verdict],
        sentence: found.sentence,
        steps: found.steps.map((step) => ({ ...step, ...LOOKS[step.said] })),
      },
    };
    return adminPage(reply, "admin-policy-why", data, { title: "Why can(not) …?", here: "/admin/policy" });
  });
}

export const VERDICTS: Readonly<Record<Verdict, State>> = {
  allow: { kind: "good", text: "May be called" },
  approve: { kind: "warn", text: "Needs a yes first" },
  step_up: { kind: "warn", text: "Needs more access" },
  hide: { kind: "bad", text: "Cannot be called" },
};

const LOOKS: Readonly<Record<ExplainedStep["said"], { class: string; note?: string }>> = {
  passed: { class: "passed" },
  decided: { class: "decided", note: "This decides." },
  "would-stop": { class: "stops", note: "This would come next." },
};
