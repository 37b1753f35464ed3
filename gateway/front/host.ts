import type { FastifyRequest } from "fastify";

/** Host name → origin of that tenant's worker. */
export type Tenants = ReadonlyMap<string, string>;

/** The name that the request was addressed to, without port. Never a forwarded one: it decides whose worker answers. */
export const hostOf = ({ headers }: FastifyRequest): string =>
  (headers.host ?? "").toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");

/** A host of the configuration, whatever the request says. */
export function workerOf(request: FastifyRequest, tenants: Tenants): string {
  const host = hostOf(request);
  return tenants.has(host) ? host : "none";
}
