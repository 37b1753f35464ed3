import type { FastifyInstance } from "fastify";

const A_YEAR = "public, max-age=31536000, immutable";

/** The stylesheet and the logo. Their addresses change with their content, so they are kept for ever. */
export default async function assets(app: FastifyInstance): Promise<void> {
  for (const { path, type, bytes } of app.look.assets) {
    app.get(path, async (_request, reply) => reply.type(type).header("cache-control", A_YEAR).send(bytes));
  }
}
