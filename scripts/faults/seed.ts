import type { FastifyInstance } from "fastify";
import { saveConnection } from "../../gateway/connections/connections.ts";
import type { VendorTokens } from "../../gateway/connections/sign-in/vendor-tokens.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { changePolicy } from "../../gateway/identity/policies.ts";
import { createSession } from "../../gateway/identity/sessions.ts";
import { addPerson, prepareWithoutPassword } from "../../gateway/identity/users.ts";
import { createPersonalToken } from "../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../gateway/oauth/resources.ts";
import type { PolicyDocument } from "../../gateway/policy/document.ts";
import { demoKeys, type VendorSlug } from "../../test/fakes/keys.ts";

/** Somebody with an organisation of their own, a browser that is signed in, connections, and a token for all of them. */
export interface Seeded {
  readonly user: string;
  readonly org: string;
  readonly email: string;
  readonly session: string;
  /** Ids of connections by vendor. */
  readonly connections: ReadonlyMap<string, string>;
  readonly token: string;
}

export interface Wanted {
  readonly name: string;
  readonly vendors: readonly VendorSlug[];
  readonly policy?: (document: PolicyDocument) => PolicyDocument;
  /** Of vendors where this person signed in: what they typed and what the vendor gave. */
  readonly signedIn?: Readonly<Record<string, { typed: Record<string, string>; tokens: VendorTokens }>>;
}

/** Through the house's own modules, without its pages: real seals, real tokens, real audit events. */
export async function seed(app: FastifyInstance, { name, vendors, policy, signedIn = {} }: Wanted): Promise<Seeded> {
  const email = `${name}@example.com`;
  const prepared = prepareWithoutPassword(app, { email, name });
  const { id: user } = await app.audit.atomically((trx, record) => addPerson(trx, record, prepared));
  const { id: org } = (await findPersonalOrg(app.db, user))!;
  if (policy) await changePolicy(app, { org, actor: user, type: "policy.seed", change: policy });
  const connections = new Map<string, string>();
  for (const slug of vendors) {
    const own = signedIn[slug];
    const parsed = app.vendors.get(slug)!.credentials.parse({ ...(own?.typed ?? demoKeys[slug]) });
    if (!parsed.ok) throw new Error(`The demo keys of ${slug} do not fit its fields.`);
    const credentials = parsed.value as object;
    const { id } = await saveConnection(app, { org, user, vendor: slug, credentials, ...(own && { tokens: own.tokens }) }); // biome-ignore format: one thought
    connections.set(slug, id);
  }
  const scopes = vendors.flatMap((slug) => [`${slug}:read`, `${slug}:write`]);
  const expiresAt = app.clock.now() + 86_400_000;
  const { token } = await createPersonalToken(app, { org, user, name, vendor: ALL_VENDORS, scopes, connections, expiresAt }); // biome-ignore format: one thought
  const { token: session } = await createSession(app.db, { userId: user, now: app.clock.now(), org });
  return { user, org, email, session, connections, token };
}

const on = { write: true, destroy: false, reveal: false };

/** Changes are switched on, and a person says yes to each. */
export const asked = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  switches: on,
  approvals: { ...document.approvals, standing: { maxHours: 8, maxUses: 10_000 } },
});

/** Changes are switched on, and nobody is asked. */
export const unasked = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  switches: on,
  approvals: { ...document.approvals, write: "none" },
});
