import type { Configuration, ServerMetadata } from "openid-client";
import type { OidcProvider } from "../../config.ts";

type Fetch = typeof globalThis.fetch;

/** A provider as people sign in there: what it says of itself is asked for at first use and now and then. */
export interface SsoProvider extends OidcProvider {
  /** @throws SsoError `unreachable` */
  client(): Promise<Configuration>;
}

/** What keeps somebody from signing in at their provider. */
export type SsoReason =
  /** It does not answer, or not in time. */
  | "unreachable"
  /** It answers with something that does not fit this sign-in. */
  | "unfit"
  /** It says no, or the person did. */
  | "refused"
  /** It cannot say that the person signed in just now. */
  | "stale";

export class SsoError extends Error {
  override readonly name = "SsoError";
  readonly reason: SsoReason;
  constructor(reason: SsoReason, options?: ErrorOptions) {
    super(`Single sign-on: ${reason}`, options);
    this.reason = reason;
  }
}

/** Seconds for each answer. A person waits for it. */
const PATIENCE = 5;
/** Keys and addresses change seldom; a provider that changed them is believed after this. */
const KEPT_MS = 3_600_000;

export function ssoProvider(provider: OidcProvider, { fetch, now }: { fetch: Fetch; now: () => number }): SsoProvider {
  let known: { until: number; client: Promise<Configuration> } | undefined;
  return {
    ...provider,
    client() {
      if (!known || known.until <= now()) known = { until: now() + KEPT_MS, client: discover(provider, fetch) };
      const { client } = known;
      client.catch(() => {
        if (known?.client === client) known = undefined; // asked again next time
      });
      return client;
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcProvider, fetch: Fetch): Promise<Configuration> {
  const { ClientSecretBasic, ClientSecretPost, None, ...openid } = await import("openid-client"); // only where there is one
  const secret = clientSecret?.reveal();
  const authenticate = secret ? (metadata: ServerMetadata) => (takesBasic(metadata) ? ClientSecretBasic(secret) : ClientSecretPost(secret)) : None; // biome-ignore format: one thought
  try {
    const client = await openid.discovery(new URL(issuer), clientId, {}, (metadata, ...rest) => authenticate(metadata)(metadata, ...rest), {
      timeout: PATIENCE,
      [openid.customFetch]: (url, options) => fetch(url, options as RequestInit),
      execute: [
        // The signature is checked as well as the connection that brought it.
        openid.enableNonRepudiationChecks,
        // The configuration admits http on this device alone, and not in production.
        ...(issuer.startsWith("http:") ? [openid.allowInsecureRequests] : []),
      ],
    }); // biome-ignore format: one thought
    // The library lets some services answer for tenants of any name; accounts are linked by issuer, so it must be this one.
    if (new URL(client.serverMetadata().issuer).href !== issuer)
      throw new Error("The provider calls itself otherwise.");
    return client;
  } catch (cause) {
    throw new SsoError("unreachable", { cause });
  }
}

/** The way that OpenID Connect has where nothing is said. */
const takesBasic = ({ token_endpoint_auth_methods_supported: methods }: ServerMetadata) =>
  !methods || methods.includes("client_secret_basic");
