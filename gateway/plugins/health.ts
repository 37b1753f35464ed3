import type { FastifyInstance } from "fastify";
import { ping } from "../database/index.ts";

const PATIENCE_MS = 2000;

/** For load balancers and people: 200 while the process can do its work, 503 when its database does not answer. */
export default async function health(app: FastifyInstance) {
  app.get("/health", async (_request, reply) => {
    const database = await answersInTime(ping(app.db));
    reply.code(database ? 200 : 503).header("cache-control", "no-store");
    return { status: database ? "ok" : "failing", database: database ? "ok" : "unreachable" };
  });
}

async function answersInTime(answer: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((decide) => {
    timer = setTimeout(decide, PATIENCE_MS, false);
  });
  const answered = answer.then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
