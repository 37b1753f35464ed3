import type { FastifyInstance, FastifyRequest } from "fastify";
import { PageProblem } from "./page-problem.ts";

/**
 * Only pages of ours may post to us. Browsers set both headers by themselves and pages cannot forge either.
 * @throws PageProblem 403
 */
export function refuseForeignPosts({ config }: Pick<FastifyInstance, "config">) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.method === "GET" || request.method === "HEAD") return;
    const { origin, "sec-fetch-site": site } = request.headers;
    if (origin === config.publicUrl || site === "same-origin") return;
    throw new PageProblem(
      403,
      "This form was sent from elsewhere",
      `Open ${config.publicUrl} in your browser and try again there.`,
    );
  };
}
