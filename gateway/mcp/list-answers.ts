import { randomUUID } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Listing } from "../calls/listing.ts";

/** The SDK's answer to one question, cut where the id of the request stands. */
interface KeptAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly before: Buffer;
  readonly after: string;
}

/** Everything of a request, beside its body, that the SDK looks at. */
const HEADERS = ["accept", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"];

/** Bounds on what is kept: hosts ask in a handful of ways, and a list is some 30 KB. */
const MOST_ANSWERS = 32;
const LONGEST_QUESTION = 2048;

/**
 * `tools/list` is what clients ask most, and for equal tools the answer to an equal question differs in its id alone. So
 * the SDK answers each question once and its bytes are kept: a list then costs a fifth of the time. The key holds
 * the question and the tools the caller may see, nothing of the caller: two people with equal rights read equal bytes.
 */
export function listAnswers(handler: Pick<McpHttpHandler, "fetch">) {
  const kept = new Map<string, KeptAnswer>();
  const numbers = new WeakMap<Listing, number>();
  let listings = 0;

  /** @returns whether it was answered: only a plain `tools/list` is that the SDK answers with 200 */
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    { listing, auth }: { listing: Listing; auth(): AuthInfo },
  ): Promise<boolean> => {
    const question = request.method === "POST" ? questionOf(request.body) : undefined;
    if (!question) return false;
    const asked = JSON.stringify([...HEADERS.map((name) => request.headers[name]), question.params]);
    if (asked.length > LONGEST_QUESTION) return false;
    const key = `${numberOf(listing)} ${asked}`;
    const answer = kept.get(key) ?? (await ask(handler, request, auth(), question));
    if (!answer) return false;
    if (!kept.has(key)) keep(key, answer);
    send(reply, answer, JSON.stringify(question.id));
    return true;
  };

  /** In place of the names of its tools, which are many; equal listings are one. */
  function numberOf(listing: Listing): number {
    const number = numbers.get(listing) ?? ++listings;
    numbers.set(listing, number);
    return number;
  }

  function keep(key: string, answer: KeptAnswer) {
    const [oldest] = kept.keys();
    if (kept.size >= MOST_ANSWERS && oldest !== undefined) kept.delete(oldest);
    kept.set(key, answer);
  }
}

/** Not through the framework: it would have to be given one piece, and to copy these costs more than anything else here. */
function send(reply: FastifyReply, { headers, before, after }: KeptAnswer, id: string) {
  const end = id + after;
  const length = before.length + Buffer.byteLength(end);
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...headers, "content-length": length });
  reply.raw.write(before);
  reply.raw.end(end);
}

interface Question {
  readonly id: string | number;
  readonly params: unknown;
  readonly body: Readonly<Record<string, unknown>>;
}

function questionOf(body: unknown): Question | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const { jsonrpc, id, method, params, ...more } = body as Record<string, unknown>; // an object, as was just seen
  const plain = jsonrpc === "2.0" && method === "tools/list" && Object.keys(more).length === 0;
  const named = typeof id === "string" || Number.isSafeInteger(id);
  return plain && named ? { id: id as string | number, params, body: body as Question["body"] } : undefined;
}

async function ask(
  handler: Pick<McpHttpHandler, "fetch">,
  { url, headers }: FastifyRequest,
  authInfo: AuthInfo,
  { body }: Question,
): Promise<KeptAnswer | undefined> {
  const placeholder = randomUUID();
  const parsedBody = { ...body, id: placeholder };
  const sent = new Headers(
    HEADERS.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])) as [string, string][],
  );
  const asked = new Request(new URL(url, "http://localhost"), {
    method: "POST",
    headers: sent,
    body: JSON.stringify(parsedBody),
  });
  const answer = await handler.fetch(asked, { authInfo, parsedBody });
  const [before, after, ...more] = (await answer.text()).split(`"${placeholder}"`);
  if (answer.status !== 200 || before === undefined || after === undefined || more.length > 0) return undefined;
  return { headers: Object.fromEntries(answer.headers), before: Buffer.from(before), after };
}
