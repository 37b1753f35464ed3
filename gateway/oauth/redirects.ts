const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopback = (uri: string) => {
  const url = URL.parse(uri);
  return url?.protocol === "http:" && LOOPBACK.has(url.hostname);
};

/** The library alone accepts `intent:`, `ftp:`, `view-source:`, and addresses with a password. */
export function isAllowedRedirect(uri: unknown, schemes: readonly string[]): uri is string {
  if (typeof uri !== "string" || uri.length > 1024 || /[\s\\#]|\p{C}/u.test(uri)) return false;
  const url = URL.parse(uri);
  if (!url || /^[^/?]*\/\/[^/?]*@/.test(uri)) return false;
  if (schemes.includes(url.protocol.slice(0, -1))) return true;
  return /^https?:\/\/[^/]/i.test(uri) && (url.protocol === "https:" || isLoopback(uri));
}
