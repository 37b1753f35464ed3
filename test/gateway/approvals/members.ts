import { addMember } from "../../../gateway/database/orgs.ts";
import { createSession } from "../../../gateway/identity/sessions.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { visitor } from "../pages/visitor.ts";
import { person, type TestApp } from "../support.ts";

/** Somebody with a role in that organisation, signed in there. */
export async function memberOf(app: TestApp, org: string, role: Role, email: string) {
  const { user } = await person(app, email);
  await addMember(app.db, {
    org_id: org,
    user_id: user.id,
    role,
    active: 1,
    created_at: app.clock.now(),
    last_seen_at: null,
  });
  return { user, ...(await signedIn(app, user.id, org)) };
}

/** A browser in which that person is signed in, in this organisation. */
export async function signedIn(app: TestApp, userId: string, org: string) {
  const { token } = await createSession(app.db, { userId, now: app.clock.now(), org });
  return visitor(app, token);
}
