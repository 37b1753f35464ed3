import type { Db } from "../database/index.ts";
import { firstOrg } from "../database/orgs.ts";
import { inSystemScope } from "../database/scope.ts";
import { mayLookAfter, type Role } from "../policy/roles.ts";

/**
 * Whether somebody may know how the installation is set up and how it fares: owners and admins of the organisation that was there
 * first. Those of others are its guests.
 */
export async function runsInstallation(db: Db, { org, role }: { org: string; role: Role }): Promise<boolean> {
  // To a request of one organisation the others are not there, and its own would be the first.
  return mayLookAfter(role, "policy") && (await inSystemScope(() => firstOrg(db))) === org;
}
