import { acrossLoaders, vendorLoaders } from "../generated/loaders.ts";
import type { Across, Vendor } from "../runtime/index.ts";
import { ConfigError } from "./config.ts";

export interface Served {
  readonly vendors: readonly Vendor[];
  /** Sets of tools across those vendors. */
  readonly across: readonly Across[];
}

/**
 * The generated vendors with these slugs, all of them where none are named. Nothing of the others is loaded: vendors are
 * most of the time and memory that a start takes. One vendor alone has nothing across vendors.
 * @throws ConfigError that names every slug that is no vendor
 */
export async function loadServed(slugs: readonly string[] | undefined): Promise<Served> {
  const known = Object.keys(vendorLoaders);
  const unknown = (slugs ?? []).filter((slug) => !known.includes(slug));
  if (unknown.length > 0)
    throw new ConfigError(unknown.map((slug) => `VENDORS: "${slug}" is no vendor; known: ${known.join(", ")}`));
  const chosen = known.filter((slug) => slugs === undefined || slugs.includes(slug));
  const vendors = await Promise.all(chosen.map((slug) => vendorLoaders[slug]!()));
  const across = chosen.length > 1 ? await Promise.all(Object.values(acrossLoaders).map((load) => load())) : [];
  return { vendors, across: across.map((set) => among(set, chosen)).filter(({ tools }) => tools.length > 0) };
}

/** The tools that have two or more of these vendors to ask. */
function among(set: Across, slugs: readonly string[]): Across {
  const asked = (tool: Across["tools"][number]) =>
    new Set(tool.parts.map(({ vendor }) => vendor).filter((vendor) => slugs.includes(vendor)));
  return { ...set, tools: set.tools.filter((tool) => asked(tool).size > 1) };
}
