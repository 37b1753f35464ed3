import type { FastifyInstance } from "fastify";
import { page } from "./render.ts";
import { tileOf, toolCounts } from "./words.ts";

/** `GET /`: what is served here, and the addresses to add. */
export default async function home(app: FastifyInstance): Promise<void> {
  app.get("/", async (request, reply) => {
    const vendors = [...app.vendors.values()].map((vendor) => ({
      ...tileOf(vendor),
      counts: toolCounts(vendor),
      url: `${app.config.publicUrl}/v1/${vendor.slug}`,
    }));
    const all = app.config.resource ?? `${app.config.publicUrl}/mcp`;
    const signedIn = Boolean(request.signedIn);
    return page(reply, "home", { all, vendors, signedIn }, { title: "Connectors", signIn: !signedIn });
  });
}
