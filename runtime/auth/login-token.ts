import { asText } from "../convert.ts";
import { ToolError } from "../errors.ts";
import { isIn } from "../match.ts";
import { at } from "../paths.ts";
import { type Secret, Secret as SecretText } from "../secret.ts";
import { askToken } from "./ask-token.ts";
import type { Auth } from "./auth.ts";
import { DEFAULT_LIFETIME_MS, noToken, tokenText } from "./grant-token.ts";
import { type HeaderFields, revealHeaders } from "./headers.ts";
import { fingerprint } from "./kept.ts";
import { mintedAuth, tokenFor } from "./minted.ts";

export interface LoginToken {
  /** Behind the base address. */
  readonly path: string;
  readonly body: Readonly<Record<string, string | Secret>>;
  /** Where in the answer the token is, and when it ends. */
  readonly token: string;
  readonly expires?: string;
  /** Used when the answer does not say how long the token lives. */
  readonly lifetimeMs?: number;
  /** Sent with the sign-in and with each request. */
  readonly headers?: HeaderFields;
  /** Answers that look like a success and are none, and what to tell the person. */
  readonly refuse?: { readonly when: Readonly<Record<string, unknown>>; readonly say: string };
}

/** A user name and a password, sent once as JSON for a bearer token. */
export function loginToken(login: LoginToken): Auth {
  const { path, body, headers = {}, refuse, lifetimeMs = DEFAULT_LIFETIME_MS } = login;
  return mintedAuth({
    key: fingerprint(path, ...Object.entries(body).flat()),
    secrets: Object.values(body),
    headers,
    async mint(context) {
      const answer = await askToken(
        {
          url: context.baseUrl + path,
          headers: { ...revealHeaders(headers), "content-type": "application/json" },
          body: JSON.stringify(revealHeaders(body)),
        },
        context,
      );
      if (refuse && Object.entries(refuse.when).every(([place, wanted]) => isIn(at(answer, place), [wanted].flat())))
        throw new ToolError("VENDOR_AUTH", refuse.say, { status: 401, say: refuse.say });
      const token = tokenText.safeParse(at(answer, login.token));
      if (!token.success) throw noToken(context.vendor);
      const now = context.now();
      const end = login.expires === undefined ? undefined : endOf(at(answer, login.expires), now);
      return tokenFor(new SecretText(token.data), Math.max((end ?? now + lifetimeMs) - now, 1000), now);
    },
  });
}

const HOUR_SECONDS = 3600;

/** An end as vendors write it: an ISO time (UTC when it names no zone), a moment in s or ms since 1970, or seconds from now. */
function endOf(value: unknown, now: number): number | undefined {
  const text = asText(value) ?? "";
  const number = typeof value === "number" || /^\d+$/.test(text) ? Number(text) : undefined;
  if (number !== undefined) {
    if (number < 10_000 * HOUR_SECONDS) return now + number * 1000;
    return number < 1e11 ? number * 1000 : number;
  }
  if (typeof value !== "string") return;
  const moment = Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(value) || !value.includes("T") ? value : `${value}Z`);
  return Number.isNaN(moment) ? undefined : moment;
}
