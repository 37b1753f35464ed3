import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { clientsOf, type KnownClient } from "../../../database/policy-subjects.ts";
import { agentTypeOf } from "../../../oauth/agent-type.ts";
import type { PolicyDocument } from "../../../policy/document.ts";
import { agentTypeWords } from "../../../policy/words.ts";
import { line, readForm } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import type { State } from "../../views.ts";
import { ago, count } from "../../words.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/assistants";
const MODE = `${HERE}/mode`;
const ONE = `${HERE}/one`;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-assistants": Tabs & {
      onlyListed: boolean;
      known: number;
      clients: readonly {
        id: string;
        name: string;
        kind: string;
        people: string;
        used: string;
        state: State;
        button: { value: string; label: string };
      }[];
      actions: { mode: string; one: string };
      tokens: { mode: string; one: string };
    };
  }
}

/** `/admin/policy/assistants`: which applications people of the organisation may let act for them. */
export default async function assistants(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { policy, mayChange, org } = await policyPage(app, request);
    const now = app.clock.now();
    const known = await clientsOf(app.db, org.id, now);
    const { clients } = policy.document;
    const token = (action: string) => formToken(app, request, action);
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      onlyListed: clients.only.length > 0,
      known: known.length,
      clients: withNamed(known, clients).map((one) => ({ ...lineOf(one, now), ...stateOf(one.id, clients) })),
      actions: { mode: MODE, one: ONE },
      tokens: { mode: token(MODE), one: token(ONE) },
    };
    return adminPage(reply, "admin-policy-assistants", data, { title: "Assistants", here: "/admin/policy" });
  });

  app.post(MODE, async (request, reply) => {
    const only = readForm(request, z.object({ mode: line })).mode === "only";
    const { org } = await policyPage(app, request);
    const known = await clientsOf(app.db, org.id, app.clock.now());
    return changeByForm(app, request, reply, {
      action: MODE,
      back: HERE,
      type: "policy.clients",
      change: ({ clients, ...rest }) => ({
        ...rest,
        clients: { ...clients, only: only ? onlyOf(clients, known) : [] },
      }),
      said: only ? "Only the assistants below are let in." : "Every assistant that is not blocked is let in.",
    });
  });

  app.post(ONE, async (request, reply) => {
    const { client, admit } = readForm(request, z.object({ client: line, admit: line }));
    return changeByForm(app, request, reply, {
      action: ONE,
      back: HERE,
      type: "policy.clients",
      change: ({ clients, ...rest }) => ({ ...rest, clients: switched(clients, client, admit === "true") }),
      said: admit === "true" ? "The assistant is let in." : "The assistant is kept out, also with access it has.",
    });
  });
}

type Clients = PolicyDocument["clients"];

/** Whoever works here today goes on doing so; nobody else begins. */
const onlyOf = ({ blocked, only }: Clients, known: readonly KnownClient[]) =>
  only.length > 0 ? only : known.map(({ id }) => id).filter((id) => !blocked.includes(id));

function switched({ blocked, only }: Clients, client: string, admit: boolean): Clients {
  const without = (list: readonly string[]) => list.filter((id) => id !== client);
  return {
    blocked: admit ? without(blocked) : [...without(blocked), client],
    only: only.length === 0 ? only : admit ? [...without(only), client] : without(only),
  };
}

/** Those that a list names are shown also when nobody uses them any more. */
function withNamed(known: readonly KnownClient[], { blocked, only }: Clients): KnownClient[] {
  const others = [...new Set([...blocked, ...only])].filter((id) => !known.some((one) => one.id === id));
  return [...known, ...others.map((id) => ({ id, name: id, people: 0, lastUsedAt: null }))];
}

const lineOf = ({ id, name, people, lastUsedAt }: KnownClient, now: number) => ({
  id,
  name,
  kind: agentTypeWords(agentTypeOf(id)),
  people: people === 0 ? "nobody" : people === 1 ? "1 person" : count(people, "people").replace(/s$/, ""),
  used: ago(lastUsedAt, now),
});

function stateOf(id: string, { blocked, only }: Clients) {
  const isIn = !blocked.includes(id) && (only.length === 0 || only.includes(id));
  return {
    state: isIn ? ({ kind: "good", text: "Let in" } as const) : ({ kind: "bad", text: "Kept out" } as const),
    button: isIn ? { value: "false", label: "Keep out" } : { value: "true", label: "Let in" },
  };
}
