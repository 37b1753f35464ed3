import type { FastifyReply, FastifyRequest } from "fastify";
import { errors, type Interaction, type InteractionResult, type Provider } from "oidc-provider";
import { activeConnection } from "../database/connections.ts";
import { insertGrant } from "../database/grants.ts";
import { newId } from "../database/ids.ts";
import type { GrantRow } from "../database/schema.ts";
import { isLoopback } from "./client-policy.ts";
import { eventOf, hostOf } from "./grants.ts";
import { explain } from "./pages.ts";
import { orgOf } from "./people.ts";
import { GRANT_MS } from "./provider.ts";
import type { Resource } from "./resources.ts";
import { SIGN_IN_SCOPES } from "./scopes.ts";
import type { AuthorizationServer } from "./server.ts";

/** What a page needs to know about the authorization it is part of. Plain data; texts of the client are plain text. */
export interface Pending {
  readonly uid: string;
  readonly prompt: "login" | "connect" | "consent";
  readonly client: {
    readonly id: string;
    readonly name: string;
    readonly kind: "cimd" | "dcr" | "service";
    /** Host of the document in which the client describes itself; without one it is "an unregistered app". */
    readonly host?: string;
  };
  readonly redirect: {
    /** Where the browser goes in the end: a host, or `scheme:` for an application on this device. */
    readonly host: string;
    /** Every address the client has registered is on this device: any program here could be asking. */
    readonly loopback: boolean;
    readonly privateScheme: boolean;
  };
  readonly resource: Resource;
  readonly scopes: readonly RequestedScope[];
  /** Who signed in for this authorization, from `connect` on. Nobody else may go on with it. */
  readonly userId?: string;
  readonly orgId?: string;
  readonly orgName?: string;
  readonly writesEnabled?: boolean;
  /** Login only: a session that began before this time (ms) does not do, the password is needed. */
  readonly signInAfter?: number;
  readonly loginHint?: string;
}

export interface RequestedScope {
  readonly scope: string;
  readonly access: "read" | "write" | "reveal";
  readonly words: string;
  /** May be left out by the person. */
  readonly optional: boolean;
  readonly ticked: boolean;
}

/** The authorization is over, was never there, or belongs to another browser. */
export class InteractionGone extends Error {
  override readonly name = "InteractionGone";
  readonly status = 400;
  readonly code = "session_not_found";
  constructor(options?: ErrorOptions) {
    super(explain("session_not_found").text, options);
  }
}

/** The step cannot be finished like this; the message is for the person. */
export class InteractionRefused extends Error {
  override readonly name = "InteractionRefused";
  readonly status = 403;
}

export interface Holder {
  readonly provider: Provider;
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "audit" | "resources">;
}

/** @throws InteractionGone */
export async function pendingInteraction(app: Holder, request: FastifyRequest, reply: FastifyReply): Promise<Pending> {
  return await describe(app, await detailsOf(app, request, reply));
}

async function detailsOf({ provider }: Holder, request: FastifyRequest, reply: FastifyReply): Promise<Interaction> {
  try {
    const details = await provider.interactionDetails(request.raw, reply.raw);
    if ((request.params as { uid?: string }).uid === details.uid) return details;
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause;
  }
  throw new InteractionGone();
}

async function describe({ provider, oauth }: Holder, details: Interaction): Promise<Pending> {
  const { params, uid } = details;
  const client = await provider.Client.find(String(params.client_id));
  const resource = oauth.resources.byUrl(String(params.resource));
  if (!client || !resource) throw new InteractionGone();
  const redirect = URL.parse(String(params.redirect_uri));
  const web = redirect?.protocol === "https:" || redirect?.protocol === "http:";
  const userId = details.session?.accountId;
  const org = userId ? await orgOf(oauth.db, userId) : undefined;
  const prompt = details.prompt.name as Pending["prompt"];
  return {
    uid,
    prompt,
    client: {
      id: client.clientId,
      name: client.clientName ?? client.clientId,
      kind: (client.gateway_kind ?? "dcr") as Pending["client"]["kind"],
      host: hostOf(client.clientId),
    },
    redirect: {
      host: (web ? redirect?.hostname : redirect?.protocol) ?? "",
      loopback: client.redirectUris.every(isLoopback),
      privateScheme: !web,
    },
    resource,
    scopes: requestedScopes(resource, params.scope),
    ...(prompt !== "login" && {
      userId,
      orgId: org?.id,
      orgName: org?.name,
      writesEnabled: org?.writes_enabled === 1,
    }),
    signInAfter: prompt === "login" ? signInAfter(details, oauth.now()) : undefined,
    loginHint: typeof params.login_hint === "string" ? params.login_hint : undefined,
  };
}

function requestedScopes(resource: Resource, asked: unknown): RequestedScope[] {
  const names = typeof asked === "string" ? asked.split(" ") : [];
  return resource.scopes
    .filter((scope) => names.includes(scope))
    .map((scope) => {
      const access = scope.split(":").at(-1) as RequestedScope["access"];
      return {
        scope,
        access,
        words: WORDS[access](resource.title),
        optional: access !== "read",
        ticked: access !== "reveal",
      };
    });
}

const WORDS: Record<RequestedScope["access"], (title: string) => string> = {
  read: (title) => `See what you can see in ${title}`,
  write: (title) => `Change things in ${title}, within what your organisation allows`,
  reveal: (title) => `Show secrets such as passwords from ${title}`,
};

/**
 * The client may want the password now (`prompt=login`) or recently (`max_age`). Being asked twice in one authorization
 * means that the first answer did not do, so the session that gave it does not either.
 */
function signInAfter({ params, iat, lastSubmission }: Interaction, now: number): number | undefined {
  const wantsNow = String(params.prompt ?? "").split(" ").includes("login"); // biome-ignore format: one thought
  if (wantsNow || lastSubmission?.login) return iat * 1000;
  return params.max_age === undefined ? undefined : now - Number(params.max_age) * 1000;
}

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
  await connectionFor(app, details, userId);
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
    connection_id: connection,
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
  return { org, connection: connection.id, pending };
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
