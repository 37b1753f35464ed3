const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Host names that requests may be addressed to and browsers may come from: the public one, and on a developer's machine
 * its other names. Anything else is a rebound DNS name or a foreign page.
 */
export function publicHosts(publicUrl: string): string[] {
  const { hostname } = new URL(publicUrl);
  return LOOPBACK.includes(hostname) ? LOOPBACK : [hostname];
}
