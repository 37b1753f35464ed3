import type { Role } from "../../../../gateway/policy/roles.ts";
import { person, type TestApp } from "../../support.ts";
import { visitor } from "../visitor.ts";

/** Somebody with that role in an organisation of their own, in a browser that is signed in. */
export async function visitorAs(app: TestApp, role: Role, email = `${role}@example.com`) {
  const { user, org, token } = await person(app, email);
  await app.db.updateTable("memberships").set({ role }).where("user_id", "=", user.id).execute();
  return { ...visitor(app, token), user, org };
}

/** What the navigation of an organisation offers on this page. */
export const navOf = (html: string): string[] =>
  [...(/<nav [^>]*class="admin-nav"[\s\S]*?<\/nav>/.exec(html)?.[0].matchAll(/href="([^"]+)"/g) ?? [])].map(
    ([, href]) => href!,
  );
