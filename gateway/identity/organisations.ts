import { closeEverythingOf, forgetDeleted, keysOf } from "../database/erasure.ts";
import { newId } from "../database/ids.ts";
import { putMember } from "../database/members.ts";
import * as orgs from "../database/orgs.ts";
import { type Acting, actingRole, eventOf } from "./acting.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";

type Context = Pick<IdentityContext, "db" | "audit" | "clock" | "vault" | "config">;

/** Owned by whoever makes it. @throws IdentityError for a name that will not do */
export async function createOrg(
  { audit, clock, config }: Context,
  { name: given, actor, requestId }: Omit<Acting, "org"> & { name: string },
): Promise<orgs.Org> {
  const now = clock.now();
  const region = config.regions.own ?? null;
  const org = { id: newId("org"), name: orgName(given), personal_of: null, policy_version: 1, region, created_at: now };
  await audit.atomically(async (trx, record) => {
    await orgs.addOrg(trx, org);
    await putMember(trx, { org_id: org.id, user_id: actor, role: "owner", active: 1, created_at: now });
    await record({ ...eventOf({ org: org.id, actor, requestId }), type: "org.create" });
  });
  return org;
}

export async function nameOrg(
  { audit }: Context,
  { name: given, ...acting }: Acting & { name: string },
): Promise<void> {
  const name = orgName(given);
  await audit.atomically(async (trx, record) => {
    await actingRole(trx, acting, "members");
    await orgs.renameOrg(trx, acting.org, name);
    await record({ ...eventOf(acting), type: "org.rename" });
  });
}

/**
 * Ends everything in it at the next request of anybody, and destroys the keys that open its credentials. The audit chain stays.
 * @returns the connections that were closed
 */
export async function deleteOrg({ db, audit, clock, vault }: Context, acting: Acting): Promise<string[]> {
  const { org, actor } = acting;
  const now = clock.now();
  const closed = await audit.atomically(async (trx, record) => {
    await actingRole(trx, acting, "ownership");
    if ((await orgs.findPersonalOrg(trx, actor))?.id === org)
      throw new IdentityError("PERSONAL", "Your own organisation ends with your account.");
    for (const { org_id, owner_id } of await keysOf(trx, { org })) await vault.destroyOwner(org_id, owner_id, trx);
    const connections = await closeEverythingOf(trx, { org }, now);
    await orgs.markDeleted(trx, org, now);
    await record({ ...eventOf(acting), type: "org.delete", detail: { connections: connections.length } });
    return connections;
  });
  await forgetDeleted(db);
  return closed;
}

/** Said on every page and to every assistant: one line of plain text. */
function orgName(text: string): string {
  const name = text.normalize("NFC").replace(/\p{C}/gu, "").replace(/\s+/gu, " ").trim();
  if (name.length < 1 || name.length > 100)
    throw new IdentityError("NAME_INVALID", "Please give a name of at most 100 characters.");
  return name;
}
