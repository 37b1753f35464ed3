import type { FastifyReply, FastifyRequest } from "fastify";
import type { Interaction, InteractionResult, Provider } from "oidc-provider";
import { workingConnections } from "../database/connections.ts";
import { bindConnections, insertGrant } from "../database/grants.ts";
import { newId } from "../database/ids.ts";
import { lockOrg, roleOf } from "../database/members.ts";
import type { GrantConnectionRow, GrantRow } from "../database/schema.ts";
import { inSystemScope } from "../database/scope.ts";
import type { Role } from "../policy/roles.ts";
import { eventOf } from "./grants.ts";
import { GRANT_MS } from "./lifetimes.ts";
import {
  describe,
  detailsOf,
  type Holder,
  InteractionGone,
  InteractionRefused,
  type Pending,
  signInAfter,
} from "./pending.ts";
import { type ChosenOrg, orgFor, usesTools } from "./people.ts";
import { ALL_VENDORS, vendorOfScope } from "./resources.ts";
import { SIGN_IN_SCOPES } from "./sign-in-scopes.ts";

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
  return await answer(app, request, reply, { login, ...since(details) });
}

/** Fixes the organisation of all that follows. @throws InteractionRefused for one where they may not use tools */
export async function finishContext(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId, orgId }: ChosenOrg,
): Promise<string> {
  const details = await expecting("context", app, request, reply);
  if (details.session?.accountId !== userId) throw somebodyElse();
  const org = await orgFor(app.oauth.db, userId, { userId, orgId });
  if (!org) throw new InteractionRefused("You are not a member of this organisation.");
  if (!(await usesTools(app.oauth.policies, org))) throw noTools(org);
  return await answer(app, request, reply, { context: { userId, orgId }, ...since(details) });
}

export async function finishConnect(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId }: { userId: string },
): Promise<string> {
  const details = await expecting("connect", app, request, reply);
  await connectionsFor(app, details, userId);
  return await answer(app, request, reply, { connect: { done: true }, ...since(details) });
}

/**
 * Binds a new grant to person, organisation, client, resource and one connection of each vendor; what was not ticked is
 * refused in it.
 * @param connections the account to use, by vendor; without it the newest that works
 */
export async function finishConsent(
  app: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  given: { userId: string; scopes: readonly string[]; connections?: Readonly<Record<string, string>> },
): Promise<string> {
  const details = await expecting("consent", app, request, reply);
  // The form was sent twice: the first one counts.
  if (details.result?.consent?.grantId) return details.returnTo;
  const { org, bound, pending } = await connectionsFor(app, details, given.userId, given.connections);
  const { allowed, refused } = decided(pending, given.scopes, details.params.scope);
  const { vendor } = pending.resource;
  const now = app.oauth.now();
  const row: GrantRow = {
    id: newId("grt"),
    org_id: org,
    user_id: given.userId,
    client_id: pending.client.id,
    client_name: pending.client.name,
    resource: pending.resource.url,
    vendor,
    connection_id: bound.get(vendor) ?? null,
    scopes: allowed.join(" "),
    created_at: now,
    expires_at: now + GRANT_MS,
    last_used_at: null,
    revoked_at: null,
  };
  await app.oauth.audit.atomically(async (trx, record) => {
    // Whoever is removed at this moment must leave nothing behind that works again should they come back.
    if (!(await lockOrg(trx, org)) || !(await roleOf(trx, { org, user: given.userId })))
      throw new InteractionRefused("You are not a member of this organisation any more.");
    await insertGrant(trx, row);
    if (vendor === ALL_VENDORS) await bindConnections(trx, bindings(row, bound));
    const actor = { id: given.userId, type: "user" } as const;
    const detail = { given: allowed, refused, sinceMs: Math.max(0, now - since(details).began) };
    await record({ ...eventOf(row), type: "consent.grant", status: "success", actor, detail });
  });
  const provider = await app.provider();
  await inSystemScope(() => saveGrant(provider, row, refused, details));
  return await answer(app, request, reply, { consent: { grantId: row.id } });
}

/** Reading goes with whatever else of a vendor was ticked; what was asked and not given is refused by name, or asked again. */
function decided({ scopes, resource }: Pending, ticked: readonly string[], asked: unknown) {
  const chosen = scopes.filter(({ scope, optional }) => !optional || ticked.includes(scope));
  const readable = new Set(chosen.filter(({ access }) => access === "read").map(({ vendor }) => vendor));
  const allowed = chosen.filter(({ vendor }) => readable.has(vendor)).map(({ scope }) => scope);
  if (allowed.length === 0) throw new InteractionRefused("Nothing was allowed. Tick at least one vendor, or refuse.");
  const names = String(asked).split(" ");
  return {
    allowed,
    refused: resource.scopes.filter((scope) => names.includes(scope) && !allowed.includes(scope)),
  };
}

const bindings = (grant: GrantRow, bound: ReadonlyMap<string, string>): GrantConnectionRow[] => {
  const vendors = new Set(grant.scopes.split(" ").map(vendorOfScope));
  return [...bound]
    .filter(([vendor]) => vendors.has(vendor))
    .map(([vendor, connection_id]) => ({ grant_id: grant.id, org_id: grant.org_id, vendor, connection_id }));
};

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
  const details = await detailsOf(app, request, reply);
  return await answer(app, request, reply, since(details), { mergeWithLastSubmission: false });
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
async function connectionsFor(
  app: Holder,
  details: Interaction,
  userId: string,
  chosen: Readonly<Record<string, string>> = {},
) {
  const pending = await describe(app, details);
  if (!pending.orgId || pending.userId !== userId) throw somebodyElse();
  const { orgId: org, resource } = pending;
  if (!pending.usesTools) throw noTools({ name: pending.orgName ?? "", role: pending.role! });
  const working = await workingConnections(app.oauth.db, { org, user: userId });
  const usable = working.filter(({ vendor }) => resource.vendor === ALL_VENDORS || vendor === resource.vendor);
  if (usable.length === 0) throw new InteractionRefused(`${resource.title} is not connected yet.`);
  const bound = new Map<string, string>();
  for (const { vendor, id } of usable.toReversed()) bound.set(vendor, id); // their own newest wins
  for (const [vendor, id] of Object.entries(chosen)) {
    if (!usable.some((one) => one.vendor === vendor && one.id === id))
      throw new InteractionRefused(`${resource.title}: the chosen account is not connected, or does not work.`);
    bound.set(vendor, id);
  }
  return { org, bound, pending };
}

const somebodyElse = () =>
  new InteractionRefused("Somebody else signed in for this application. Sign in as that person, or start again.");

const noTools = ({ name, role }: { name: string; role: Role }) =>
  new InteractionRefused(`Your role in ${name} is ${role}, which does not use tools: an app could do nothing there.`);

/** When the application's request first came here; each step hands it to the next. */
const since = ({ lastSubmission, iat }: Interaction) => ({ began: lastSubmission?.began ?? iat * 1000 });

async function answer(
  { provider }: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResult,
  options?: { mergeWithLastSubmission: boolean },
): Promise<string> {
  const library = await provider();
  return await inSystemScope(() => library.interactionResult(request.raw, reply.raw, result, options));
}
