import type { CallerFacts, Circumstances } from "./decide.ts";
import type { OrgPolicy } from "./policy.ts";
import { isOpen } from "./windows.ts";

/** The lock belongs to the tools. */
export type KnownCircumstances = Omit<Circumstances, "lock" | "toolsOff"> & { readonly toolsOff: ReadonlySet<string> };
export type KnownCaller = Omit<CallerFacts, "reach"> & { readonly reach: ReadonlyMap<string, unknown> };

type Fact = (caller: KnownCaller, policy: OrgPolicy, around: KnownCircumstances) => string | boolean;

/**
 * All that the rule looks at beside the tools and the policy, as one text: of whoever has the same text and the same policy it
 * decides the same about every tool. It names nobody and no moment, where the policy does not, so that people share it.
 */
export const decidingFacts = (caller: KnownCaller, policy: OrgPolicy, around: KnownCircumstances): string =>
  JSON.stringify(FACTS.map((fact) => fact(caller, policy, around)));

/** The compiler demands one of each: a new fact that is missing here would let one caller have another's list. */
const EACH: { readonly [Name in keyof CallerFacts | keyof KnownCircumstances]: Fact } = {
  orgId: ({ orgId }) => orgId,
  role: ({ role }) => role,
  clientId: ({ clientId }, { blockedClients, onlyClients }) =>
    blockedClients.size > 0 || onlyClients.size > 0 ? clientId : "",
  agentType: ({ agentType }) => agentType,
  reach: ({ reach }) => [...reach.keys()].join(" "), // a vendor's slug has no space
  scopes: ({ scopes }) => [...scopes].join(" "), // nor has a scope
  limited: ({ limited }) => limited,
  now: (_caller, { document: { windows, timeZone } }, { now }) => isOpen(windows, timeZone, now),
  toolsOff: (_caller, _policy, { toolsOff }) => [...toolsOff].join(" "), // nor has the name of a tool
};

const FACTS: readonly Fact[] = Object.values(EACH);
