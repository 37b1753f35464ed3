import { newId } from "../../gateway/database/ids.ts";
import type { Db } from "../../gateway/database/index.ts";
import { addMember, addOrg } from "../../gateway/database/orgs.ts";
import type { ConnectionRow } from "../../gateway/database/schema.ts";
import { addUser } from "../../gateway/database/users.ts";

/** A connection that nobody has used yet. */
export const connectionOf = (
  { org, owner, id = "con_1", vendor = "acme" }: { org: string; owner: string; id?: string; vendor?: string },
  now: number,
): ConnectionRow => ({
  id,
  org_id: org,
  owner_id: owner,
  vendor,
  label: "",
  fields: "{}",
  status: "active",
  version: 1,
  signed_in: 0,
  last_used_at: null,
  last_ok_at: null,
  last_error: null,
  last_error_at: null,
  created_at: now,
  updated_at: now,
});

/** Somebody with an organisation of their own, who cannot sign in: no password fits. */
export async function addSomebody(db: Db, name: string, created_at: number) {
  const [user, org] = [newId("usr"), newId("org")];
  const email = `${user}@example.test`;
  await addUser(db, { id: user, email, name, password: "-", created_at, disabled_at: null, erased_at: null });
  await addOrg(db, {
    id: org,
    name,
    personal_of: user,
    policy_version: 1,
    created_at,
  });
  await addMember(db, { org_id: org, user_id: user, role: "owner", active: 1, created_at });
  return { user, org };
}
