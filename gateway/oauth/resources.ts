import type { Access } from "../policy/decide.ts";

/** One address under which tools are served. Each form is a resource of its own; all forms share one audience. */
export interface Resource {
  readonly path: string;
  readonly url: string;
  /** The vendor served there, or ALL_VENDORS. */
  readonly vendor: string;
  readonly title: string;
  /** The canonical address, which tokens of every form carry. */
  readonly audience: string;
  /** Scopes a client may ask for here, by vendor, read first. */
  readonly scopes: readonly string[];
  readonly metadataPath: string;
  readonly metadataUrl: string;
}

export interface Resources {
  readonly all: readonly Resource[];
  byUrl(url: string): Resource | undefined;
  byPath(path: string): Resource | undefined;
  canonical(vendor: string): Resource | undefined;
}

export interface VendorFacts {
  readonly slug: string;
  readonly title: string;
  readonly tools: readonly { readonly access: Access }[];
}

/** In the place of a vendor: whatever the person has connected, under one address. No slug can read like this. */
export const ALL_VENDORS = "*";

export const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The address of all vendors; the origin itself is for clients that were given only that. */
const ALL_PATHS = ["/mcp", "/mcp/", "/"];

/**
 * The one map from address to vendor that the authorization server, the metadata documents and the routes share.
 * @param identifier what the address of all vendors is called in its metadata and in tokens, where clients reach it by
 * another address than its own; every form of it is this one resource then
 */
export function resourcesOf(
  publicUrl: string,
  vendors: Iterable<VendorFacts>,
  { title = "All vendors", identifier }: { title?: string; identifier?: string } = {},
): Resources {
  const served = [...vendors].map((vendor) => ({
    vendor: vendor.slug,
    title: vendor.title,
    paths: pathsOf(vendor.slug),
    scopes: scopesOf(vendor),
  }));
  const scopes = served.flatMap((one) => one.scopes);
  const unified = { vendor: ALL_VENDORS, title, paths: ALL_PATHS, scopes, identifier };
  const all = [...served, unified].flatMap(({ paths, identifier, ...resource }: Paths) =>
    paths.map((path) => ({
      ...resource,
      path,
      url: identifier ?? publicUrl + path,
      audience: identifier ?? publicUrl + paths[0],
      metadataPath: WELL_KNOWN + path,
      metadataUrl: publicUrl + WELL_KNOWN + path,
    })),
  );
  const byPath = new Map(all.map((resource) => [resource.path, resource]));
  const byUrl = new Map(all.toReversed().map((resource) => [resource.url, resource]));
  const canonical = new Map(all.toReversed().map((resource) => [resource.vendor, resource]));
  return {
    all,
    byUrl: (url) => byUrl.get(url),
    byPath: (path) => byPath.get(path),
    canonical: (vendor) => canonical.get(vendor),
  };
}

type Paths = Pick<Resource, "vendor" | "title" | "scopes"> & { paths: readonly string[]; identifier?: string };

const pathsOf = (slug: string) => [`/v1/${slug}`, `/v1/${slug}/`, `/${slug}/mcp`, `/${slug}/mcp/`];

/** What a tool of this access needs besides read. Deleting is writing; showing a secret is asked for by itself. */
export function scopeOf(vendor: string, access: Access): string {
  if (access === "read" || access === "reveal") return `${vendor}:${access}`;
  return `${vendor}:write`;
}

/** Whose scope it is. */
export const vendorOfScope = (scope: string): string => scope.slice(0, scope.lastIndexOf(":"));

export const isRead = (scope: string): boolean => scope.endsWith(":read");

function scopesOf({ slug, tools }: VendorFacts): string[] {
  const needed = new Set(tools.map(({ access }) => scopeOf(slug, access)));
  return ["read", "write", "reveal"]
    .map((word) => `${slug}:${word}`)
    .filter((scope, i) => i === 0 || needed.has(scope));
}

/** RFC 9728. `offline_access` is not a scope of a resource, so it stays out. */
export function metadataOf(resource: Resource, issuer: string) {
  return {
    resource: resource.url,
    authorization_servers: [issuer],
    scopes_supported: resource.scopes,
    bearer_methods_supported: ["header"],
    resource_name: resource.title,
  };
}
