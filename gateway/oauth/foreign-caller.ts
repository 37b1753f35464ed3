import type { JWTPayload } from "jose";
import type { Caller } from "../calls/caller.ts";
import { workingConnections } from "../database/connections.ts";
import { findIdentity } from "../database/identities.ts";
import type { Db } from "../database/index.ts";
import { type MemberOrg, orgsOfMember } from "../database/orgs.ts";
import { readToolsOff } from "../database/policies.ts";
import { memberLimit } from "./customer-limit.ts";
import type { ForeignIssuer } from "./foreign-issuer.ts";
import { plainText } from "./plain-text.ts";
import { ALL_VENDORS, type Resource, vendorOfScope } from "./resources.ts";
import type { TokenHolder } from "./verifier.ts";

/**
 * A person by a JWT of the issuer that the operator trusts: linked to an account here by issuer and subject, never by e-mail.
 * It acts through the newest connection of each vendor, because nobody chose one at a consent of ours.
 */
export async function foreignCaller(
  { oauth }: TokenHolder,
  foreign: ForeignIssuer,
  token: string,
): Promise<Caller | undefined> {
  const claims = await foreign.verify(token);
  const resource = claims && resourceOf(oauth.resources, foreign, claims);
  if (!resource) return undefined;
  const person = await findIdentity(oauth.db, { issuer: foreign.issuer, subject: claims.sub! }); // a required claim
  if (!person || person.disabled_at !== null || person.erased_at !== null) return undefined;
  const org = await orgFor(oauth.db, person.user_id, foreign.orgClaim && claims[foreign.orgClaim]);
  if (!org) return undefined;
  const reach = await reachOf(oauth.db, { org: org.id, user: person.user_id }, resource);
  const client = plainText(claims["azp"] ?? claims["client_id"], 100) || "unnamed";
  const now = oauth.now();
  return {
    userId: person.user_id,
    actorType: "user",
    orgId: org.id,
    orgName: org.name,
    home: org.region,
    role: org.role,
    rights: new Set(),
    clientId: `${foreign.issuer} ${client}`,
    clientName: client,
    agentType: "external",
    grantId: `jwt:${plainText(claims.jti, 60) || "unnamed"}`,
    scopes: new Set(scopesIn(claims).filter((name) => reach.has(vendorOfScope(name)))),
    audience: resource.audience,
    reach,
    ...(await memberLimit(oauth.db, { org: org.id, user: person.user_id })),
    expiresAt: claims.exp! * 1000, // a required claim
    at: now,
    policy: await oauth.policies.of(org.id, org.policy_version),
    toolsOff: await readToolsOff(oauth.db),
  };
}

/** What the token is for: an address of ours, or the gateway as a whole where the operator named it otherwise. */
function resourceOf(
  resources: TokenHolder["oauth"]["resources"],
  { audience }: ForeignIssuer,
  { aud }: JWTPayload,
): Resource | undefined {
  const named = [aud ?? []].flat();
  if (audience !== undefined) return named.includes(audience) ? resources.canonical(ALL_VENDORS) : undefined;
  return named.map((one) => resources.byUrl(one)).find((found) => found !== undefined);
}

/** RFC 9068 has `scope`, a text; Entra ID has `scp`. Without either it may read nothing. */
function scopesIn({ scope, scp }: JWTPayload): string[] {
  return [scope, scp].flat().flatMap((text) => (typeof text === "string" ? text.split(" ") : []));
}

/** The organisation that the issuer names, or else the person's first. Being a member of it is a must. */
async function orgFor(db: Db, user: string, named: unknown): Promise<MemberOrg | undefined> {
  const orgs = await orgsOfMember(db, user);
  return named === undefined || named === "" ? orgs[0] : orgs.find(({ id }) => id === named);
}

async function reachOf(db: Db, owner: { org: string; user: string }, { vendor }: Resource) {
  const working = await workingConnections(db, owner);
  const here = working.filter((connection) => vendor === ALL_VENDORS || connection.vendor === vendor);
  return new Map(here.toReversed().map((connection) => [connection.vendor, connection.id as string | undefined]));
}
