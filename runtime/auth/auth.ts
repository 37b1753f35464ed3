import type { Guard } from "../guard.ts";
import type { Secret } from "../secret.ts";
import type { Transport } from "../transport.ts";
import type { SignedIn } from "./signed-in.ts";
import type { TokenStore } from "./tokens.ts";

/** What a sign-in scheme may use to get a token: never the caller's client, so that nothing but the scheme sees its answers. */
export interface AuthContext {
  readonly fetch: typeof globalThis.fetch;
  readonly vendor: string;
  readonly tokens: TokenStore;
  /** The address before the paths, once it is known. */
  readonly baseUrl: string;
  /** Where a person signed in at the vendor: what came of it. */
  readonly signedIn?: SignedIn;
  readonly signal?: AbortSignal;
  readonly guard?: Guard;
  /** Hears of each request that signing in needs. */
  readonly onRequest?: Transport["onRequest"];
  now(): number;
}

/** One way to prove who is calling. */
export interface Auth {
  /** Secrets that no answer may repeat. */
  readonly secrets: readonly Secret[];
  /** The headers to add, and a token whose refusal is worth one renewal. */
  authorize(context: AuthContext): Promise<Authorization>;
  /** Forgets a refused token, so that the next `authorize` gets another. */
  refuse?(token: Secret, context: AuthContext): Promise<void>;
}

export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  /** Query parameters to add. What an error or a log line names is the address without them. */
  readonly params?: Readonly<Record<string, string>>;
  /** The minted token in those headers, if the scheme mints one. */
  readonly token?: Secret;
}
