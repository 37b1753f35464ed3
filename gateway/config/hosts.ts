const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Host names that requests may be addressed to and browsers may come from: the public one, and on a developer's machine
 * its other names. Anything else is a rebound DNS name or a foreign page.
 */
export function publicHosts(...urls: (string | undefined)[]): string[] {
  const names = urls.flatMap((url) => (url === undefined ? [] : new URL(url).hostname));
  return [...new Set(names.flatMap((name) => (LOOPBACK.includes(name) ? LOOPBACK : [name])))];
}
