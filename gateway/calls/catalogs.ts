import type { FastifyInstance } from "fastify";
import { acrossCatalog, type Catalog, catalogOf, type Lock, unionOf, unlockedTools } from "./catalog.ts";

/** What is served at each address: by vendor, and under `all` everything together with the tools across vendors. */
export interface Catalogs {
  of(vendor: string): Catalog | undefined;
  readonly all: Catalog;
}

type House = Pick<FastifyInstance, "vendors" | "across" | "config" | "log">;

export function catalogsOf(app: House, lock: Lock): Catalogs {
  const own = [...app.vendors.values()].map((vendor) => catalogOf(vendor, lock));
  const across = app.across.map((set) => acrossCatalog(set, lock));
  for (const catalog of [...own, ...across]) {
    const tools = unlockedTools(catalog);
    if (tools.length > 0) app.log.error({ at: catalog.slug, tools }, "tools not served, they differ from the lock");
  }
  const bySlug = new Map(own.map((catalog) => [catalog.slug, catalog] as const));
  const about = { slug: "all", title: app.config.product.name, instructions: instructionsFor(app) };
  return { of: (vendor) => bySlug.get(vendor), all: unionOf([...own, ...across], about) };
}

/** Names sort the tools across vendors into the middle of the list; a question about one thing everywhere begins with them. */
function instructionsFor({ across }: Pick<House, "across">): string {
  const prefixes = across.map(({ prefix }) => `${prefix}_`).join(", ");
  const some = prefixes && ` Tools that begin with ${prefixes} ask several vendors in one call.`;
  return `The tools of every vendor this person has connected; each begins with its vendor's prefix.${some}`;
}
