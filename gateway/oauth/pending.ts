import type { FastifyReply, FastifyRequest } from "fastify";
import type { Interaction } from "oidc-provider";
import { type Owner, workingConnections } from "../database/connections.ts";
import { inSystemScope } from "../database/scope.ts";
import type { Role } from "../policy/roles.ts";
import { hostOf } from "./grants.ts";
import { explain } from "./pages.ts";
import { orgFor, usesTools } from "./people.ts";
import { isLoopback } from "./redirects.ts";
import { ALL_VENDORS, type Resource, type Resources, vendorOfScope } from "./resources.ts";
import type { AuthorizationServer, LazyProvider } from "./server.ts";

/** What a page needs to know about the authorization it is part of. Plain data; texts of the client are plain text. */
export interface Pending {
  readonly uid: string;
  readonly prompt: "login" | "context" | "connect" | "consent";
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
  /** Who signed in for this authorization, from `context` on. Nobody else may go on with it. */
  readonly userId?: string;
  /** The organisation it is for, from `connect` on. */
  readonly orgId?: string;
  readonly orgName?: string;
  readonly role?: Role;
  /** False where the person's role in that organisation is not to work with tools: nothing could come of it. */
  readonly usesTools?: boolean;
  readonly writesEnabled?: boolean;
  /** Login only: a session that began before this time (ms) does not do, the password is needed. */
  readonly signInAfter?: number;
  readonly loginHint?: string;
}

export interface RequestedScope {
  readonly scope: string;
  readonly vendor: string;
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
  readonly provider: LazyProvider;
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "audit" | "resources" | "policies">;
}

/** @throws InteractionGone */
export async function pendingInteraction(app: Holder, request: FastifyRequest, reply: FastifyReply): Promise<Pending> {
  return await describe(app, await detailsOf(app, request, reply));
}

export async function detailsOf(
  { provider }: Holder,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Interaction> {
  try {
    const library = await provider();
    // What the authorization server remembers of it is no organisation's until a grant is made.
    const details = await inSystemScope(() => library.interactionDetails(request.raw, reply.raw));
    if ((request.params as { uid?: string }).uid === details.uid) return details;
  } catch (cause) {
    const { errors } = await import("oidc-provider"); // which threw it
    if (!(cause instanceof errors.SessionNotFound)) throw cause;
  }
  throw new InteractionGone();
}

export async function describe({ provider, oauth }: Holder, details: Interaction): Promise<Pending> {
  const { params, uid } = details;
  const client = await (await provider()).Client.find(String(params.client_id));
  const resource = oauth.resources.byUrl(String(params.resource));
  if (!client || !resource) throw new InteractionGone();
  const redirect = URL.parse(String(params.redirect_uri));
  const web = redirect?.protocol === "https:" || redirect?.protocol === "http:";
  const userId = details.session?.accountId;
  const prompt = details.prompt.name as Pending["prompt"];
  const chosen = (details.result ?? details.lastSubmission)?.context;
  const org = userId ? await orgFor(oauth.db, userId, chosen) : undefined;
  const vendors = await vendorsFor(oauth, resource, userId && org ? { org: org.id, user: userId } : undefined);
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
    scopes: requestedScopes(oauth.resources, resource, params.scope, vendors),
    ...(prompt !== "login" && {
      userId,
      orgId: org?.id,
      orgName: org?.name,
      role: org?.role,
      usesTools: org && (await usesTools(oauth.policies, org)),
      writesEnabled: org && (await oauth.policies.of(org.id, org.policy_version)).document.switches.write,
    }),
    signInAfter: prompt === "login" ? signInAfter(details, oauth.now()) : undefined,
    loginHint: typeof params.login_hint === "string" ? params.login_hint : undefined,
  };
}

/** Where all vendors are asked for, only those that are connected can be given. */
async function vendorsFor({ db }: Holder["oauth"], { vendor }: Resource, owner: Owner | undefined) {
  if (vendor !== ALL_VENDORS) return new Set([vendor]);
  return new Set(owner && (await workingConnections(db, owner)).map((connection) => connection.vendor));
}

function requestedScopes(
  resources: Resources,
  resource: Resource,
  asked: unknown,
  vendors: ReadonlySet<string>,
): RequestedScope[] {
  const names = typeof asked === "string" ? asked.split(" ") : [];
  return resource.scopes
    .filter((scope) => names.includes(scope) && vendors.has(vendorOfScope(scope)))
    .map((scope) => {
      const access = scope.split(":").at(-1) as RequestedScope["access"];
      const vendor = vendorOfScope(scope);
      return {
        scope,
        vendor,
        access,
        words: WORDS[access](resources.canonical(vendor)?.title ?? vendor),
        // Of one vendor, reading is what the page is about; of several, each may be left out whole.
        optional: access !== "read" || resource.vendor === ALL_VENDORS,
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
export function signInAfter({ params, iat, lastSubmission }: Interaction, now: number): number | undefined {
  const wantsNow = String(params.prompt ?? "").split(" ").includes("login"); // biome-ignore format: one thought
  if (wantsNow || lastSubmission?.login) return iat * 1000;
  return params.max_age === undefined ? undefined : now - Number(params.max_age) * 1000;
}
