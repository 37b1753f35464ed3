import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Access } from "../../../policy/decide.ts";
import { ROLES, type Role } from "../../../policy/roles.ts";
import { ACCESS_WORDS } from "../../../policy/words.ts";
import { line, readForm, several } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy";
const SWITCHES = `${HERE}/switches`;
const ROLES_FORM = `${HERE}/roles`;
const SECOND_FACTOR = `${HERE}/second-factor`;

const ACCESSES: readonly Access[] = ["read", "write", "destroy", "reveal"];
const BEYOND_READING = ["write", "destroy", "reveal"] as const;

declare module "../../views.ts" {
  interface Views {
    "admin-policy": Tabs & {
      version: number;
      switches: readonly { name: string; label: string; about: string; on: boolean }[];
      columns: readonly { label: string; off: boolean }[];
      rows: readonly { role: string; about: string; cells: readonly { value: string; label: string; on: boolean }[] }[];
      secondFactor: boolean;
      actions: { switches: string; roles: string; secondFactor: string };
      tokens: { switches: string; roles: string; secondFactor: string };
    };
  }
}

/** `/admin/policy`: what assistants may do at all, and for which role. */
export default async function access(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { policy, mayChange } = await policyPage(app, request);
    const { switches, secondFactor } = policy.document;
    const token = (action: string) => formToken(app, request, action);
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      version: policy.version,
      switches: BEYOND_READING.map((name) => ({ name, ...SWITCH_WORDS[name], on: switches[name] })),
      columns: ACCESSES.map((one) => ({ label: COLUMNS[one], off: one !== "read" && !switches[one] })),
      rows: ROLES.map((role) => ({
        role,
        about: ROLE_WORDS[role],
        cells: ACCESSES.map((one) => ({
          value: `${role}:${one}`,
          label: `The role ${role} may ${ACCESS_WORDS[one]}`,
          on: policy.mayAccess[role].has(one),
        })),
      })),
      secondFactor,
      actions: { switches: SWITCHES, roles: ROLES_FORM, secondFactor: SECOND_FACTOR },
      tokens: { switches: token(SWITCHES), roles: token(ROLES_FORM), secondFactor: token(SECOND_FACTOR) },
    };
    return adminPage(reply, "admin-policy", data, { title: "Policy", here: HERE });
  });

  app.post(SWITCHES, async (request, reply) => {
    const { on } = readForm(request, z.object({ on: several }));
    const switches = { write: on.includes("write"), destroy: on.includes("destroy"), reveal: on.includes("reveal") };
    return changeByForm(app, request, reply, {
      action: SWITCHES,
      back: HERE,
      type: "policy.switches",
      change: (document) => ({ ...document, switches }),
      said: "What assistants may do is changed.",
    });
  });

  app.post(ROLES_FORM, async (request, reply) => {
    const { may } = readForm(request, z.object({ may: several }));
    const roles = Object.fromEntries(
      ROLES.map((role) => [role, ACCESSES.filter((one) => may.includes(`${role}:${one}`))]),
    ) as Record<Role, Access[]>; // of every role
    return changeByForm(app, request, reply, {
      action: ROLES_FORM,
      back: HERE,
      type: "policy.roles",
      change: (document) => ({ ...document, roles }),
      said: "What the roles may do is changed.",
    });
  });

  app.post(SECOND_FACTOR, async (request, reply) => {
    const secondFactor = readForm(request, z.object({ demanded: line })).demanded === "true";
    return changeByForm(app, request, reply, {
      action: SECOND_FACTOR,
      back: HERE,
      type: "policy.second-factor",
      change: (document) => ({ ...document, secondFactor }),
      said: secondFactor ? "Every member needs a second factor." : "A second factor is up to each member.",
    });
  });
}

const COLUMNS: Readonly<Record<Access, string>> = {
  read: "Read",
  write: "Change",
  destroy: "Delete or run",
  reveal: "Show secrets",
};

const SWITCH_WORDS = {
  write: {
    label: "Tools that change something",
    about:
      "Create tickets, add notes, update records. Each person still decides for each app whether it may, and every call is recorded.",
  },
  destroy: {
    label: "Tools that delete or run something",
    about:
      "Delete records, run scripts and jobs on machines, restart devices. Another person approves each call unless you say otherwise under Approvals.",
  },
  reveal: {
    label: "Tools that show a secret",
    about:
      "Answer with passwords or keys kept at a vendor. The model and whoever runs it sees them. Another person approves each call unless you say otherwise.",
  },
} as const;

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: "Everything, and handing the organisation on",
  admin: "Everything but handing the organisation on",
  operator: "Customers, connections and tools",
  approver: "Decides what others' calls may do",
  auditor: "Reads the record and this policy",
  member: "Uses assistants",
};
