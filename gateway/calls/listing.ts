import { decidingFacts } from "../policy/deciding.ts";
import type { OrgPolicy } from "../policy/policy.ts";
import type { Caller } from "./caller.ts";
import type { Catalog, CatalogTool } from "./catalog.ts";

/** What a caller is shown at one address. */
export interface Listing {
  readonly tools: readonly CatalogTool[];
  /** How many more the caller may use, which there is no room for. */
  readonly leftOut: number;
  /** Some call may have to wait for a person. */
  readonly waits: boolean;
}

/** Of one policy: in a large organisation some roles, times some kinds of clients, times some sets of vendors. */
const MOST_OF_A_POLICY = 64;
/** Of one address. Most organisations have one of a few; more are kept once for each. */
const MOST_SHARED = 64;

/**
 * Listings by all that decides about them: the tools, a version of a policy, and what the rule looks at of the caller. What changes
 * any of it is another version, another row of the caller or another time of day, and so another listing at the very next request.
 * A policy that is forgotten takes its listings with it.
 */
const known = new WeakMap<Catalog, Known>();

interface Known {
  readonly byPolicy: WeakMap<OrgPolicy, Map<string, Listing>>;
  /** Equal ones are one: thousands of organisations are shown the same. */
  readonly shared: Map<string, Listing>;
}

export function knownListing(caller: Caller, catalog: Catalog, make: () => Listing): Listing {
  const { policy, at: now, toolsOff } = caller;
  const here = entryOf(known, catalog, () => ({ byPolicy: new WeakMap(), shared: new Map() }));
  const listings = entryOf(here.byPolicy, policy, () => new Map<string, Listing>());
  const facts = decidingFacts(caller, policy, { now, toolsOff });
  const found = listings.get(facts);
  if (found) return found;
  const listing = sharedOf(here.shared, make());
  if (listings.size >= MOST_OF_A_POLICY) listings.clear();
  listings.set(facts, listing);
  return listing;
}

function sharedOf(shared: Map<string, Listing>, listing: Listing): Listing {
  const { tools, leftOut, waits } = listing;
  const key = JSON.stringify([leftOut, waits, ...tools.map(({ tool }) => tool.name)]);
  const same = shared.get(key);
  if (same) return same;
  if (shared.size >= MOST_SHARED) shared.clear();
  shared.set(key, listing);
  return listing;
}

function entryOf<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
