import type { FastifyInstance } from "fastify";
import type { Connector } from "./client-setups.ts";

/** The addresses to add to an assistant: all vendors under one, then each by itself. */
export function connectorsOf({ config, vendors }: Pick<FastifyInstance, "config" | "vendors">): Connector[] {
  const all = config.resource ?? `${config.publicUrl}/mcp`;
  const own = [...vendors.values()].map(({ slug, title }) => ({ slug, title, url: `${config.publicUrl}/v1/${slug}` }));
  return [{ slug: nameOf(config.product.name), title: "All your vendors", url: all }, ...own];
}

/** The product's name as a server name in an assistant's configuration. */
const nameOf = (product: string) => product.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "vendors"; // biome-ignore format: one thought
