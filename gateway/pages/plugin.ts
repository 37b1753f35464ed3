import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import type { FastifyError, FastifyInstance } from "fastify";
import { narrowScope } from "../database/scope.ts";
import { InteractionGone, InteractionRefused } from "../oauth/interactions.ts";
import { VaultError } from "../vault/errors.ts";
import { adminPages } from "./admin/plugin.ts";
import { countWaiting } from "./approvals/waiting.ts";
import assets from "./assets.ts";
import connect from "./connect.ts";
import { errorPage } from "./error-page.ts";
import { refuseForeignPosts } from "./guard.ts";
import home from "./home.ts";
import { interactionRoutes } from "./interaction.ts";
import { takeNotice } from "./notice.ts";
import { organisationPages } from "./organisation-pages.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { readSession } from "./session.ts";
import settings from "./settings.ts";
import tokens from "./settings-tokens.ts";
import vendors from "./settings-vendors.ts";
import setup from "./setup.ts";
import { signInPages } from "./sign-in-pages.ts";
import vendorSignIn from "./vendor-sign-in.ts";

/** The pages of an authorize request, in a scope of their own because their headers differ. */
export async function interactionPages(scope: FastifyInstance): Promise<void> {
  await preparePages(scope);
  await scope.register(interactionRoutes);
}

/** All other pages. */
export async function pages(app: FastifyInstance): Promise<void> {
  app.setErrorPage((answer) => errorPage(app.look, answer));
  await app.register(assets);
  await app.register(async (scope) => {
    await preparePages(scope);
    await scope.register(home);
    await scope.register(setup);
    // These are about a person, who may be a member of several organisations, or come into one.
    await scope.register(organisationPages);
    await signInPages(scope);
    await scope.register(connect);
    await scope.register(vendorSignIn);
    await scope.register(ofOneOrganisation);
  });
}

/** Where the organisation is the one of the session, nothing of another is reached. */
async function ofOneOrganisation(scope: FastifyInstance): Promise<void> {
  scope.addHook("onRequest", async ({ signedIn }) => {
    if (signedIn) narrowScope(signedIn.session.orgId);
  });
  await scope.register(settings);
  await scope.register(vendors);
  await scope.register(tokens);
  await adminPages(scope);
}

/** What every page shares: forms, cookies, who is signed in, and that nothing is kept or posted from elsewhere. */
async function preparePages(scope: FastifyInstance): Promise<void> {
  await scope.register(cookie, { secret: [...scope.keys.cookies] });
  scope.removeAllContentTypeParsers(); // forms alone: JSON and text would reach them as values that no form has
  await scope.register(formbody, { bodyLimit: 65_536 });
  scope.addHook("onRequest", refuseForeignPosts(scope));
  scope.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    takeNotice(request, reply);
    await readSession(scope, request);
    await countWaiting(scope, request);
  });
  scope.setErrorHandler<FastifyError>((error, _request, reply) => {
    const problem = problemOf(error);
    if (!problem) throw error; // the gateway's own handler has a page for it
    const { statusCode: status, heading, message } = problem;
    return page(reply, "message", { heading, text: message }, { title: heading, narrow: true, status });
  });
}

function problemOf(error: Error): PageProblem | undefined {
  if (error instanceof PageProblem) return error;
  if (error instanceof InteractionGone) return new PageProblem(error.status, "This sign-in is over", error.message);
  if (error instanceof InteractionRefused) return new PageProblem(error.status, "This cannot go on", error.message);
  if (error instanceof VaultError && error.code === "OTHER_REGION")
    return new PageProblem(409, "Another gateway serves this organisation", error.message);
  return undefined;
}
