import type { FastifyInstance } from "fastify";
import { hasSecondFactor } from "../identity/factors/second-step.ts";
import { policyOf } from "../identity/policies.ts";
import type { SignedIn } from "../identity/sessions.ts";

/** Whether the organisation demands a second factor that the signed-in person does not have. */
export async function owesSecondFactor(
  { db }: Pick<FastifyInstance, "db">,
  { user, session }: SignedIn,
  org: string = session.orgId,
): Promise<boolean> {
  const { document } = await policyOf(db, org);
  // A provider that asked for two proofs has done it for us.
  return document.secondFactor && !session.methods.includes("mfa") && !(await hasSecondFactor(db, user.id));
}

/** Within an app's request: what to do before it can go on. */
export const demandView = (uid: string) => ({
  heading: "Your organisation asks for a second factor",
  text: "A password alone is not enough there. Set up a passkey or an authenticator app, then come back to this page and continue.",
  actions: [
    { href: "/settings/security", label: "Set up a second factor", primary: true },
    { href: `/interaction/${uid}`, label: "Continue" },
  ],
  post: { action: `/interaction/${uid}/abort`, label: "Cancel and go back to the app" },
});
