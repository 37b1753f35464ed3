import { Agent } from "undici";
import { guardedDispatcher, OUTGOING_TLS, type Resolve, refuse } from "./addresses.ts";

export type Fetch = typeof globalThis.fetch;

/**
 * The one way out of the process: https to public addresses, redirects never followed, answers bounded.
 * A refused address or scheme rejects with code EBLOCKED before a connection is opened.
 */
export function guardedFetch({ resolve }: { resolve?: Resolve } = {}): Fetch {
  const dispatcher = guardedDispatcher(resolve);
  const fetchGuarded: Fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.protocol !== "https:") throw refuse(url.origin);
    // The dispatcher is undici's addition to RequestInit, which the DOM types do not know.
    return fetch(input, { ...init, redirect: "manual", dispatcher } as RequestInit);
  };
  return Object.assign(fetchGuarded, { [GUARDED]: true });
}

const GUARDED = Symbol("guarded");

/** Whether this is what `guardedFetch` made; a test asks it of the production wiring. */
export const isGuarded = (candidate: Fetch): boolean => GUARDED in candidate;

const MAX_CONFIGURED_ANSWER = 1024 * 1024;

/**
 * The way out for one origin that the operator configured, which may be inside the company or on this device; whatever
 * else is asked for goes the guarded way.
 */
export function fetchConfigured(origin: string, guarded: Fetch): Fetch {
  const limits = {
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    connections: 16,
    maxResponseSize: MAX_CONFIGURED_ANSWER,
  };
  const dispatcher = new Agent({ ...limits, connect: { timeout: 3000, ...OUTGOING_TLS } });
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) return await guarded(input, init);
    return await fetch(input, { ...init, redirect: "manual", dispatcher } as RequestInit);
  };
}

/**
 * For demo and tests: one vendor's calls go to a loopback origin instead, path and query kept. `x-forwarded-host` names
 * the host that was meant. Pinning works on the vendor's own origins; this is the last thing before the socket.
 */
export function redirectedFetch(loopback: string): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const meant = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-host", meant.host);
    const target = Object.assign(new URL(loopback), { pathname: meant.pathname, search: meant.search });
    const body = request.body ? await request.arrayBuffer() : undefined;
    // The signal of a Request follows the caller's only until that Request is collected.
    const signal = init?.signal ?? request.signal;
    return fetch(target, { method: request.method, headers, body, signal, redirect: "manual" });
  };
}
