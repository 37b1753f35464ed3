import { randomUUID } from "node:crypto";
import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import type { FastifyRequest } from "fastify";

/** The SDK's answer to one question, cut where the id of the request stands. */
interface KeptAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly before: Buffer;
  readonly after: Buffer;
}

export interface ListAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Everything of a request, beside its body, that the SDK looks at. */
const HEADERS = ["accept", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"];

/** Bounds on what is kept: hosts ask in a handful of ways, and a list is some 30 KB. */
const MOST_ANSWERS = 32;
const LONGEST_QUESTION = 2048;

/**
 * `tools/list` is what clients ask most, and for equal tools the answer to an equal question differs in its id alone. So
 * the SDK answers each question once and its bytes are kept: a list then costs a quarter of the time. The key holds
 * the question and the tools the caller may see, nothing of the caller: two people with equal rights read equal bytes.
 */
export function listAnswers(handler: Pick<McpHttpHandler, "fetch">) {
  const kept = new Map<string, KeptAnswer>();

  /** @returns undefined for anything but a plain `tools/list` that the SDK answers with 200: it then serves as always */
  return async (request: FastifyRequest, auth: AuthInfo, visible: string): Promise<ListAnswer | undefined> => {
    const question = request.method === "POST" ? questionOf(request.body) : undefined;
    if (!question) return undefined;
    const key = JSON.stringify([visible, ...HEADERS.map((name) => request.headers[name]), question.params]);
    if (key.length > LONGEST_QUESTION + visible.length) return undefined;

    const answer = kept.get(key) ?? (await ask(handler, request, auth, question));
    if (!answer) return undefined;
    if (!kept.has(key)) keep(key, answer);
    const body = Buffer.concat([answer.before, Buffer.from(JSON.stringify(question.id)), answer.after]);
    return { headers: answer.headers, body };
  };

  function keep(key: string, answer: KeptAnswer) {
    const [oldest] = kept.keys();
    if (kept.size >= MOST_ANSWERS && oldest !== undefined) kept.delete(oldest);
    kept.set(key, answer);
  }
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
  return { headers: Object.fromEntries(answer.headers), before: Buffer.from(before), after: Buffer.from(after) };
}
