import { addIdentity, deleteIdentities, findIdentity, listIdentities } from "../../database/identities.ts";
import { hasPassword } from "../../database/users.ts";
import type { IdentityContext } from "../context.ts";
import { auditOrg } from "../sign-in.ts";
import { foreign, type Refusal } from "./admit.ts";
import type { Claims } from "./finish.ts";
import type { SsoProvider } from "./provider.ts";

export type { Identity } from "../../database/identities.ts";
export { listIdentities } from "../../database/identities.ts";

/**
 * Lets a signed-in person sign in at this provider from now on.
 * @returns `elsewhere` when this account there belongs to somebody else here
 */
export async function linkIdentity(
  context: IdentityContext,
  provider: SsoProvider,
  claims: Claims,
  { userId, requestId }: { userId: string; requestId?: string },
): Promise<"linked" | "elsewhere" | Refusal> {
  const refused = foreign(provider, claims);
  if (refused) return refused;
  const { issuer, subject, email: label = "" } = claims;
  const now = context.clock.now();
  const org = await auditOrg(context, userId);
  return await context.audit.atomically(async (trx, record) => {
    const row = { issuer, subject, user_id: userId, label, created_at: now, last_used_at: null };
    if (!(await addIdentity(trx, row)))
      return (await findIdentity(trx, claims))?.user_id === userId ? "linked" : "elsewhere";
    await record(eventOf("identity.link", { org, userId, provider, requestId }));
    return "linked";
  });
}

/** @returns `only-way` when the person could not sign in any more */
export async function unlinkIdentity(
  context: IdentityContext,
  provider: SsoProvider,
  { userId, requestId }: { userId: string; requestId?: string },
): Promise<"unlinked" | "only-way"> {
  const org = await auditOrg(context, userId);
  return await context.audit.atomically(async (trx, record) => {
    const others = (await listIdentities(trx, userId)).filter(({ issuer }) => issuer !== provider.issuer);
    if (others.length === 0 && !(await hasPassword(trx, userId))) return "only-way";
    if ((await deleteIdentities(trx, userId, provider.issuer)) > 0)
      await record(eventOf("identity.unlink", { org, userId, provider, requestId }));
    return "unlinked";
  });
}

/** Whether this account at the provider is the person's own. */
export async function isOwnIdentity({ db }: IdentityContext, claims: Claims, userId: string): Promise<boolean> {
  return (await findIdentity(db, claims))?.user_id === userId;
}

const eventOf = (
  type: "identity.link" | "identity.unlink",
  { org, userId, provider, requestId }: { org: string; userId: string; provider: SsoProvider; requestId?: string | undefined }, // biome-ignore format: one thought
) =>
  ({
    org,
    type,
    actor: { id: userId, type: "user" },
    status: "success",
    requestId,
    detail: { provider: provider.id },
  }) as const;
