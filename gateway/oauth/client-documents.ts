import type { Context } from "oidc-provider";
import { networkOf } from "../database/rate-counters.ts";
import type { AuthorizationServer } from "./server.ts";

/** Fetches what a client's address points to. Production passes the guarded fetch, tests a map. */
export type Documents = (url: string, init: RequestInit) => Promise<Response>;

const MOST_BYTES = 5 * 1024;
const FAILURE_SECONDS = 60;
const MOST_FAILURES = 1000;
const PER_ADDRESS = { max: 10, windowMs: 60_000 };
/** Higher, so that one address alone cannot use up what everybody needs of a well-known host. */
const PER_HOST = { max: 60, windowMs: 60_000 };

/** Reading the documents by which clients describe themselves: bounded in size, in number and in repetition. */
export function clientDocuments({
  documents,
  limit,
  now,
  warn,
}: Pick<AuthorizationServer, "documents" | "limit" | "now" | "warn">) {
  const failures = new Map<string, number>();
  const failedLately = (url: string) => (failures.get(url) ?? 0) > now();
  const remember = (url: string) => {
    if (failures.size >= MOST_FAILURES) failures.delete(failures.keys().next().value!);
    failures.set(url, now() + FAILURE_SECONDS * 1000);
  };

  /** Only the operator can open the way out, or switch these documents off. */
  const unread = (url: string, reason: string) =>
    warn({ host: URL.parse(url)?.host, reason }, "the description of a client could not be read");

  /** oidc-provider reads a failing document twice per request, so a failure is kept for a minute. */
  async function read(url: string, init: RequestInit): Promise<{ text: string; cacheControl: string } | undefined> {
    if (failedLately(url)) return undefined;
    try {
      const answer = await documents(url, { ...init, redirect: "manual" });
      const text = answer.status === 200 ? await readAtMost(answer, MOST_BYTES) : undefined;
      if (answer.status !== 200) await answer.body?.cancel();
      if (text === undefined) unread(url, answer.status === 200 ? "too long" : `status ${answer.status}`);
      if (text !== undefined) return { text, cacheControl: answer.headers.get("cache-control") ?? "" };
    } catch (error) {
      // Refused by the guard, unreachable or too slow: to the client all of it is "not a client".
      unread(url, error instanceof Error ? error.message : "unreachable");
    }
    remember(url);
    return undefined;
  }

  return {
    /**
     * The provider's `fetch`. Its own dispatcher is left out: it opens the connection before it looks at the address.
     * The answer must be the global Response.
     */
    async fetch(url: string, init: RequestInit & { dispatcher?: unknown }): Promise<Response> {
      const { dispatcher: _theirs, headers, ...rest } = init;
      const document = await read(String(url), { ...rest, headers: Object.fromEntries(new Headers(headers)) });
      return document
        ? new Response(document.text, { status: 200, headers: { "cache-control": document.cacheControl } })
        : new Response(null, { status: 502 });
    },
    async allowFetch(context: Context, clientId: string): Promise<boolean> {
      if (failedLately(clientId)) return true;
      const host = URL.parse(clientId)?.host ?? "";
      const address = await limit(`oauth-document-address:${networkOf(context.ip)}`, PER_ADDRESS);
      return address.allowed && (await limit(`oauth-document-host:${host}`, PER_HOST)).allowed;
    },
  };
}

/** Undefined when the body is longer; what is too long is not read to its end. */
async function readAtMost(answer: Response, most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.byteLength;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
