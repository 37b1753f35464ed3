import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

/** What Fastify refuses before the SDK sees it, in the words of JSON-RPC; an outage is for the one handler of errors. */
export async function answerBadBody(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const status = error.statusCode ?? 500;
  if (status === 503) throw error;
  if (status >= 500) request.log.error({ err: error }, "MCP request failed");
  const [code, message] = ANSWERS[status] ?? [-32603, `Internal error, reference ${request.id}.`];
  await reply.code(ANSWERS[status] ? status : 500).send({ jsonrpc: "2.0", error: { code, message }, id: null });
}

const ANSWERS: Readonly<Record<number, readonly [number, string]>> = {
  400: [-32700, "Parse error: the request body is not valid JSON, or nested too deep."],
  413: [-32000, "The request body is too large."],
  415: [-32000, "Unsupported Media Type: Content-Type must be application/json."],
};
