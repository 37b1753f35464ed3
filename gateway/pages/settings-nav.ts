import type { FastifyInstance, FastifyRequest } from "fastify";
import type { MemberOrg } from "../identity/orgs.ts";
import { mayLookAfter } from "../policy/roles.ts";

const PAGES = [
  { href: "/settings", label: "Overview" },
  { href: "/settings/vendors", label: "Vendors" },
  { href: "/settings/clients", label: "Set up an assistant" },
  { href: "/settings/tokens", label: "Tokens" },
  { href: "/settings/security", label: "Security" },
  { href: "/settings/account", label: "Account" },
];

export const settingsNav = (here: string) => PAGES.map((one) => ({ ...one, current: one.href === here }));

/** Whose settings: the signed-in person in the organisation of their session. */
export async function memberOf(_app: FastifyInstance, request: FastifyRequest) {
  const { user, session, orgs } = request.signedIn!; // requireSignIn
  const org = orgs.find(({ id }) => id === session.orgId);
  if (!org) throw new Error("A session without its organisation.");
  return { user, org, owner: { org: org.id, user: user.id } };
}

/** Who may switch for the whole organisation. */
export const mayAdminister = ({ role }: Pick<MemberOrg, "role">) => mayLookAfter(role, "policy");
