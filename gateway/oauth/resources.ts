import type { Access } from "../policy/decide.ts";

/** One address under which a vendor's tools are served. Each form is a resource of its own; all share one audience. */
export interface Resource {
  readonly path: string;
  readonly url: string;
  readonly vendor: string;
  readonly title: string;
  /** The canonical address of the vendor, which tokens of every form carry. */
  readonly audience: string;
  /** Scopes a client may ask for here, read first. */
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

export const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/**
 * The one map from address to vendor that the authorization server, the metadata documents and the routes share.
 * @param approvals whether a person can be asked about a single call: without that no tool shows a secret, so no
 *   client is offered the scope for it
 */
export function resourcesOf(
  publicUrl: string,
  vendors: Iterable<VendorFacts>,
  { approvals = false }: { approvals?: boolean } = {},
): Resources {
  const all = [...vendors].flatMap((vendor) => {
    const scopes = scopesOf(vendor, approvals);
    return pathsOf(vendor.slug).map((path) => ({
      path,
      url: publicUrl + path,
      vendor: vendor.slug,
      title: vendor.title,
      audience: publicUrl + canonicalPath(vendor.slug),
      scopes,
      metadataPath: WELL_KNOWN + path,
      metadataUrl: publicUrl + WELL_KNOWN + path,
    }));
  });
  const byPath = new Map(all.map((resource) => [resource.path, resource]));
  const byUrl = new Map(all.map((resource) => [resource.url, resource]));
  return {
    all,
    byUrl: (url) => byUrl.get(url),
    byPath: (path) => byPath.get(path),
    canonical: (vendor) => byPath.get(canonicalPath(vendor)),
  };
}

const canonicalPath = (slug: string) => `/v1/${slug}`;

const pathsOf = (slug: string) => [canonicalPath(slug), `/v1/${slug}/`, `/${slug}/mcp`, `/${slug}/mcp/`];

/** What a tool of this access needs besides read. Deleting is writing; showing a secret is asked for by itself. */
export function scopeOf(vendor: string, access: Access): string {
  if (access === "read" || access === "reveal") return `${vendor}:${access}`;
  return `${vendor}:write`;
}

function scopesOf({ slug, tools }: VendorFacts, approvals: boolean): string[] {
  const offered = tools.filter(({ access }) => access !== "reveal" || approvals);
  const needed = new Set(offered.map(({ access }) => scopeOf(slug, access)));
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
