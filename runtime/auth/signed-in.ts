import { orAborted } from "../call-context.ts";
import { ToolError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { type HeaderFields, revealHeaders, secretsOf } from "./headers.ts";

/** Where a vendor signs people in itself (OAuth, authorization code): what it takes to send them there and back. */
export interface SignIn {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: Secret;
  readonly scopes: readonly string[];
  /** Added to both addresses as a query; what is empty is left out. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly pkce: boolean;
}

/** What came of a person's sign-in at the vendor, kept and renewed by whoever holds it. */
export interface SignedIn {
  /**
   * A token that is good for a while yet.
   * @throws ToolError VENDOR_AUTH when the person has to sign in again
   */
  token(): Promise<Secret>;
  /** The vendor refused this token: the next one is another. */
  refuse(token: Secret): Promise<void>;
}

/** Requests in the name of a person who signed in at the vendor. */
export function signedIn({ headers = {} }: { headers?: HeaderFields } = {}): Auth {
  return {
    secrets: secretsOf(headers),
    async authorize({ signedIn: person, vendor, signal }) {
      if (!person) throw new ToolError("NOT_CONNECTED", `Nobody has signed in at ${vendor} for this.`);
      const token = await orAborted(person.token(), signal); // a renewal goes on: what it gives is stored for the next
      return { headers: { ...revealHeaders(headers), authorization: `Bearer ${token.reveal()}` }, token };
    },
    refuse: async (token, { signedIn: person, signal }) => person && orAborted(person.refuse(token), signal),
  };
}
