import type { FastifyInstance } from "fastify";
import manifest from "../../package.json" with { type: "json" };
import { type Catalog, profilesOf, within } from "../calls/catalog.ts";
import { callSupport } from "../calls/support.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { type Door, door, type ServerFactory } from "./door.ts";
import { pageStateCodec } from "./page-request.ts";
import { searchServer } from "./search.ts";
import { stateKeys } from "./state-key.ts";

/** What stands behind every address, made when it is first asked for. */
export interface Doors {
  serves(vendor: string): boolean;
  /** @returns undefined for a profile that no tool of this address belongs to */
  open(vendor: string, query: Readonly<Record<string, unknown>>): Door | undefined;
  profileHelp(vendor: string): string;
  close(): Promise<void>;
}

export function openDoors(app: FastifyInstance, servers: Readonly<Record<string, ServerFactory>>): Doors {
  const shared = { support: callSupport(app), codec: pageStateCodec(stateKeys(app)), log: app.log, version: manifest.version }; // biome-ignore format: one thought
  const opened = new Map<string, Door>();

  function open(vendor: string, profile: string | undefined, search: boolean): Door | undefined {
    const whole = catalogAt(app, vendor)!;
    const chosen = profile === undefined ? whole : within(whole, profile);
    // What is searched need not fit into a list.
    const catalog: Catalog = search ? { ...chosen, most: undefined } : chosen;
    if (catalog.tools.size === 0 && profile !== undefined) return undefined;
    const parts = { ...shared, catalog };
    return door(parts, search ? (context) => searchServer(parts, context) : servers[vendor]);
  }

  return {
    serves: (vendor) => catalogAt(app, vendor) !== undefined,
    open(vendor, { profile, tools }) {
      const named = typeof profile === "string" ? profile : undefined;
      const search = tools === "search";
      const key = named === undefined && !search ? vendor : JSON.stringify([vendor, named, search]);
      const found = opened.get(key) ?? open(vendor, named, search);
      if (found) opened.set(key, found);
      return found;
    },
    profileHelp: (vendor) =>
      `No tool here has this profile. Profiles: ${profilesOf(catalogAt(app, vendor)!).join(", ")}.`,
    close: async () => void (await Promise.all([...opened.values()].map((one) => one.close()))),
  };
}

const catalogAt = ({ catalogs }: Pick<FastifyInstance, "catalogs">, vendor: string): Catalog | undefined =>
  vendor === ALL_VENDORS ? catalogs.all : catalogs.of(vendor);
