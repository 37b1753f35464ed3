import { memoryTokens, type Transport } from "../../runtime/index.ts";

/** What the fake was asked, as a test wants to compare it. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | null | undefined;
  readonly redirect: string | undefined;
}

type Answer = Response | Error | unknown;

/** A fetch that gives the answers in turn (the last one again and again) and notes what it was asked. */
export function fakeFetch(...answers: (Answer | ((asked: Asked) => Answer | Promise<Answer>))[]) {
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const question: Asked = {
      method: init.method ?? "GET",
      url: String(input),
      headers: new Headers(init.headers),
      body: init.body === undefined ? undefined : String(init.body),
      signal: init.signal,
      redirect: init.redirect,
    };
    asked.push(question);
    init.signal?.throwIfAborted();
    const next = answers[Math.min(asked.length, answers.length) - 1];
    const answer = typeof next === "function" ? await next(question) : next;
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer.clone() : json(answer);
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}

export const json = (value: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(value), { ...init, headers: { "content-type": "application/json", ...init.headers } });

export const status = (code: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  json(body, { status: code, headers });

export const html = (text = "<!doctype html><title>Sign in</title>") =>
  new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });

/** Answers never, until the request is aborted. */
export const silence = ({ signal }: Asked) =>
  new Promise<never>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

export const transport = (fetch: typeof globalThis.fetch, more: Partial<Transport> = {}): Transport => ({
  fetch,
  tokens: memoryTokens(),
  ...more,
});

/** The paths of the one test vendor. */
export interface Paths {
  "/items": {
    get: Operation<{ query?: Record<string, unknown> }>;
    post: Operation<{ query?: never }, { name?: string | null }>;
  };
  "/items/{id}": { get: Operation<{ path: { id: string } }>; delete: Operation<{ path: { id: string } }> };
  "/items/{id}/notes": { get: Operation<{ path: { id: string } }> };
}

interface Operation<Parameters, Body = never> {
  parameters: Parameters;
  requestBody?: { content: { "application/json": Body } };
  responses: { 200: { content: { "application/json": { [field: string]: unknown } } } };
}
