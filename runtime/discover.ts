import { askAside, jsonOrNothing } from "./aside.ts";
import type { AuthContext } from "./auth/auth.ts";
import { fingerprint, kept } from "./auth/kept.ts";
import type { Token } from "./auth/tokens.ts";
import { ToolError } from "./errors.ts";
import { guarded } from "./guard.ts";
import { at } from "./paths.ts";
import { retryAfter, retryRead } from "./retry.ts";
import { Secret } from "./secret.ts";
import { vendorError } from "./vendor-error.ts";

/** Where one account lives. */
export interface Place {
  readonly baseUrl: string;
  /** What tells its database from others. */
  readonly database: string;
}

/** An address that the vendor must be asked for. */
export interface Discovery {
  find(context: Omit<AuthContext, "baseUrl">): Promise<Place>;
}

interface Question<Name extends string> {
  /** Asked without keys. */
  readonly url: string;
  /** Of the text at `path` of the answer, the first group of `match` counts and nothing else. */
  readonly take: Readonly<Record<Name, { readonly path: string; readonly match: string }>>;
  baseUrl(found: Readonly<Record<Name, string>>): string;
  database?(found: Readonly<Record<Name, string>>): string;
}

const LIFETIME_MS = 24 * 3_600_000;

/** Asks once where the account lives; the answer is kept for a day with the connection's tokens. */
export function discovered<Name extends string>({ url, take, baseUrl, database }: Question<Name>): Discovery {
  const key = `place ${fingerprint(url, JSON.stringify(take))}`;
  return {
    async find(context) {
      const { guard, vendor, now } = context;
      const ask = () => retryRead(() => guarded(guard, { vendor, url }, () => askPlace(url, take, context)), { now });
      const { value } = await kept(key, ask, context);
      const found = JSON.parse(value.reveal()) as Record<Name, string>; // what `askPlace` made
      const base = baseUrl(found);
      return { baseUrl: base, database: database?.(found) ?? base };
    },
  };
}

async function askPlace(
  url: string,
  take: Readonly<Record<string, { readonly path: string; readonly match: string }>>,
  { fetch, vendor, now, onRequest }: Omit<AuthContext, "baseUrl">,
): Promise<Token> {
  const unanswered = () => `${vendor} did not say where this account is.`;
  const init = { headers: { accept: "application/json" } };
  const { response, text } = await askAside(url, init, { fetch, vendor, onRequest, purpose: "(place)", unanswered });
  const { status, headers } = response;
  if (status === 429 || status >= 500) {
    const exchange = { vendor, method: "GET", template: new URL(url).pathname.split("/").at(-1) ?? "", isWrite: false };
    throw vendorError(exchange, {
      status,
      body: undefined,
      retryAfterSeconds: retryAfter(headers.get("retry-after"), now()),
    });
  }
  const answer = response.ok ? jsonOrNothing(text) : undefined;
  const found = Object.entries(take).map(
    ([name, { path, match }]) => [name, takenFrom(at(answer, path), match)] as const,
  );
  if (found.some(([, value]) => value === undefined)) throw unknownAccount(vendor);
  return { value: new Secret(JSON.stringify(Object.fromEntries(found))), expiresAt: now() + LIFETIME_MS };
}

/** What becomes part of an address can change nothing but the place it stands in. */
const PLAIN = /^(?!\.+$)[\w.-]{1,200}$/;

function takenFrom(value: unknown, match: string): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return;
  const found = new RegExp(match, "iu").exec(String(value))?.[1];
  return found !== undefined && PLAIN.test(found) ? found : undefined;
}

const unknownAccount = (vendor: string) =>
  new ToolError("VENDOR_NOT_FOUND", `${vendor} does not know where this account is.`, {
    advice: "Ask the person to check in the connection settings which account is meant.",
  });
