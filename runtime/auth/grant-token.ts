import { z } from "zod";
import { ToolError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { askToken, type TokenRequest } from "./ask-token.ts";
import type { AuthContext } from "./auth.ts";
import { tokenFor } from "./minted.ts";
import type { Token } from "./tokens.ts";

/** What can stand in a header: visible ASCII, and not endless. */
export const tokenText = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[\x21-\x7e]+$/);

const TokenAnswer = z.object({
  access_token: tokenText,
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

export const DEFAULT_LIFETIME_MS = 3_600_000;

interface Grant extends Pick<TokenRequest, "url"> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
  /** Used when the answer does not say how long the token lives. */
  readonly lifetimeMs?: number;
}

/** One request to an OAuth token endpoint. */
export async function grantToken({ url, headers, form, lifetimeMs }: Grant, context: AuthContext): Promise<Token> {
  const body = new URLSearchParams(form).toString();
  const request = { url, body, headers: { ...headers, "content-type": "application/x-www-form-urlencoded" } };
  const answer = TokenAnswer.safeParse(await askToken(request, context));
  if (!answer.success) throw noToken(context.vendor);
  const { access_token: value, expires_in: seconds } = answer.data;
  const life = seconds === undefined ? (lifetimeMs ?? DEFAULT_LIFETIME_MS) : seconds * 1000;
  return tokenFor(new Secret(value), life, context.now());
}

export const noToken = (vendor: string) =>
  new ToolError("VENDOR_UNEXPECTED", `Signing in at ${vendor} did not give a token.`);
