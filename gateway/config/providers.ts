import { createHash } from "node:crypto";
import { z } from "zod";
import { Secret } from "../../runtime/index.ts";
import { isLoopback } from "./values.ts";

/** An OpenID provider where people may sign in: Entra ID, Keycloak, Google or any other. */
export interface OidcProvider {
  /** Made of the issuer, for forms. */
  readonly id: string;
  /** As URLs are written, so that a slash more or less is no other issuer; accounts are linked by it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: Secret;
  /** What people call it: the button says "Sign in with …". */
  readonly name: string;
  /** Domains of the e-mail addresses that may sign in; empty for all that the provider lets in. */
  readonly domains: readonly string[];
  /** Where people join who have no account here yet; absent when nobody does. */
  readonly join?: { readonly org: string; readonly role: JoinRole };
}

/** Nobody becomes an owner by signing in. */
const JOIN_ROLES = ["admin", "operator", "approver", "auditor", "member"] as const;
export type JoinRole = (typeof JOIN_ROLES)[number];

type Context = z.core.$RefinementCtx;

/** https, or http on this device: what a provider says must come from the provider. */
export function issuer(text: string, context: Context): string {
  const url = URL.parse(text);
  const safe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (safe && !url.search && !url.hash && !url.username && !url.password) return text;
  context.addIssue({ code: "custom", message: "must be an https address without a query, such as https://id.example.com" }); // biome-ignore format: one thought
  return z.NEVER;
}

export function domains(text: string, context: Context): readonly string[] {
  const list = text.split(",").map((part) => part.trim().toLowerCase()).filter(Boolean); // biome-ignore format: one thought
  if (list.every((entry) => /^([a-z0-9-]+\.)+[a-z0-9-]+$/.test(entry))) return list;
  context.addIssue({ code: "custom", message: "must list domains, such as example.com,example.org" });
  return z.NEVER;
}

export const joinRole = z.enum(["off", ...JOIN_ROLES], `must be off or one of ${JOIN_ROLES.join(", ")}`);
export const orgId = z.string().regex(/^org_[\w-]+$/, "must be the id of an organisation, org_…");
export const providerName = z.string().trim().min(1).max(40, "must be at most 40 characters");

const Listed = z.array(
  z.strictObject({
    issuer: z.string().transform(issuer),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).optional(),
    name: providerName,
    domains: z.array(z.string()).default([]).transform((list, context) => domains(list.join(","), context)), // biome-ignore format: one thought
    join: joinRole.default("off"),
    org: orgId.optional(),
  }),
);

/** The JSON form, for more than one. */
export function providerList(text: string, context: Context): readonly OidcProvider[] {
  const parsed = Listed.safeParse(jsonOf(text));
  const together = parsed.success && parsed.data.every(({ join, org }) => join === "off" || org);
  if (together) return parsed.data.map(providerOf);
  const where = parsed.success ? "" : ` (${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")})`;
  context.addIssue({
    code: "custom",
    message: `must be a JSON list of providers, each with issuer, clientId and name, and with org where it has join${where}`,
  });
  return z.NEVER;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Given {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly name: string;
  readonly domains: readonly string[];
  readonly join: "off" | JoinRole;
  readonly org?: string | undefined;
}

function providerOf({ issuer: given, clientId, clientSecret, name, domains, join, org }: Given): OidcProvider {
  const issuer = new URL(given).href;
  return {
    id: createHash("sha256").update(issuer).digest("base64url").slice(0, 8),
    issuer,
    clientId,
    ...(clientSecret && { clientSecret: new Secret(clientSecret) }),
    name,
    domains,
    ...(join !== "off" && org && { join: { org, role: join } }),
  };
}

interface Single {
  readonly OIDC_PROVIDERS?: readonly OidcProvider[] | undefined;
  readonly OIDC_ISSUER?: string | undefined;
  readonly OIDC_CLIENT_ID?: string | undefined;
  readonly OIDC_CLIENT_SECRET?: string | undefined;
  readonly OIDC_NAME: string;
  readonly OIDC_DOMAINS?: readonly string[] | undefined;
  readonly OIDC_JOIN: "off" | JoinRole;
  readonly OIDC_ORG?: string | undefined;
  readonly KEYCLOAK_URL?: string | undefined;
  readonly KEYCLOAK_REALM?: string | undefined;
}

/** The one that single variables describe first, then those of the list. */
export function providersOf(values: Single): readonly OidcProvider[] {
  const issuer = values.OIDC_ISSUER ?? realmOf(values);
  const { OIDC_CLIENT_ID: clientId, OIDC_PROVIDERS: more = [] } = values;
  if (!issuer || !clientId) return more;
  const { OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name, OIDC_DOMAINS: domains = [] } = values;
  const { OIDC_JOIN: join, OIDC_ORG: org } = values;
  return [providerOf({ issuer, clientId, clientSecret, name, domains, join, org }), ...more];
}

const realmOf = ({ KEYCLOAK_URL: url, KEYCLOAK_REALM: realm }: Single) =>
  url && realm ? `${url.replace(/\/+$/, "")}/realms/${encodeURIComponent(realm)}` : undefined;

/** What is wrong only in the company of other variables. */
export function providerDisagreements(values: Partial<Single>, { production }: { production: boolean }): string[] {
  const found: string[] = [];
  const { OIDC_ISSUER: issuer, KEYCLOAK_URL: url, KEYCLOAK_REALM: realm, OIDC_JOIN: join = "off" } = values;
  if (issuer && (url || realm)) found.push("OIDC_ISSUER: set it or KEYCLOAK_URL and KEYCLOAK_REALM, not both");
  if (Boolean(url) !== Boolean(realm)) found.push("KEYCLOAK_URL: needs KEYCLOAK_REALM, and the reverse");
  const isDescribed = Boolean(issuer || url);
  if (isDescribed && !values.OIDC_CLIENT_ID) found.push("OIDC_CLIENT_ID: the provider needs it");
  if (!isDescribed && values.OIDC_CLIENT_ID) found.push("OIDC_ISSUER: OIDC_CLIENT_ID is set without it");
  if (join !== "off" && !values.OIDC_ORG) found.push("OIDC_ORG: OIDC_JOIN needs the organisation that people join");
  const all = providersOf({ OIDC_NAME: "", OIDC_JOIN: "off", ...values });
  if (new Set(all.map(({ issuer }) => issuer)).size < all.length)
    found.push("OIDC_PROVIDERS: names one issuer twice, or that of OIDC_ISSUER again");
  if (production && all.some(({ issuer }) => !issuer.startsWith("https:")))
    found.push("OIDC_ISSUER: production needs an https address");
  return found;
}
