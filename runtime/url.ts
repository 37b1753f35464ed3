import { ToolError } from "./errors.ts";

const PLACEHOLDER = /\{([^{}]+)\}/g;
const MAX_ARGUMENT = 1024;

/** Fills `{name}` in a path template; every argument stays inside its own segment. */
export function fillPath(template: string, given: Readonly<Record<string, unknown>>): string {
  return template.replace(PLACEHOLDER, (_match, name: string) => encodeURIComponent(pathArgument(name, given[name])));
}

/**
 * A path argument that cannot change which operation is called. URL parsers drop `.`, resolve `..` and join empty segments,
 * and vendors' servers decode `%2F`, so none of these is sent.
 * @throws ToolError INVALID_INPUT before any request
 */
function pathArgument(name: string, value: unknown): string {
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  const problem =
    typeof text !== "string" || text === ""
      ? "must not be empty"
      : text === "." || text === ".."
        ? "must not be a dot segment"
        : /[\p{Cc}/\\]/u.test(text) || !text.isWellFormed()
          ? "must not contain slashes or control characters"
          : text.length > MAX_ARGUMENT
            ? `must have at most ${MAX_ARGUMENT} characters`
            : undefined;
  if (problem === undefined) return text as string; // the first check has seen that it is text
  throw new ToolError("INVALID_INPUT", `${name} ${problem}.`, { fields: [{ field: name, message: problem }] });
}

/** Query text: undefined and null are left out, arrays repeat their name, brackets in names stay literal. */
export function queryText(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query).flatMap(pairs).join("&");
}

function pairs([name, value]: [string, unknown]): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => pairs([name, item]));
  if (value instanceof Date) return [pair(name, value.toISOString())];
  if (typeof value === "object")
    return Object.entries(value).flatMap(([key, item]) => pairs([`${name}[${key}]`, item]));
  return [pair(name, String(value))];
}

const pair = (name: string, value: string) =>
  `${encodeURIComponent(name).replaceAll("%5B", "[").replaceAll("%5D", "]")}=${encodeURIComponent(value.toWellFormed())}`;

/** Where a connection may send its credentials: fixed when it is made, https only. */
export function pinOrigins(baseUrl: string, more: readonly string[] = []): ReadonlySet<string> {
  const urls = [baseUrl, ...more].map((text) => new URL(text));
  for (const { protocol, host } of urls) if (protocol !== "https:") throw new Error(`${host} is not reached by https.`);
  return new Set(urls.map(({ origin }) => origin));
}

/**
 * The link to the next page in a `Link` header (RFC 8288), if there is one.
 * @throws ToolError VENDOR_UNEXPECTED for a link to any other place
 */
export function nextLink(headers: Headers, current: string, vendor: string): string | undefined {
  for (const [, target = "", params = ""] of (headers.get("link") ?? "").matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(params)) return nextPage(target, current, vendor);
  return undefined;
}

/**
 * A link to the next page, as the vendor gave it: followed only to the very operation it came from.
 * @throws ToolError VENDOR_UNEXPECTED for any other place
 */
export function nextPage(link: string, current: string, vendor: string): string {
  const from = new URL(current);
  const to = URL.canParse(link, current) ? new URL(link, current) : undefined;
  if (to?.origin !== from.origin || to.pathname !== from.pathname || to.username || to.password)
    throw new ToolError("VENDOR_UNEXPECTED", `${vendor} linked the next page to another place, which is not followed.`);
  to.hash = "";
  return to.href;
}
