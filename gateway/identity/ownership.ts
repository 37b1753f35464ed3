import { setRole } from "../database/members.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import { endOffer, findOffer, type OwnershipOffer, putOffer } from "../database/ownership.ts";
import { mayLookAfter } from "../policy/roles.ts";
import { type Acting, actingRole, eventOf, theirRole } from "./acting.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";

type Context = Pick<IdentityContext, "db" | "audit" | "clock">;

const VALID_MS = 7 * 24 * 3_600_000;

/** An owner offers ownership to a member. Nothing changes until the other says yes. */
export async function offerOwnership(
  { audit, clock }: Context,
  { to, staysOwner, ...acting }: Acting & { to: string; staysOwner: boolean },
): Promise<void> {
  const { org, actor } = acting;
  const now = clock.now();
  await audit.atomically(async (trx, record) => {
    await actingRole(trx, acting, "ownership");
    if ((await theirRole(trx, org, to)) === "owner")
      throw new IdentityError("NO_RIGHT", "This person is an owner already.");
    if ((await findPersonalOrg(trx, actor))?.id === org)
      throw new IdentityError("PERSONAL", "Your own organisation cannot be handed on.");
    const stays_owner = staysOwner ? 1 : 0;
    await putOffer(trx, {
      org_id: org,
      from_user: actor,
      to_user: to,
      stays_owner,
      created_at: now,
      expires_at: now + VALID_MS,
    });
    await record({ ...eventOf(acting), type: "ownership.offer", detail: { member: to, staysOwner } });
  });
}

/** Takes it back, or declines it. */
export async function endOwnershipOffer({ audit, clock }: Context, acting: Acting): Promise<void> {
  const { org, actor } = acting;
  await audit.atomically(async (trx, record) => {
    const role = await actingRole(trx, acting);
    const offer = await findOffer(trx, org, clock.now());
    const declines = offer?.to_user === actor;
    if (!offer || (!declines && !mayLookAfter(role, "ownership"))) throw over();
    await endOffer(trx, org);
    const type = declines ? "ownership.decline" : "ownership.withdraw";
    await record({ ...eventOf(acting), type, detail: { member: offer.to_user } });
  });
}

/** The member becomes an owner; whoever offered stays one or becomes an administrator, as they said. */
export async function acceptOwnership({ audit, clock }: Context, acting: Acting): Promise<void> {
  const { org, actor } = acting;
  await audit.atomically(async (trx, record) => {
    await actingRole(trx, acting);
    const offer = await offerFor(trx, acting, clock.now());
    if (!offer || (await theirRole(trx, org, offer.from_user)) !== "owner") throw over();
    await setRole(trx, { org, user: actor }, "owner");
    if (!offer.stays_owner) await setRole(trx, { org, user: offer.from_user }, "admin");
    await endOffer(trx, org);
    const detail = { member: actor, from: offer.from_user, staysOwner: offer.stays_owner === 1 };
    await record({ ...eventOf(acting), type: "ownership.accept", detail });
  });
}

/** The offer that waits for this person's answer. */
export async function offerFor(
  db: Context["db"],
  { org, actor }: Acting,
  now: number,
): Promise<OwnershipOffer | undefined> {
  const offer = await findOffer(db, org, now);
  return offer?.to_user === actor ? offer : undefined;
}

const over = () => new IdentityError("OFFER_OVER", "There is no such offer any more.");
