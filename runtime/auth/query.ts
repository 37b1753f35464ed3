import type { Auth } from "./auth.ts";
import { type HeaderFields, revealHeaders, secretsOf } from "./headers.ts";

/** Keys in the address, for vendors that take them no other way: `queryAuth({ params: { api_key: apiKey } })`. */
export function queryAuth({ params, headers = {} }: { params: HeaderFields; headers?: HeaderFields }): Auth {
  return {
    secrets: [...secretsOf(params), ...secretsOf(headers)],
    authorize: async () => ({ headers: revealHeaders(headers), params: revealHeaders(params) }),
  };
}

/** The address with these parameters, the others as they were; one that it has already, as in a link to the next page, is replaced. */
export function withKeys(address: string, params: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const name of Object.keys(params)) if (url.searchParams.has(name)) url.searchParams.delete(name);
  const pairs = Object.entries(params).map((pair) => pair.map(encodeURIComponent).join("="));
  return `${url.href}${url.search ? "&" : "?"}${pairs.join("&")}`;
}
