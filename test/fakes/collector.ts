import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A part of a trace as OTLP spells it, with its attributes as an object. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links?: readonly { readonly traceId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A fake: an OpenTelemetry collector on loopback that keeps what it is sent, as OTLP over HTTP in JSON. */
export async function serveCollector() {
  const bodies: string[] = [];
  const headers: (string | undefined)[] = [];
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/v1/traces") bodies.push(Buffer.concat(chunks).toString());
    headers.push(request.headers.authorization);
    reply.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers,
    text: () => bodies.join("\n"),
    spans: (): SentSpan[] => bodies.flatMap((body) => spansOf(JSON.parse(body))),
    close: () => new Promise((done) => server.close(done)),
  };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SentSpan, "attributes"> & { readonly attributes: readonly Attribute[] })[];
    }[];
  }[];
}

const spansOf = ({ resourceSpans }: Exported): SentSpan[] =>
  resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map((span) => ({ ...span, attributes: Object.fromEntries(span.attributes.map(pairOf)) }));

const pairOf = ({ key, value }: Attribute) => [key, value.stringValue ?? Number(value.intValue)] as const;
