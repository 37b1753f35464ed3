import { SYSTEM_ORG } from "../../database/audit-events.ts";
import { addIdentity, findIdentity, noteIdentityUse } from "../../database/identities.ts";
import { addMember, orgExists } from "../../database/orgs.ts";
import { findByEmail } from "../../database/users.ts";
import type { IdentityContext } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { auditOrg } from "../sign-in.ts";
import { addPerson, plainEmail, prepareWithoutPassword } from "../users.ts";
import type { Claims } from "./finish.ts";
import type { SsoProvider } from "./provider.ts";

/** Why somebody who did sign in at their provider does not come in here. */
export type Refusal =
  | "switched-off"
  | "deleted"
  /** The address is of another domain than the operator allows. */
  | "domain"
  /** The provider does not say that the address is theirs. */
  | "unverified"
  /** An account here has this address, and nobody has linked it. */
  | "taken"
  /** Nobody here is linked, and joining is off. */
  | "unknown";

export type Admission = { readonly userId: string } | { readonly refused: Refusal };

/** Who this is here: found by issuer and subject, never by an address; or somebody new, where the operator wants that. */
export async function admit(
  context: IdentityContext,
  provider: SsoProvider,
  claims: Claims,
  requestId?: string,
): Promise<Admission> {
  const known = await findIdentity(context.db, claims);
  const refused = foreign(provider, claims) ?? (known ? keptOut(known) : await unwanted(context, provider, claims));
  if (refused) return await refuse(context, { refused, userId: known?.user_id, provider, requestId });
  if (known) {
    await noteIdentityUse(context.db, claims, claims.email ?? "", context.clock.now());
    return { userId: known.user_id };
  }
  try {
    return { userId: await join(context, provider, claims, requestId) };
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    // Two tabs that come back together make one account.
    const other = await findIdentity(context.db, claims);
    if (other && !keptOut(other)) return { userId: other.user_id };
    return await refuse(context, { refused: "taken", provider, requestId });
  }
}

/** What the operator's domains say, to those who came before as well. */
export function foreign({ domains }: Pick<SsoProvider, "domains">, { email, verified }: Claims): Refusal | undefined {
  if (domains.length === 0) return undefined;
  if (!email || !verified) return "unverified";
  return domains.includes(plainEmail(email).split("@").at(-1)!) ? undefined : "domain";
}

function keptOut({ erased_at, disabled_at }: { erased_at: number | null; disabled_at: number | null }) {
  if (erased_at !== null) return "deleted";
  return disabled_at === null ? undefined : "switched-off";
}

async function unwanted({ db }: IdentityContext, { join }: SsoProvider, { email, verified }: Claims) {
  // Said only to who has proven that the address is theirs.
  if (email && verified && (await findByEmail(db, plainEmail(email)))) return "taken";
  if (!join) return "unknown";
  return email && verified ? undefined : "unverified";
}

/** The account, its link and the membership: all or nothing. @throws IdentityError when somebody was quicker */
async function join(context: IdentityContext, provider: SsoProvider, claims: Claims, requestId?: string) {
  const { email = "", name = email.split("@")[0]!, issuer, subject } = claims;
  const { org, role } = provider.join!; // unwanted
  const person = prepareWithoutPassword(context, { email, name });
  return await context.audit.atomically(async (trx, record) => {
    if (!(await orgExists(trx, org))) throw new Error(`OIDC_ORG: there is no organisation ${org}.`);
    const user = await addPerson(trx, record, person);
    const linked = {
      issuer,
      subject,
      user_id: user.id,
      label: email,
      created_at: person.now,
      last_used_at: person.now,
    };
    if (!(await addIdentity(trx, linked))) throw new IdentityError("EMAIL_TAKEN", "Somebody was quicker.");
    // Seen there, so that this is where they start.
    const seen = { created_at: person.now, last_seen_at: person.now };
    await addMember(trx, { org_id: org, user_id: user.id, role, active: 1, ...seen });
    const event = { org, actor: { id: user.id, type: "user" }, status: "success", requestId } as const;
    await record({
      ...event,
      type: "member.join",
      detail: { member: user.id, role, by: "sso", provider: provider.id },
    });
    return user.id;
  });
}

async function refuse(
  context: IdentityContext,
  {
    refused,
    userId,
    provider,
    requestId,
  }: { refused: Refusal; userId?: string | undefined; provider: SsoProvider; requestId?: string | undefined },
): Promise<Admission> {
  await context.audit.record({
    org: userId ? await auditOrg(context, userId) : (provider.join?.org ?? SYSTEM_ORG),
    type: "sign-in",
    actor: { id: userId ?? "unknown", type: "user" },
    status: "denied",
    rule: `sso-${refused}`,
    requestId,
    detail: { method: "sso", provider: provider.id },
  });
  return { refused };
}
