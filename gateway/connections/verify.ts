import { ToolError, type ToolErrorCode, type Vendor } from "../../runtime/index.ts";
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

/** Makes the vendor's one cheap call with these keys, which are stored nowhere yet. */
export async function verifyKeys(house: House, vendor: Vendor, credentials: unknown): Promise<VerifyOutcome> {
  const transport = transportTo(house, vendor, AbortSignal.timeout(PATIENCE_MS));
  return await outcomeOf(vendor, async () => vendor.verify(vendor.connect(credentials, transport)));
}

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

export function failureOf(vendor: Vendor, { code, retryAfterSeconds }: ToolError): VerifyFailure {
  const { title } = vendor;
  const secrets = vendor.credentials.fields.filter(({ secret }) => secret);
  const places = vendor.credentials.fields.filter((field) => field.enum);
  const place = places.map((field) => field.title.toLowerCase()).join(" and ");
  const at = (fields: readonly { name: string }[], text: string) =>
    Object.fromEntries(fields.map(({ name }) => [name, text]));

  switch (code) {
    case "VENDOR_AUTH":
      return {
        ok: false,
        code,
        reason: "keys",
        text: `${title} does not accept these keys${place ? `, or they belong to another ${place}` : ""}. Nothing was stored.`,
        fields: {
          ...at(places, "Keys work only where they were made: check that this is right."),
          ...at(secrets, "Enter it again; copy it whole, without spaces around it."),
        },
      };
    case "VENDOR_FORBIDDEN":
      return {
        ok: false,
        code,
        reason: "permission",
        text: `${title} knows these keys but does not let them read. Give them the rights named below, or wait a few minutes if you tried often. Nothing was stored.`,
        fields: {},
      };
    case "VENDOR_NOT_FOUND":
      return {
        ok: false,
        code,
        reason: "address",
        text: `${title} is not found at this address${place ? `: check the ${place}` : ""}. Nothing was stored.`,
        fields: at(places, "There is no such account here."),
      };
    case "VENDOR_RATE_LIMITED":
    case "RATE_LIMITED":
      return {
        ok: false,
        code,
        reason: "busy",
        text: `${title} asks for a pause because of too many requests. Try again in ${waitOf(retryAfterSeconds)}. Nothing was stored.`,
        fields: {},
      };
    case "VENDOR_UNAVAILABLE":
    case "TIMEOUT":
      return {
        ok: false,
        code,
        reason: "unreachable",
        text: `${title} could not be reached, so the keys could not be tested. Try again in some minutes. Nothing was stored.`,
        fields: {},
      };
    default:
      return {
        ok: false,
        code,
        reason: "unexpected",
        text: `${title} answered in a way that was not expected, so the keys could not be tested. Nothing was stored.`,
        fields: {},
      };
  }
}

function waitOf(seconds = 60): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
