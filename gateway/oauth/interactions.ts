import type { FastifyReply, FastifyRequest } from "fastify";
import type { Interaction, InteractionResult, Provider } from "oidc-provider";
import { activeConnection } from "../database/connections.ts";
import { insertGrant } from "../database/grants.ts";
import { newId } from "../database/ids.ts";
import type { GrantRow } from "../database/schema.ts";
import { eventOf } from "./grants.ts";
import {
  describe,
  detailsOf,
  type Holder,
  InteractionGone,
  InteractionRefused,
  type Pending,
  signInAfter,
} from "./pending.ts";
import { GRANT_MS } from "./provider.ts";
import { SIGN_IN_SCOPES } from "./scopes.ts";

export {
  InteractionGone,
  InteractionRefused,
  type Pending,
  pendingInteraction,
  type RequestedScope,
} from "./pending.ts";

/** @param signedInAt when the browser session began, in ms. @returns where to send the browser, as do the others below */
export async function finishLogin(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId, signedInAt }: { userId: string; signedInAt: number },
): Promise<string> {
  const details = await expecting("login", app, request, reply);
  const after = signInAfter(details, app.oauth.now());
  if (after !== undefined && signedInAt < after)
    throw new InteractionRefused("The application wants you to sign in again.");
  const login = { accountId: userId, ts: Math.floor(signedInAt / 1000), remember: false };
  return await answer(app, request, reply, { login });
}

export async function finishConnect(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId }: { userId: string },
): Promise<string> {
  const details = await expecting("connect", app, request, reply);
  const { connection, pending } = await connectionFor(app, details, userId);
  if (connection.status !== "active")
    throw new InteractionRefused(`${pending.resource.title} refuses these credentials.`);
  return await answer(app, request, reply, { connect: { done: true } });
}

/** Binds a new grant to person, organisation, client, resource and connection; what was not ticked is refused in it. */
export async function finishConsent(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId, scopes, connectionId }: { userId: string; scopes: readonly string[]; connectionId?: string },
): Promise<string> {
  const details = await expecting("consent", app, request, reply);
  // The form was sent twice: the first one counts.
  if (details.result?.consent?.grantId) return details.returnTo;
  const { org, connection, pending } = await connectionFor(app, details, userId, connectionId);
  const asked = pending.scopes.map(({ scope, optional }) => ({ scope, given: !optional || scopes.includes(scope) }));
  const given = asked.filter((each) => each.given).map(({ scope }) => scope);
  const refused = asked.filter((each) => !each.given).map(({ scope }) => scope);
  const now = app.oauth.now();
  const row: GrantRow = {
    id: newId("grt"),
    org_id: org,
    user_id: userId,
    client_id: pending.client.id,
    client_name: pending.client.name,
    resource: pending.resource.url,
    vendor: pending.resource.vendor,
    connection_id: connection.id,
    scopes: given.join(" "),
    created_at: now,
    expires_at: now + GRANT_MS,
    last_used_at: null,
    revoked_at: null,
  };
  await app.oauth.audit.atomically(async (trx, record) => {
    await insertGrant(trx, row);
    const actor = { id: userId, type: "user" } as const;
    await record({ ...eventOf(row), type: "consent.grant", status: "success", actor, detail: { given, refused } });
  });
  await saveGrant(app.provider, row, refused, details);
  return await answer(app, request, reply, { consent: { grantId: row.id } });
}

async function saveGrant(provider: Provider, row: GrantRow, refused: readonly string[], { params }: Interaction) {
  const grant = new provider.Grant({ accountId: row.user_id, clientId: row.client_id });
  grant.jti = row.id;
  grant.addResourceScope(row.resource, row.scopes);
  if (refused.length > 0) grant.rejectResourceScope(row.resource, refused.join(" "));
  const signIn = String(params.scope).split(" ").filter((scope) => SIGN_IN_SCOPES.includes(scope)); // biome-ignore format: one thought
  if (signIn.length > 0) grant.addOIDCScope(signIn.join(" "));
  await grant.save();
}

/** "Not you?": the caller has ended the browser session; the login prompt comes again. */
export async function switchAccount(app: Holder, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  await detailsOf(app, request, reply);
  return await answer(app, request, reply, {}, { mergeWithLastSubmission: false });
}

/** Back to the application, with `access_denied`. */
export async function abortInteraction(app: Holder, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const details = await detailsOf(app, request, reply);
  const { userId, orgId, client, resource } = await describe(app, details);
  if (userId && orgId) {
    const actor = { id: userId, type: "user" } as const;
    const event = { org: orgId, client: client.id, vendor: resource.vendor, rule: "refused-by-person", actor };
    await app.oauth.audit.record({ ...event, type: "consent.refuse", status: "denied" });
  }
  const error_description = "The person did not give access.";
  return await answer(app, request, reply, { error: "access_denied", error_description });
}

async function expecting(prompt: Pending["prompt"], app: Holder, request: FastifyRequest, reply: FastifyReply) {
  const details = await detailsOf(app, request, reply);
  if (details.prompt.name !== prompt) throw new InteractionGone();
  return details;
}

/** @throws InteractionRefused when somebody else goes on than began, or nothing is connected */
async function connectionFor(app: Holder, details: Interaction, userId: string, id?: string) {
  const pending = await describe(app, details);
  if (!pending.orgId || pending.userId !== userId)
    throw new InteractionRefused(
      "Somebody else signed in for this application. Sign in as that person, or start again.",
    );
  const { orgId: org, resource } = pending;
  const connection = await activeConnection(app.oauth.db, { org, user: userId, vendor: resource.vendor, id });
  if (!connection) throw new InteractionRefused(`${resource.title} is not connected yet.`);
  return { org, connection, pending };
}

async function answer(
  { provider }: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResult,
  options?: { mergeWithLastSubmission: boolean },
): Promise<string> {
  return await provider.interactionResult(request.raw, reply.raw, result, options);
}
