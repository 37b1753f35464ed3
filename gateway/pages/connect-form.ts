import type { FastifyInstance, FastifyRequest } from "fastify";
import { ToolError, type Vendor } from "../../runtime/index.ts";
import { type Connection, saveConnection } from "../connections/connections.ts";
import { verifyKeys } from "../connections/verify.ts";
import { rebindGrants } from "../oauth/grants.ts";
import { credentialFields, credentialValues, type Field, sentences } from "./fields.ts";
import { initials } from "./words.ts";

/** Tries to connect in ten minutes: enough to find the right keys, too few to guess with us. */
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
}

/** The form as it is first shown. Replacing starts with what was not secret. */
export const emptyConnectForm = ({ vendor, replaces }: Pick<Connecting, "vendor" | "replaces">): ConnectForm => ({
  fields: credentialFields(vendor, { values: replaces && JSON.parse(replaces.fields) }),
  status: 200,
});

/** Tests what was typed with the vendor and stores it only when it works; otherwise says what to mend, and where. */
export async function tryToConnect(
  app: FastifyInstance,
  request: FastifyRequest,
  wanted: Connecting,
): Promise<{ connection: Connection } | ConnectForm> {
  const { vendor, org, user } = wanted;
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
  const { allowed, retryAfterSeconds } = await app.limit(`connect:${user}`, { ...TRIES, durable: true });
  if (!allowed)
    return again(429, `Those were many tries. Wait ${Math.ceil(retryAfterSeconds / 60)} minutes, then try again.`);

  const outcome = await verifyKeys(app, vendor, parsed.value);
  if (!outcome.ok) {
    const { reason, code } = outcome;
    request.log.info({ vendor: vendor.slug, reason, code }, "keys not accepted");
    return again(reason === "busy" ? 429 : 422, `${outcome.text} Nothing was stored.`, outcome.fields);
  }
  const credentials = parsed.value as object; // every vendor's credentials are an object of its fields
  const connection = await saveConnection(app, { ...wanted, vendor: vendor.slug, credentials }).catch(
    replacedMeanwhile,
  );
  if (!connection) return again(409, "The keys of this connection were replaced or revoked a moment ago.");
  await rebindGrants(app.db, { org, user, vendor: vendor.slug, connection: connection.id });
  return { connection };
}

function replacedMeanwhile(error: unknown): undefined {
  if (!(error instanceof ToolError && error.code === "VENDOR_CONFLICT")) throw error;
}

const LOOK_AGAIN = "Some fields need another look. Nothing was stored.";

/** What vendors' pages show of a key once it is made, and what people then copy. */
function maskedFields({ credentials }: Vendor, values: Readonly<Record<string, string>>): Record<string, string> {
  const masked = credentials.fields.filter(({ name, secret }) => secret && /[•●…]/.test(values[name] ?? ""));
  return Object.fromEntries(
    masked.map(({ name }) => [name, "This is a masked or shortened copy: copy the whole key."]),
  );
}

export const connectVendor = ({ slug, title, credentials: { help, rights } }: Vendor) => ({
  slug,
  title,
  initials: initials(title),
  help,
  rights,
});

export const connectIntro = ({ title }: Vendor, replaces?: Connection) =>
  replaces
    ? `Enter the new keys for “${replaces.label}”. They are tested first; until they work, the old ones stay.`
    : `Enter the API keys ${title} gave you. They are tested with one small request before they are stored.`;
