import { Secret } from "../secret.ts";
import type { Auth, AuthContext } from "./auth.ts";
import { type HeaderFields, revealHeaders, secretsOf } from "./headers.ts";
import { forget, kept } from "./kept.ts";
import type { Token } from "./tokens.ts";

interface Minting {
  /** Stands for the keys, and says nothing of them. */
  readonly key: string;
  readonly secrets: readonly (string | Secret | undefined)[];
  readonly headers?: HeaderFields;
  mint(context: AuthContext): Promise<Token>;
}

/** Keys that are exchanged for a bearer token, which is kept until it ends or is refused. */
export function mintedAuth({ key, secrets, headers = {}, mint }: Minting): Auth {
  return {
    secrets: [...secrets.filter((value) => value instanceof Secret), ...secretsOf(headers)],
    async authorize(context) {
      const { value } = await kept(key, () => mint(context), context);
      return { headers: { ...revealHeaders(headers), authorization: `Bearer ${value.reveal()}` }, token: value };
    },
    refuse: (token, context) => forget(key, token, context),
  };
}

const RENEW_EARLIER_MS = 60_000;

/** A token is renewed a minute before it ends; a short one in the middle of its life. */
export const tokenFor = (value: Secret, lifetimeMs: number, now: number): Token => ({
  value,
  expiresAt: now + lifetimeMs - Math.min(RENEW_EARLIER_MS, lifetimeMs / 2),
});
