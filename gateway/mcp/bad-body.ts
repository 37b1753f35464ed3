import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

/** What is refused before the SDK sees it, in the words of JSON-RPC. An outage says itself when to ask again. */
export async function answerBadBody(
  error: FastifyError & { readonly retryAfterSeconds?: number },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { statusCode: status = 500, retryAfterSeconds } = error;
  if (status === 503 && retryAfterSeconds) {
    const problem = { code: -32000, message: error.message, data: { code: error.code, retryAfterSeconds } };
    reply.code(503).headers({ "retry-after": retryAfterSeconds, "cache-control": "no-store" });
    return await reply.send({ jsonrpc: "2.0", error: problem, id: null });
  }
  if (status >= 500) request.log.error({ err: error }, "MCP request failed");
  const [code, message] = ANSWERS[status] ?? [-32603, `Internal error, reference ${request.id}.`];
  await reply.code(ANSWERS[status] ? status : 500).send({ jsonrpc: "2.0", error: { code, message }, id: null });
}

const ANSWERS: Readonly<Record<number, readonly [number, string]>> = {
  400: [-32700, "Parse error: the request body is not valid JSON, or nested too deep."],
  413: [-32000, "The request body is too large."],
  415: [-32000, "Unsupported Media Type: Content-Type must be application/json."],
};
