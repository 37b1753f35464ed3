import { type SignedIn, ToolError, type ToolErrorCode, type Vendor } from "../../runtime/index.ts";
import { type House, transportTo } from "./client.ts";

/** What testing keys came to, in words for the person who typed them. */
export type VerifyOutcome = { readonly ok: true } | VerifyFailure;

export interface VerifyFailure {
  readonly ok: false;
  readonly reason: "keys" | "permission" | "address" | "busy" | "unreachable" | "unexpected";
  readonly code: ToolErrorCode;
  readonly text: string;
  /** Credential fields to look at again, each with a sentence. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A test of keys is one or two small requests; a person is waiting. */
const PATIENCE_MS = 20_000;

interface Untested {
  readonly vendor: Vendor;
  readonly org: string;
  readonly credentials: unknown;
  readonly signedIn?: SignedIn;
}

/** Makes the vendor's one cheap call with these keys, which are stored nowhere yet. */
export async function verifyKeys(
  house: House,
  { vendor, org, credentials, signedIn }: Untested,
): Promise<VerifyOutcome> {
  const budgets = house.lanes.visit({ org_id: org, vendor: vendor.slug }, vendor.limits);
  const transport = { ...transportTo(house, vendor, AbortSignal.timeout(PATIENCE_MS)), ...budgets, signedIn };
  const outcome = await outcomeOf(vendor, async () => vendor.verify(vendor.connect(credentials, transport)));
  countCheck(house, vendor, "connect", outcome.ok ? "ok" : outcome.reason);
  return outcome;
}

/** How testing keys came out, or how a sign-in at the vendor ended before there was anything to test. */
export const countCheck = (
  { metrics }: Pick<House, "metrics">,
  { slug: vendor }: Pick<Vendor, "slug">,
  purpose: "connect" | "check",
  outcome: "ok" | VerifyFailure["reason"] | "denied" | "refused",
): void => metrics.connectionChecks.inc({ vendor, purpose, outcome });

export async function outcomeOf(vendor: Vendor, verify: () => Promise<unknown>): Promise<VerifyOutcome> {
  try {
    await verify();
    return { ok: true };
  } catch (error) {
    if (error instanceof ToolError) return failureOf(vendor, error);
    if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"))
      return failureOf(vendor, new ToolError("TIMEOUT", "No answer.", { cause: error }));
    throw error;
  }
}

function failureOf({ title, credentials }: Vendor, { code, retryAfterSeconds, say }: ToolError): VerifyFailure {
  const places = credentials.fields.filter((field) => field.enum || field.match || field.kind === "host");
  const place = places.map((field) => field.title.toLowerCase()).join(" and ");
  const atPlaces = at(places, "Keys work only where they were made: check that this is right.");
  const secrets = credentials.fields.filter(({ secret }) => secret);
  const atKeys = { ...atPlaces, ...at(secrets, "Enter it again; copy it whole, without spaces around it.") };
  const failed = (reason: VerifyFailure["reason"], text: string, fields: VerifyFailure["fields"] = {}) =>
    ({ ok: false, code, reason, text, fields }) as const;

  if (say !== undefined) return failed("keys", say);
  switch (code) {
    case "VENDOR_AUTH":
      return failed(
        "keys",
        `${title} does not accept these keys${place && `, or they belong to another ${place}`}.`,
        atKeys,
      );
    case "VENDOR_FORBIDDEN": // some vendors answer so to a key they do not know
      return failed(
        "permission",
        `${title} refuses these keys: they are not right${place && `, belong to another ${place}`}, or lack the right to read. Some vendors also block for a few minutes after many tries.`,
        atKeys,
      );
    case "VENDOR_NOT_FOUND": // some vendors answer so, too, to a key they do not know
      return failed(
        "address",
        `${title} is not found at this address, or does not know these keys${place && `: check the ${place}`}.`,
        atKeys,
      );
    case "VENDOR_RATE_LIMITED":
    case "RATE_LIMITED":
      return failed(
        "busy",
        `${title} asks for a pause after too many requests. Try again in ${waitOf(retryAfterSeconds)}.`,
      );
    case "VENDOR_UNAVAILABLE":
    case "TIMEOUT":
      return failed(
        "unreachable",
        `${title} could not be reached, so the keys could not be tested. Try again in some minutes.`,
      );
    default:
      return failed("unexpected", `${title} answered in a way that was not expected, so the keys could not be tested.`);
  }
}

const at = (fields: readonly { name: string }[], text: string) =>
  Object.fromEntries(fields.map(({ name }) => [name, text]));

function waitOf(seconds = 60): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
