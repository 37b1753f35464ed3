import type { FastifyInstance, FastifyRequest } from "fastify";
import { ToolError, type Vendor } from "../../runtime/index.ts";
import { type Connection, saveConnection } from "../connections/connections.ts";
import { refusedHosts } from "../connections/hosts.ts";
import { beginSignIn } from "../connections/sign-in/begin.ts";
import { redirectUri } from "../connections/sign-in/oauth-client.ts";
import { verifyKeys } from "../connections/verify.ts";
import { rebindGrants } from "../oauth/grants.ts";
import { credentialFields, credentialValues, type Field, sentences } from "./fields.ts";
import { sessionToken } from "./session.ts";
import { initials } from "./words.ts";

/** Tries to connect a vendor in ten minutes: enough to find the right keys, too few to guess with us. */
const TRIES = { max: 20, windowMs: 10 * 60_000 };

export interface ConnectForm {
  readonly fields: Field[];
  readonly problem?: string;
  readonly status: number;
}

export interface Connecting {
  readonly vendor: Vendor;
  readonly org: string;
  readonly user: string;
  readonly label?: string;
  readonly replaces?: Connection;
  /** It will be the organisation's rather than the person's. */
  readonly shared?: boolean;
  /** Where to go on when somebody comes back from the vendor's sign-in page: a path of ours. */
  readonly returnTo: string;
}

/** The form as it is first shown. Replacing starts with what was not secret. */
export const emptyConnectForm = ({ vendor, replaces }: Pick<Connecting, "vendor" | "replaces">): ConnectForm => ({
  fields: credentialFields(vendor, { values: replaces && JSON.parse(replaces.fields) }),
  status: 200,
});

/**
 * Tests what was typed with the vendor and stores it only when it works; otherwise says what to mend, and where. At some vendors
 * the person signs in first: `leave` is the address there.
 */
export async function tryToConnect(
  app: FastifyInstance,
  request: FastifyRequest,
  wanted: Connecting,
): Promise<{ connection: Connection } | { leave: string } | ConnectForm> {
  const { vendor, org, user, label, replaces, shared, returnTo } = wanted;
  const values = credentialValues(vendor, (request.body ?? {}) as Record<string, unknown>);
  const again = (status: number, problem: string, errors: Readonly<Record<string, string>> = {}): ConnectForm => ({
    status,
    problem,
    fields: credentialFields(vendor, { values, errors }),
  });

  const masked = maskedFields(vendor, values);
  if (Object.keys(masked).length > 0) return again(422, LOOK_AGAIN, masked);
  const parsed = vendor.credentials.parse(values);
  if (!parsed.ok) return again(422, LOOK_AGAIN, sentences(vendor, parsed.errors));
  const strange = refusedHosts(app, vendor, parsed.value as object); // every vendor's credentials are an object of its fields
  if (strange.length > 0)
    return again(422, LOOK_AGAIN, Object.fromEntries(strange.map((name) => [name, NOT_ADMITTED])));
  const { allowed, retryAfterSeconds } = await app.limit(`connect:${user}:${vendor.slug}`, { ...TRIES, durable: true });
  if (!allowed)
    return again(429, `Those were many tries. Wait ${Math.ceil(retryAfterSeconds / 60)} minutes, then try again.`);

  const signIn = vendor.signIn?.(parsed.value);
  if (signIn) {
    const session = sessionToken(app, request)!; // nobody connects without being signed in
    const leaving = { vendor, signIn, values, org, user, session, label, replaces, shared, returnTo };
    return { leave: await beginSignIn(app, leaving) };
  }
  const outcome = await verifyKeys(app, { vendor, org, credentials: parsed.value });
  if (!outcome.ok) {
    const { reason, code } = outcome;
    request.log.info({ vendor: vendor.slug, reason, code }, "keys not accepted");
    return again(reason === "busy" ? 429 : 422, `${outcome.text} Nothing was stored.`, outcome.fields);
  }
  const credentials = parsed.value as object;
  const connection = await saveConnection(app, { ...wanted, vendor: vendor.slug, credentials }).catch(
    replacedMeanwhile,
  );
  if (!connection) return again(409, "The keys of this connection were replaced or revoked a moment ago.");
  // New keys for one account say nothing about apps that were allowed another.
  if (!replaces && !shared) await rebindGrants(app.db, { org, user, vendor: vendor.slug, connection: connection.id });
  return { connection };
}

function replacedMeanwhile(error: unknown): undefined {
  if (!(error instanceof ToolError && error.code === "VENDOR_CONFLICT")) throw error;
}

const LOOK_AGAIN = "Some fields need another look. Nothing was stored.";
const NOT_ADMITTED = "The operator of this gateway does not admit this server.";

/** What vendors' pages show of a key once it is made, and what people then copy. */
function maskedFields({ credentials }: Vendor, values: Readonly<Record<string, string>>): Record<string, string> {
  const masked = credentials.fields.filter(({ name, secret }) => secret && /[•●…]/.test(values[name] ?? ""));
  return Object.fromEntries(
    masked.map(({ name }) => [name, "This is a masked or shortened copy: copy the whole key."]),
  );
}

export const connectVendor = (app: Pick<FastifyInstance, "config">, vendor: Vendor) => {
  const { slug, title, credentials } = vendor;
  const { help, rights } = credentials;
  const register = vendor.signIn && redirectUri(app, vendor);
  return { slug, title, initials: initials(title), help, rights, register };
};

export function connectIntro({ title, signIn }: Vendor, replaces?: Connection): string {
  if (signIn)
    return replaces
      ? `Check where “${replaces.label}” is, then sign in at ${title} again. Until that works, nothing changes.`
      : `Say where your ${title} is and which client to use there. Then you sign in at ${title} itself, and come back here.`;
  return replaces
    ? `Enter the new keys for “${replaces.label}”. They are tested first; until they work, the old ones stay.`
    : `Enter the keys you have for the API of ${title}. They are tested with one small request before they are stored.`;
}
