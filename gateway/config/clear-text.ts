import { isLoopback } from "./values.ts";

/** Parameters by which an address of PostgreSQL decides about TLS, in either way. */
const DECIDING = ["sslmode", "ssl", "sslrootcert", "sslcert"];

/** What is wrong with an address of PostgreSQL that goes over a network and leaves open whether it is encrypted. */
export function undecidedTls(url: string): string | undefined {
  // Without a host, as for a socket, it is no address in the sense of browsers.
  const parsed = URL.parse(url) ?? URL.parse(url.replace(/^(\w+:\/\/)([^/]*@)?\//, "$1localhost/"));
  if (!parsed) return undefined; // whoever opens it says so
  const { hostname, searchParams } = parsed;
  const host = searchParams.get("host") ?? hostname.replace(/%2f/gi, "/");
  const isHere = host === "" || host.startsWith("/") || isLoopback(host);
  if (isHere || DECIDING.some((name) => searchParams.has(name))) return undefined;
  return "says nothing of TLS, so passwords and rows would go over the network in the clear. Add ?sslmode=verify-full, or ?sslmode=disable where nobody else can listen, see docs/postgresql.md"; // biome-ignore format: one thought
}

/** What is wrong with an address of Redis whose scheme asks for no TLS on the way to another machine. */
export function clearRedis(url: string): string | undefined {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  if (protocol !== "redis:" || hostname === "" || isLoopback(hostname)) return undefined;
  return "redis:// sends its password and what replicas tell each other in the clear. Where others can listen, write rediss://, see docs/replicas.md"; // biome-ignore format: one thought
}
