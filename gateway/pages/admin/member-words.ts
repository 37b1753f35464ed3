import { IdentityError } from "../../identity/errors.ts";
import type { MemberOrg } from "../../identity/orgs.ts";
import type { Role } from "../../policy/roles.ts";
import { PageProblem } from "../page-problem.ts";

/** It belongs to one person alone, and nobody else comes in. */
export const isPersonal = ({ personal_of }: Pick<MemberOrg, "personal_of">): boolean => personal_of !== null;

/** @throws PageProblem for a role that was not offered */
export function offeredRole(wanted: string, offered: readonly Role[]): Role {
  const role = offered.find((one) => one === wanted);
  if (!role) throw new PageProblem(403, "Not a role you may give", "Open the page again and choose one of the list.");
  return role;
}

const STATUS: Partial<Record<IdentityError["code"], number>> = {
  NO_RIGHT: 403,
  NOT_A_MEMBER: 404,
  INVITATION_OVER: 404,
  OFFER_OVER: 404,
};

/** @throws PageProblem in place of a refusal that is for the person */
export function refusedToPerson(error: unknown): never {
  if (error instanceof IdentityError)
    throw new PageProblem(STATUS[error.code] ?? 409, "This cannot be done", error.message);
  throw error;
}

/** What each role is there for, as a page says it beside the choice. */
export const ROLE_ABOUT: Readonly<Record<Role, string>> = {
  owner: "Everything, and hands the organisation on or ends it",
  admin: "Everything, but not handing the organisation on or ending it",
  operator: "Works with tools; looks after customers, connections and tools",
  approver: "Works with tools; decides what others' calls may do",
  auditor: "Reads the record; uses no tools",
  member: "Works with tools",
};
