import type { Context } from "oidc-provider";
import { endSession } from "../identity/sessions.ts";
import { ROUTES } from "./routes.ts";
import type { AuthorizationServer } from "./server.ts";

/**
 * Makes the library's sign-out page mean what it says. Its session only follows ours, so ours ends too; whoever stays
 * goes home instead of reading "signed out". The same route serves a change of account, which leads elsewhere.
 */
export async function finishSignOut({ db, config }: AuthorizationServer, context: Context): Promise<void> {
  const done = `${config.publicUrl}${ROUTES.end_session}/success`;
  if (context.path !== `${ROUTES.end_session}/confirm` || !context.response.get("location").startsWith(done)) return;
  if (!context.oidc.params.logout) return context.redirect(config.publicUrl);
  // Whatever the session's cookie is called: its value is the bearer, and no other cookie's hash is a session's.
  for (const value of cookieValues(context.req.headers.cookie)) await endSession(db, value);
}

const cookieValues = (header = "") => header.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
