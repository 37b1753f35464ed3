import type { Vendor } from "../../runtime/index.ts";
import { ORG_RIGHTS, orgScope } from "../oauth/org-scopes.ts";
import type { Resources } from "../oauth/resources.ts";
import { mayLookAfter, type Role } from "../policy/roles.ts";

/** Check boxes of what a program may do: at each vendor, and for the organisation. */
export interface ScopeGroup {
  readonly legend: string;
  readonly scopes: readonly { scope: string; words: string; note?: string; ticked: boolean }[];
}

const WORDS = { read: "See what you can see", write: "Change things", reveal: "Show secrets" } as const;

const RIGHTS: Readonly<Record<(typeof ORG_RIGHTS)[number], string>> = {
  audit: "Read the audit trail",
  usage: "Read usage figures",
  alerts: "Read alerts",
  approve: "Decide approvals of others",
  tools: "Switch tools on and off",
};

/** @param role nothing is offered that it does not have */
export function scopeGroups(
  { resources, vendors }: { resources: Resources; vendors: readonly Vendor[] },
  role: Role,
  ticked: readonly string[] | undefined,
): ScopeGroup[] {
  const ofVendors = vendors.map(({ slug, title }) => ({
    legend: title,
    scopes: (resources.canonical(slug)?.scopes ?? []).map((scope) => {
      const access = scope.split(":").at(-1) as keyof typeof WORDS;
      const note = access === "reveal" ? "Only for a program that needs passwords." : undefined;
      return { scope, words: WORDS[access], note, ticked: ticked ? ticked.includes(scope) : access === "read" };
    }),
  }));
  const rights = ORG_RIGHTS.filter((right) => mayLookAfter(role, right)).map((right) => ({
    scope: orgScope(right),
    words: RIGHTS[right],
    ticked: ticked?.includes(orgScope(right)) ?? false,
  }));
  return rights.length > 0
    ? [...ofVendors, { legend: "The organisation, through the API", scopes: rights }]
    : ofVendors;
}

/** Of what was ticked, what was offered; reading goes with whatever else of a vendor was ticked. */
export function chosenScopes(groups: readonly ScopeGroup[], ticked: readonly string[]): string[] {
  return groups.flatMap(({ scopes }) => {
    const chosen = scopes.filter(({ scope }) => ticked.includes(scope)).map(({ scope }) => scope);
    const read = scopes.find(({ scope }) => scope.endsWith(":read"))?.scope;
    return chosen.length > 0 && read && !chosen.includes(read) ? [read, ...chosen] : chosen;
  });
}

const EXPIRIES = ["30", "90", "365"];
const DAY_MS = 86_400_000;

/** @returns undefined for another number of days than those that are offered */
export const expiryAt = (days: string, now: number): number | undefined =>
  EXPIRIES.includes(days) ? now + Number(days) * DAY_MS : undefined;

export const expiryOptions = (chosen = "90") =>
  EXPIRIES.map((value) => ({ value, label: `In ${value} days`, selected: value === chosen }));
