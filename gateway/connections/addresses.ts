import dns from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { Agent, buildConnector } from "undici";

export type Resolve = typeof dns.lookup;

/** Public by range, yet an internal service of its cloud (Azure's host address). */
const PLATFORM = new Set(["168.63.129.16"]);

/** Bytes of one answer; the largest page a vendor sends is well below. */
const MAX_ANSWER = 20 * 1024 * 1024;

/** To one origin; the others wait for one of these. */
const MAX_SOCKETS = 128;

/** One allowed range instead of a block list: a special range invented tomorrow stays closed. */
export function isBlocked(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const ip = ipaddr.process(address); // unfolds ::ffff:127.0.0.1
  return ip.range() !== "unicast" || PLATFORM.has(ip.toString());
}

/** A DNS lookup that fails unless every answer is a public address. What it returns is what gets connected to. */
export const guardedLookup =
  (resolve: Resolve = dns.lookup): LookupFunction =>
  (host, options, done) =>
    resolve(host, { ...options, all: true }, (error, answers) => {
      if (error) return done(error, []);
      if (answers.length === 0 || answers.some((answer) => isBlocked(answer.address))) return done(refuse(host), []);
      return options.all ? done(null, answers) : done(null, answers[0]!.address, answers[0]!.family);
    });

/** Whatever Node was told to allow: nothing older is spoken. */
export const OUTGOING_TLS = { minVersion: "TLSv1.2" } as const;

/**
 * Connections to public addresses only. Goes as `dispatcher` into the built-in fetch, so undici must be the major that
 * Node bundles: an undici 8 Agent fails there.
 */
export function guardedDispatcher(resolve?: Resolve): Agent {
  const connect = buildConnector({ timeout: 3000, lookup: guardedLookup(resolve), ...OUTGOING_TLS });
  return new Agent({
    // A little more than a request may take: what the runtime stops, it stops with a word of its own.
    headersTimeout: 35_000,
    bodyTimeout: 35_000,
    connections: MAX_SOCKETS,
    maxResponseSize: MAX_ANSWER,
    connect(options, done) {
      const host = options.hostname.replace(/^\[|\]$/g, ""); // a literal address never reaches the lookup
      if (isIP(host) && isBlocked(host)) done(refuse(host), null);
      else connect(options, done);
    },
  });
}

export function refuse(host: string): Error {
  return Object.assign(new Error(`${host} is not a public address.`), { code: "EBLOCKED" });
}
