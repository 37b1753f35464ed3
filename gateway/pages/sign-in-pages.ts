import type { FastifyInstance } from "fastify";
import account from "./account.ts";
import accountSso from "./account-sso.ts";
import login from "./login.ts";
import loginAgain from "./login-again.ts";
import passkeySignIn from "./passkey-sign-in.ts";
import second from "./second.ts";
import security from "./security.ts";
import sso from "./sso.ts";

/** How people sign in, and what they set up for that. */
export async function signInPages(scope: FastifyInstance): Promise<void> {
  for (const pages of [login, loginAgain, second, passkeySignIn, sso]) await scope.register(pages);
  for (const pages of [account, accountSso, security]) await scope.register(pages);
}
