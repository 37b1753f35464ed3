import type { FastifyInstance } from "fastify";
import { type Boundary, type RequestInfo, ToolError, type Transport, type Vendor } from "../../runtime/index.ts";
import type { Connection } from "../database/connections.ts";
import type { Sealed } from "../database/credentials.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { during, type Span } from "../traces/span.ts";
import type { Purpose } from "../vault/vault.ts";
import { refuseHosts } from "./hosts.ts";
import { type Fetch, redirectedFetch } from "./outbound.ts";
import { personOf } from "./sign-in/person.ts";
import { tokensIn } from "./sign-in/vendor-tokens.ts";

export type House = Pick<
  FastifyInstance,
  | "config"
  | "db"
  | "clock"
  | "audit"
  | "vault"
  | "vendors"
  | "outbound"
  | "lanes"
  | "keys"
  | "renewals"
  | "metrics"
  | "upstreams"
  | "drain"
>;

/** Who opens the keys and why, for the audit log; which customers they may see, if not all; and when to stop. */
export type ClientRequest = Omit<Purpose, "kind"> & {
  /** Hears of each request that failed for good. */
  onFailure?(error: ToolError): void;
  kind?: Purpose["kind"];
  /** What is stored for it, where it was read together with the connection; null where that was nothing. */
  sealed?: Sealed | null;
  boundary?: Boundary;
  signal?: AbortSignal;
  /** Hears of each request that changes something, before it is sent. */
  onChange?(): void;
  /** Hears of each request to the vendor. */
  onRequest?(info: RequestInfo): void;
  /** What the opening is a part of, where traces are made. */
  span?: Span;
};

/**
 * The vendor's client for one call: the credential is opened now and lives as long as the client does.
 * Calls of one connection share its limiter and its minted vendor tokens, until the keys are replaced or revoked.
 * @throws ToolError NOT_CONNECTED when the connection was revoked meanwhile
 */
export async function clientFor(house: House, connection: Connection, request: ClientRequest): Promise<unknown> {
  const vendor = vendorOf(house, connection.vendor);
  const { sealed, signal, boundary, onChange, onRequest, onFailure, span, ...purpose } = request;
  const open = () => house.vault.openVersion(credentialOf(connection), { kind: "call", ...purpose }, sealed);
  const { secret, version } = await during(span, "open credential", open);
  const parsed = vendor.credentials.parse(secret);
  if (!parsed.ok) throw staleKeys(vendor);
  refuseHosts(house, vendor, parsed.value);
  const lane = house.lanes.of(connection, vendor.limits);
  const tokens = tokensIn(secret);
  const signedIn = tokens && personOf(house, connection, { tokens, version }, purpose);
  return vendor.connect(parsed.value, {
    ...transportTo(house, vendor, signal, onRequest),
    ...lane,
    signedIn,
    boundary,
    onChange,
    onFailure,
  });
}

/** The network as one vendor's client gets it. */
export function transportTo(
  { clock, outbound, config, metrics, upstreams, drain }: House,
  { slug }: Vendor,
  signal?: AbortSignal,
  onRequest?: (info: RequestInfo) => void,
): Transport {
  const simulation = config.devVendorOrigins[slug];
  const fetch: Fetch = simulation ? redirectedFetch(simulation) : outbound;
  return {
    fetch,
    signal,
    halt: drain.halt,
    now: () => clock.now(),
    onRequest(info) {
      countRequest(metrics, slug, info);
      upstreams.note(slug, info.status);
      onRequest?.(info);
    },
  };
}

function countRequest(
  { vendorRequests, vendorSeconds, vendorLastSuccess }: Metrics,
  vendor: string,
  info: RequestInfo,
) {
  const { status, ms } = info;
  vendorRequests.inc({ vendor, status: status === undefined ? "none" : `${Math.floor(status / 100)}xx` });
  vendorSeconds.observe({ vendor }, ms / 1000);
  if (status !== undefined && status < 400) vendorLastSuccess.setToCurrentTime({ vendor });
}

export function vendorOf({ vendors }: Pick<House, "vendors">, slug: string): Vendor {
  const vendor = vendors.get(slug);
  if (!vendor) throw new ToolError("NOT_CONNECTED", "This vendor is no longer offered here.");
  return vendor;
}

export const credentialOf = ({ org_id, owner_id, vendor, id }: Connection) => ({
  org: org_id,
  owner: owner_id,
  vendor,
  connection: id,
});

/** The vendor's fields changed after these keys were stored. */
const staleKeys = ({ title }: Vendor) =>
  new ToolError("VENDOR_AUTH", `The stored keys for ${title} are incomplete since its set-up changed.`);
