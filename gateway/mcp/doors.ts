import type { FastifyInstance } from "fastify";
import manifest from "../../package.json" with { type: "json" };
import {
  acrossCatalog,
  type Catalog,
  catalogOf,
  type Lock,
  profilesOf,
  unionOf,
  unlockedTools,
  within,
} from "../calls/catalog.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { connectStateCodec } from "./connect-request.ts";
import { type Door, door, type ServerFactory } from "./door.ts";
import { searchServer } from "./search.ts";
import { callSupport, stateKey } from "./support.ts";

/** What stands behind every address, made when it is first asked for. */
export interface Doors {
  serves(vendor: string): boolean;
  /** @returns undefined for a profile that no tool of this address belongs to */
  open(vendor: string, query: Readonly<Record<string, unknown>>): Door | undefined;
  profileHelp(vendor: string): string;
  close(): Promise<void>;
}

export function openDoors(app: FastifyInstance, lock: Lock, servers: Readonly<Record<string, ServerFactory>>): Doors {
  const shared = { support: callSupport(app), codec: connectStateCodec(stateKey(app)), log: app.log, version: manifest.version }; // biome-ignore format: one thought
  const catalogs = catalogsOf(app, lock);
  const opened = new Map<string, Door>();

  function open(vendor: string, profile: string | undefined, search: boolean): Door | undefined {
    const whole = catalogs.get(vendor)!;
    const chosen = profile === undefined ? whole : within(whole, profile);
    // What is searched need not fit into a list.
    const catalog: Catalog = search ? { ...chosen, most: undefined } : chosen;
    if (catalog.tools.size === 0 && profile !== undefined) return undefined;
    const parts = { ...shared, catalog };
    return door(parts, search ? (context) => searchServer(parts, context) : servers[vendor]);
  }

  return {
    serves: (vendor) => catalogs.has(vendor),
    open(vendor, { profile, tools }) {
      const named = typeof profile === "string" ? profile : undefined;
      const search = tools === "search";
      const key = JSON.stringify([vendor, named, search]);
      const found = opened.get(key) ?? open(vendor, named, search);
      if (found) opened.set(key, found);
      return found;
    },
    profileHelp: (vendor) =>
      `No tool here has this profile. Profiles: ${profilesOf(catalogs.get(vendor)!).join(", ")}.`,
    close: async () => void (await Promise.all([...opened.values()].map((one) => one.close()))),
  };
}

function catalogsOf(app: FastifyInstance, lock: Lock): Map<string, Catalog> {
  const own = [...app.vendors.values()].map((vendor) => catalogOf(vendor, lock));
  const across = app.across.map((set) => acrossCatalog(set, lock));
  for (const catalog of [...own, ...across]) {
    const tools = unlockedTools(catalog);
    if (tools.length > 0) app.log.error({ at: catalog.slug, tools }, "tools not served, they differ from the lock");
  }
  const title = app.config.product.name;
  return new Map([
    ...own.map((catalog) => [catalog.slug, catalog] as const),
    [ALL_VENDORS, unionOf([...own, ...across], { slug: "all", title, instructions: instructionsFor(app) })],
  ]);
}

/** Names sort the tools across vendors into the middle of the list; a question about one thing everywhere begins with them. */
function instructionsFor({ across }: Pick<FastifyInstance, "across">): string {
  const prefixes = across.map(({ prefix }) => `${prefix}_`).join(", ");
  const some = prefixes && ` Tools that begin with ${prefixes} ask several vendors in one call.`;
  return `The tools of every vendor this person has connected; each begins with its vendor's prefix.${some}`;
}
