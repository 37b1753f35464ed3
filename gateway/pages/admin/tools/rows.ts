import type { FastifyInstance } from "fastify";
import type { CatalogTool } from "../../../calls/catalog.ts";
import { readToolsOff } from "../../../database/policies.ts";
import { type Circumstances, type Decision, decide } from "../../../policy/decide.ts";
import type { OrgPolicy } from "../../../policy/policy.ts";
import { ROLES, type Role } from "../../../policy/roles.ts";

/** How a tool stands in an organisation, whoever asks. */
export type ToolState = "on" | "off" | "off-everywhere" | "held";

export interface ToolRow {
  readonly entry: CatalogTool;
  readonly state: ToolState;
  /** Roles whose list it is in, for somebody who has connected its vendors and allowed everything. */
  readonly roles: readonly Role[];
}

/** Every tool, by vendor and name, with how it stands. */
export async function toolRows(app: FastifyInstance, policy: OrgPolicy): Promise<ToolRow[]> {
  const { tools, lock } = app.catalogs.all;
  const circumstances = { now: app.clock.now(), lock, toolsOff: await readToolsOff(app.db) };
  return [...tools.values()]
    .map((entry) => ({
      entry,
      state: stateOf(entry, policy, circumstances),
      roles: ROLES.filter((role) => decisionAs(role, entry, policy, circumstances).verdict !== "hide"),
    }))
    .sort((a, b) => a.entry.owner.title.localeCompare(b.entry.owner.title, "en"));
}

export function stateOf({ facts }: CatalogTool, policy: OrgPolicy, { toolsOff }: Circumstances): ToolState {
  const { accepted } = policy.document;
  if (toolsOff.has(facts.name)) return "off-everywhere";
  if (policy.toolsOff.has(facts.name)) return "off";
  return accepted && accepted[facts.name] !== facts.hash ? "held" : "on";
}

/** What the rule says to somebody with this role who has connected everything, through an app that registered itself. */
export function decisionAs(
  role: Role,
  { facts }: CatalogTool,
  policy: OrgPolicy,
  circumstances: Circumstances,
): Decision {
  const everything = { has: () => true } as unknown as ReadonlySet<string>; // of a set, the rule asks this alone
  const caller = { orgId: policy.orgId, role, clientId: "", agentType: "registered", reach: everything, scopes: everything, limited: false }; // biome-ignore format: one thought
  return decide(facts, caller, { ...policy, onlyClients: new Set() }, circumstances);
}
