import { type Context, interactionPolicy } from "oidc-provider";
import { workingConnections } from "../database/connections.ts";
import { orgFor } from "./people.ts";
import { ALL_VENDORS } from "./resources.ts";
import type { AuthorizationServer } from "./server.ts";

const { base, Check, Prompt } = interactionPolicy;

/**
 * login → context → connect → consent. Every authorization passes the login prompt once, because the person's session is ours
 * and oidc-provider's only follows it; whoever is signed in already passes without seeing a page.
 * `context` is for people with several organisations; whatever comes after it is about the one they chose.
 */
export function prompts({ db, resources }: Pick<AuthorizationServer, "db" | "resources">) {
  const policy = base();
  policy
    .get("login")
    .checks.add(
      new Check("own_session", "the person has to sign in here", "login_required", ({ oidc }) => !oidc.result?.login),
      0,
    );
  policy.add(
    new Prompt(
      { name: "context" },
      new Check("no_context", "the person has to choose an organisation", "interaction_required", hasNoContext),
    ),
    1,
  );
  policy.add(
    new Prompt(
      { name: "connect" },
      new Check("not_connected", "credentials for this vendor are needed", "interaction_required", isNotConnected),
    ),
    2,
  );
  return policy;

  async function hasNoContext({ oidc }: Context): Promise<boolean> {
    const user = oidc.account?.accountId;
    return !user || !(await orgFor(db, user, oidc.result?.context));
  }

  async function isNotConnected({ oidc }: Context): Promise<boolean> {
    const resource = resources.byUrl(String(oidc.params.resource));
    const user = oidc.account?.accountId;
    if (!resource || !user) return true;
    const org = await orgFor(db, user, oidc.result?.context);
    // In error means that the vendor refuses the keys: consenting to use them would lead nowhere.
    const working = org ? await workingConnections(db, { org: org.id, user }) : [];
    return !working.some(({ vendor }) => resource.vendor === ALL_VENDORS || vendor === resource.vendor);
  }
}
