import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";

/** What is wrong with a body or a query, field by field. */
export async function badBody(request: FastifyRequest, reply: FastifyReply, error: z.ZodError) {
  const fields = error.issues.map(({ path, message }) => ({ field: path.join(".") || "body", message }));
  const message = "The body is not as expected.";
  return await reply.code(400).send({ code: "INVALID_INPUT", message, fields, requestId: request.id });
}
